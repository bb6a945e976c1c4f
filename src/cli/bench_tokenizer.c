/* bench_tokenizer.c - `pgrpo bench tokenizer`: encoding on one thread, in processor time. */
#include <time.h>

#include "base/file.h"
#include "base/mem.h"
#include "cli/bench.h"
#include "cli/cache.h"
#include "sbx/embed.h"
#include "text/tok.h"

enum { MAX_FILE_BYTES = 1 << 30 };

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static pgr_err read_files(const struct pgr_bench_opts *o, struct pgr_buf *text) {
    if (o->files.n == 0) {
        pgr_buf_add(&text[0], (const char *)pgr_sbx_player_py, pgr_sbx_player_py_bytes);
        return pgr_buf_ok(&text[0]);
    }
    for (size_t i = 0; i < o->files.n; i++) PGR_TRY(pgr_file_read(o->files.item[i], MAX_FILE_BYTES, &text[i]));
    return PGR_OK;
}

/* Every run opens the tokenizer anew, so that none finds words in the cache of the one before; `warm` is the best of a
 * second pass over the same text. */
static pgr_err one_run(const char *path, const struct pgr_buf *text, size_t n_text, double *cold_s, double *warm_s,
                       size_t *n_id) {
    struct pgr_tok *tok;
    struct pgr_ids ids = {NULL, 0, 0};
    PGR_TRY(pgr_tok_open(path, &tok));
    pgr_err err = PGR_OK;
    for (int pass = 0; pass < 2 && err == PGR_OK; pass++) {
        ids.n = 0;
        double start = cpu_s();
        for (size_t i = 0; i < n_text && err == PGR_OK; i++)
            err = pgr_tok_encode(tok, pgr_buf_str(&text[i]), text[i].len, true, &ids);
        double took = cpu_s() - start;
        if (pass == 0)
            *cold_s = took;
        else if (took < *warm_s)
            *warm_s = took;
    }
    *n_id = ids.n;
    pgr_ids_free(&ids);
    pgr_tok_close(tok);
    return err;
}

pgr_err pgr_bench_tokenizer(const struct pgr_bench_opts *o, double *rate, json_t *more) {
    enum { MAX_FILES = 64 };
    struct pgr_buf text[MAX_FILES];
    for (size_t i = 0; i < MAX_FILES; i++) text[i] = (struct pgr_buf)PGR_BUF_INIT;
    char *path = NULL;
    double warm_s = 1e30, cold_s = 0, best_s = 1e30;
    size_t n_text = o->files.n ? o->files.n : 1, n_id = 0, n_byte = 0;
    pgr_err err;
    PGR_TRY_GOTO(pgr_model_path_resolve(o->model, &path));
    PGR_TRY_GOTO(read_files(o, text));
    for (size_t i = 0; i < n_text; i++) n_byte += text[i].len;
    if (n_byte == 0) {
        err = pgr_fail(PGR_E_RANGE, "the files are empty");
        goto out;
    }
    for (size_t r = 0; r < o->runs; r++) {
        PGR_TRY_GOTO(one_run(path, text, n_text, &cold_s, &warm_s, &n_id));
        rate[r] = (double)n_id / cold_s;
        if (cold_s < best_s) best_s = cold_s;
    }
    PGR_TRY_GOTO(pgr_bench_add(more, "bytes", (double)n_byte));
    PGR_TRY_GOTO(pgr_bench_add(more, "mb_per_second", (double)n_byte * 1e-6 / best_s));
    err = pgr_bench_add(more, "warm_mb_per_second", (double)n_byte * 1e-6 / warm_s);
out:
    for (size_t i = 0; i < n_text; i++) pgr_buf_free(&text[i]);
    pgr_free(path);
    return err;
}
