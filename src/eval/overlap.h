/* overlap.h - which problems of a benchmark a training file has seen: n-grams of words in common.
 *
 * A word is a run of ASCII letters, digits, underscores and bytes beyond ASCII; letters count without case, all else
 * only parts words. A gram is n words in a row. A text of fewer than n words but at least PGR_OVERLAP_MIN is one gram
 * of all its words; shorter ones are not looked for. Of the benchmark count a problem's prompt and its reference
 * solution, each for itself; of a training record every text in it, however deep, each for itself (a gram does not
 * reach from one to the next). Grams are compared by 64-bit hashes: among 1e9 training words and 1e6 grams a false hit
 * has a chance of about 5e-5.
 *
 * Source of the measure: Brown et al., Language Models are Few-Shot Learners, arXiv:2005.14165, appendix C (13-grams).
 */
#ifndef PGR_EVAL_OVERLAP_H
#define PGR_EVAL_OVERLAP_H

#include <stddef.h>
#include <stdint.h>

#include "task/task.h"

enum { PGR_OVERLAP_N = 13, PGR_OVERLAP_MIN = 5, PGR_OVERLAP_N_MAX = 64 };
enum pgr_overlap_part { PGR_OVERLAP_PROMPT, PGR_OVERLAP_SOLUTION, PGR_OVERLAP_PARTS };

struct pgr_overlap_problem {
    char *id;                          /* owned */
    size_t n_gram[PGR_OVERLAP_PARTS];  /* grams of each part; 0: too short, or not there */
    size_t n_found[PGR_OVERLAP_PARTS]; /* of them in the training file; the same gram counts as often as the problem has
                                          it */
    char *where[PGR_OVERLAP_PARTS];    /* owned: the first training record with one; NULL */
};

struct pgr_overlap_gram;
struct pgr_overlap {
    size_t n_words;                      /* n of the grams */
    struct pgr_overlap_problem *problem; /* owned, [n] */
    size_t n, cap, n_records;
    size_t n_faulty;               /* records of the benchmark that could not be read */
    char *first_fault;             /* owned: what is wrong with the first of them; NULL */
    struct pgr_overlap_gram *gram; /* owned, [n_gram], by hash once pgr_overlap_train runs */
    size_t n_gram, gram_cap;
    unsigned char *maybe;                      /* owned: a bit for some bits of each hash, which spares most searches */
    size_t longest;                            /* grams have lengths up to this */
    unsigned char used[PGR_OVERLAP_N_MAX + 1]; /* which lengths there are */
};

/* PGR_E_RANGE unless MIN <= n_words <= N_MAX. */
PGR_MUST_CHECK pgr_err pgr_overlap_init(struct pgr_overlap *o, size_t n_words);
/* Reads a benchmark's file. Faulty records are counted and left out; PGR_E_FORMAT with the first one's fault when no
 * problem is left. */
PGR_MUST_CHECK pgr_err pgr_overlap_bench(struct pgr_overlap *o, const char *path, const struct pgr_task_filter *filter);
/* Reads a training file: JSON lines, plain or compressed, or an array. Once, after the benchmark. tick: called now and
 * then, false stops with PGR_E_INTERRUPTED; may be NULL. */
PGR_MUST_CHECK pgr_err pgr_overlap_train(struct pgr_overlap *o, const char *path, bool (*tick)(void));
void pgr_overlap_free(struct pgr_overlap *o);

#endif
