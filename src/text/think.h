/* think.h - the think/answer structure of a completion:  <think> reasoning </think><answer> code </answer>. */
#ifndef PGR_TEXT_THINK_H
#define PGR_TEXT_THINK_H

#include <stdbool.h>
#include <stddef.h>

struct pgr_span {
    const char *at; /* borrowed from the completion */
    size_t n;
};

/* Strict: <think>, </think>, <answer>, </answer> stand in the text exactly once each and in this order, only white
 * space stands before, between and after the two blocks, and neither block is blank. White space is space, \t \n \v \f
 * \r.
 *
 * Lenient: `think` is the inside of the first block when the first <think> is closed. `answer` is sought behind the
 * last
 * </think> (in the whole text when there is neither tag of a think block; nowhere when a <think> stays open): the
 * last closed answer block there, or what follows an <answer> that stays open (a completion cut off), or all of it if
 * there is no <answer>. A blank answer is none. */
struct pgr_think {
    bool strict; /* exactly the structure, nothing else but white space around and between the two blocks */
    const char
        *why; /* when not strict: what is wrong, static text ("no <think>", "text after </answer>", ...); else NULL */
    bool has_think;         /* one well-formed think block was found; `think` is its inside */
    struct pgr_span think;  /* without surrounding white space */
    bool has_answer;        /* an answer could be found, leniently; `answer` is its inside */
    struct pgr_span answer; /* without surrounding white space */
};

/* Parses text[n]. Never fails; works on any bytes; linear in n. */
void pgr_think_parse(const char *text, size_t n, struct pgr_think *out);

/* The code of an answer: the inside of the last fenced block that is tagged as Python (python, py, python3, any case),
 * or else of the last block without a tag; all of the answer when there is neither. A fence is a line that starts,
 * after at most three spaces, with three or more backticks; it ends at a line of at least as many and nothing else, or
 * at the end of the answer (cut off). The code includes the newline before the closing fence. */
struct pgr_span pgr_answer_code(struct pgr_span answer);

#endif
