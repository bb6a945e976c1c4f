/* fuzz_wire.c - the bytes that tested programs send: frames, values, claims.
 *
 * Beyond not crashing: a value that is accepted has exactly the length that was reported, has one way to be taken
 * apart, equals itself, and is shown in bounded space; and what comes after it does not matter. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sbx/run.h"
#include "sbx/typed.h"
#include "sbx/verdict.h"
#include "sbx/wire.h"

#define CHECK(x)                                                                                                       \
    if (!(x)) abort()

static void value(const unsigned char *p, size_t n) {
    struct pgr_wire_scan s, again;
    struct pgr_buf text = PGR_BUF_INIT;
    if (!pgr_wire_scan(p, n, PGR_WIRE_OBJECTS | PGR_WIRE_OPAQUE, &s)) {
        CHECK(s.n_bytes <= n && s.n_nodes >= 1 && s.n_nodes <= s.n_bytes);
        CHECK(!pgr_wire_scan(p, s.n_bytes, PGR_WIRE_OBJECTS | PGR_WIRE_OPAQUE, &again) && again.n_bytes == s.n_bytes);
        CHECK(s.n_bytes == 1 || pgr_wire_scan(p, s.n_bytes - 1, PGR_WIRE_OBJECTS | PGR_WIRE_OPAQUE, &again));
        pgr_wire_show(p, s.n_bytes, 100, &text);
        CHECK(text.len < 2000);
    }
    struct pgr_wire_value v;
    if (!pgr_wire_scan(p, n, PGR_WIRE_OPAQUE, &s) && pgr_wire_parse(p, s.n_bytes, &v) == PGR_OK) {
        bool same = false;
        CHECK(v.n_nodes == s.n_nodes && v.node[0].n_nodes == s.n_nodes);
        CHECK(pgr_wire_equal(&v, &v, 0, 0, &same) == PGR_OK);
        CHECK(same == (s.opaque == SIZE_MAX));
        pgr_wire_free(&v);
    }
    pgr_buf_free(&text);
}

static void frames(const unsigned char *p, size_t n) {
    struct pgr_run r;
    char letter;
    struct pgr_span payload;
    memset(&r, 0, sizeof r);
    r.out_fd = r.err_fd = r.frames_fd = r.requests_fd = r.pidfd = -1;
    pgr_buf_add(&r.frames, p, n);
    while (pgr_run_frame(&r, &letter, &payload)) {
        struct pgr_claim claim = {.have = false};
        CHECK(letter >= 'a' && letter <= 'z' && payload.n <= PGR_RUN_MAX_FRAME);
        if (letter == 'x') pgr_claim_read(payload, &claim);
        value((const unsigned char *)payload.data, payload.n);
    }
    CHECK(r.frames_done <= r.frames.len);
    pgr_buf_free(&r.frames);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    /* An exact copy, so that a read past the end is seen. */
    unsigned char *copy = malloc(size);
    if (!copy) return 0;
    memcpy(copy, data, size);
    if (copy[0] == '!')
        frames(copy + 1, size - 1);
    else
        value(copy, size);
    free(copy);
    return 0;
}
