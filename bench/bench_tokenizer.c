/* bench_tokenizer.c - encoding and decoding speed of a tokenizer on one thread.
 *
 *     bench_tokenizer --model PATH [--rounds 5] FILE...
 *
 * Reads the files (together the text), encodes them one by one, decodes them again, and prints one JSON line with the
 * best of the rounds. "cold" is the first round, with an empty cache of words. Times are CPU seconds of this process,
 * so that other work on the machine matters little. tools/bench_tokenizer_peer.py measures `tokenizers` on the same
 * files in the same way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "text/tok.h"

static void die(const char *what) {
    fprintf(stderr, "bench_tokenizer: %s\n", what);
    exit(2);
}

static double cpu_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum { MAX_FILES = 4096, MAX_FILE_BYTES = 1 << 30 };

int main(int argc, char **argv) {
    static struct pgr_buf text[MAX_FILES];
    const char *model = NULL;
    size_t rounds = 5, n_file = 0, n_bytes = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--model") == 0 && i + 1 < argc) {
            model = argv[++i];
        } else if (strcmp(argv[i], "--rounds") == 0 && i + 1 < argc) {
            rounds = strtoul(argv[++i], NULL, 10);
        } else {
            if (n_file == MAX_FILES) die("too many files");
            if (pgr_file_read(argv[i], MAX_FILE_BYTES, &text[n_file]) != PGR_OK) die(pgr_err_detail());
            n_bytes += text[n_file++].len;
        }
    }
    if (!model || n_bytes == 0 || rounds < 1) die("usage: bench_tokenizer --model PATH [--rounds N] FILE...");

    struct pgr_tok *tok;
    struct pgr_ids ids = {NULL, 0, 0};
    struct pgr_buf back = PGR_BUF_INIT;
    double start = cpu_s(), cold = 0, best = 1e30, best_decode = 1e30;
    if (pgr_tok_open(model, &tok) != PGR_OK) die(pgr_err_detail());
    double open_s = cpu_s() - start;
    for (size_t r = 0; r < rounds; r++) {
        ids.n = 0;
        start = cpu_s();
        for (size_t f = 0; f < n_file; f++)
            if (pgr_tok_encode(tok, pgr_buf_str(&text[f]), text[f].len, true, &ids) != PGR_OK) die(pgr_err_detail());
        double took = cpu_s() - start;
        if (r == 0) cold = took;
        if (took < best) best = took;
        pgr_buf_clear(&back);
        start = cpu_s();
        if (pgr_tok_decode(tok, ids.id, ids.n, false, &back) != PGR_OK) die(pgr_err_detail());
        took = cpu_s() - start;
        if (took < best_decode) best_decode = took;
    }
    double mb = (double)n_bytes / 1e6;
    printf("{\"bench\":\"tokenizer\",\"tokens_per_second\":%.0f,\"mb_per_second\":%.2f,\"cold_mb_per_second\":%.2f,"
           "\"decode_mb_per_second\":%.2f,\"open_s\":%.4f,\"bytes\":%zu,\"tokens\":%zu,\"files\":%zu}\n",
           (double)ids.n / best, mb / best, mb / cold, mb / best_decode, open_s, n_bytes, ids.n, n_file);
    for (size_t f = 0; f < n_file; f++) pgr_buf_free(&text[f]);
    pgr_ids_free(&ids);
    pgr_buf_free(&back);
    pgr_tok_close(tok);
    return 0;
}
