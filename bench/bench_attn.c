/* bench_attn.c - attention at the shapes of Qwen2.5-0.5B (14 heads, 2 key/value heads, 64) and one of 128 dimensions.
 *
 *   bench_attn [isa=NAME] [dtype=f32] [reps=N]
 *
 * Prints a JSON line for each case: one layer, best of `reps` runs. GFLOP/s count 4 d operations for each pair of a
 * query and a key it sees forward, 10 d backward, nothing for softmax. Cases: packed (8 segments of 512 tokens; 4
 * prompts of 128 with 8 completions of 128 each), decode (64 sequences of 192 keys, groups of 8 share 128), prefill
 * (512 tokens). */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/par.h"
#include "kern/attn.h"
#include "kern/cpu.h"
#include "shared.h"

static enum pgr_dtype dtype = PGR_BF16;
static size_t reps = 9;

static void *array(size_t n, size_t size_bytes) { return bench_block(n * size_bytes); }

static void *random_elems(size_t n) {
    void *p = array(n, pgr_dtype_bytes(dtype));
    bench_random(p, n, dtype);
    return p;
}

static void report(const char *what, const struct pgr_attn_shape *sh, size_t n_tok, double best_s, double flop) {
    printf("{\"bench\":\"attn\",\"op\":\"%s\",\"isa\":\"%s\",\"dtype\":\"%s\",\"threads\":%zu,\"n_head\":%zu,"
           "\"n_kv_head\":%zu,\"d_head\":%zu,\"tokens\":%zu,\"seconds\":%.3e,\"gflops\":%.1f}\n",
           what, pgr_isa_name(pgr_isa()), dtype == PGR_F32 ? "f32" : "bf16", pgr_par_threads(), sh->n_head,
           sh->n_kv_head, sh->d_head, n_tok, best_s, flop / best_s * 1e-9);
    fflush(stdout);
}

static void packed(const struct pgr_attn_shape *sh, const char *name, const struct pgr_segments *seg) {
    size_t n = seg->start[seg->n_seg], cols = (sh->n_head + 2 * sh->n_kv_head) * sh->d_head,
           ocols = sh->n_head * sh->d_head;
    void *qkv = random_elems(n * cols), *out = random_elems(n * ocols), *dout = random_elems(n * ocols),
         *dqkv = random_elems(n * cols);
    float *lse = array(sh->n_head * n, sizeof *lse),
          *scratch = array(pgr_attn_backward_scratch(sh, seg), sizeof *scratch);
    double pairs = 0, best[2] = {1e9, 1e9};
    for (size_t s = 0; s < seg->n_seg; s++) {
        double len = (double)(seg->start[s + 1] - seg->start[s]), before = 0;
        if (seg->parent && seg->parent[s] >= 0)
            before = (double)(seg->start[seg->parent[s] + 1] - seg->start[seg->parent[s]]);
        pairs += len * before + len * (len + 1) / 2;
    }
    pairs *= (double)sh->n_head;
    for (size_t r = 0; r < reps; r++) {
        double t0 = pgr_now_s();
        pgr_attn_forward(sh, seg, dtype, qkv, cols, out, ocols, lse);
        double t1 = pgr_now_s();
        pgr_attn_backward(sh, seg, dtype, qkv, cols, out, dout, ocols, lse, dqkv, cols, scratch);
        double t2 = pgr_now_s();
        if (t1 - t0 < best[0]) best[0] = t1 - t0;
        if (t2 - t1 < best[1]) best[1] = t2 - t1;
    }
    char what[64];
    snprintf(what, sizeof what, "%s_forward", name);
    report(what, sh, n, best[0], 4 * pairs * (double)sh->d_head);
    snprintf(what, sizeof what, "%s_backward", name);
    report(what, sh, n, best[1], 10 * pairs * (double)sh->d_head);
    pgr_free(qkv);
    pgr_free(out);
    pgr_free(dout);
    pgr_free(dqkv);
    pgr_free(lse);
    pgr_free(scratch);
}

/* n_row rows; row r sees n_key(r) keys through its own table; the first `shared` keys of a group of 8 are common. */
static void paged(const struct pgr_attn_shape *sh, const char *name, size_t n_row, size_t first_key, size_t grow,
                  size_t shared, bool one_sequence) {
    size_t ocols = sh->n_head * sh->d_head, most = first_key + grow * (n_row - 1);
    size_t per_row = (most + PGR_ATTN_BLOCK - 1) / PGR_ATTN_BLOCK, page = pgr_attn_page_elems(sh);
    size_t n_page = one_sequence ? per_row : n_row * per_row;
    void *pool = random_elems(n_page * page), *q = random_elems(n_row * ocols), *out = random_elems(n_row * ocols);
    uint32_t *table = array(n_row * per_row, sizeof *table);
    struct pgr_attn_row *rows = array(n_row, sizeof *rows);
    double pairs = 0, best = 1e9;
    for (size_t r = 0; r < n_row; r++) {
        rows[r] = (struct pgr_attn_row){table + (one_sequence ? 0 : r * per_row), first_key + grow * r};
        pairs += (double)(rows[r].n_key * sh->n_head);
        for (size_t j = 0; j < per_row; j++)
            table[r * per_row + j] = (uint32_t)((one_sequence                         ? 0
                                                 : (j + 1) * PGR_ATTN_BLOCK <= shared ? r / 8 * 8
                                                                                      : r) *
                                                    per_row +
                                                j);
    }
    for (size_t i = 0; i < reps; i++) {
        double t0 = pgr_now_s();
        pgr_attn_paged(sh, dtype, n_row, rows, pool, page, q, ocols, out, ocols);
        double t = pgr_now_s() - t0;
        if (t < best) best = t;
    }
    report(name, sh, n_row, best, 4 * pairs * (double)sh->d_head);
    pgr_free(pool);
    pgr_free(q);
    pgr_free(out);
    pgr_free(table);
    pgr_free(rows);
}

int main(int argc, char **argv) {
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "isa=", 4) == 0) {
            enum pgr_isa isa = PGR_ISA_REF;
            while (isa < PGR_ISA_COUNT && strcmp(pgr_isa_name(isa), argv[i] + 4) != 0) isa++;
            bench_check(pgr_isa_set(isa));
        } else if (strcmp(argv[i], "dtype=f32") == 0) {
            dtype = PGR_F32;
        } else if (strncmp(argv[i], "reps=", 5) == 0) {
            reps = strtoul(argv[i] + 5, NULL, 10);
        }
    }
    static const struct pgr_attn_shape shapes[] = {{14, 2, 64, 0.125f}, {16, 8, 128, 0.0883883f}};
    for (size_t i = 0; i < 2; i++) {
        size_t start[37] = {0};
        int32_t parent[36];
        for (size_t s = 0; s < 8; s++) start[s + 1] = (s + 1) * 512;
        packed(&shapes[i], "packed", &(struct pgr_segments){8, start, NULL});
        for (size_t s = 0; s < 36; s++) {
            start[s + 1] = start[s] + 128;
            parent[s] = s % 9 ? (int32_t)(s / 9 * 9) : -1;
        }
        packed(&shapes[i], "group", &(struct pgr_segments){36, start, parent});
        paged(&shapes[i], "decode", 64, 192, 0, 128, false);
        paged(&shapes[i], "prefill", 512, 1, 1, 0, true);
    }
    return 0;
}
