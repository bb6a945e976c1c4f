/* fuzz_reply.c - any bytes as an endpoint's reply: refused with a message, or a reply whose parts fit together. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    struct pgr_buf line = PGR_BUF_INIT;
    for (int chat = 0; chat < 2; chat++) {
        struct pgr_net_reply r = {.tag = 3};
        if (pgr_net_reply_parse((const char *)data, n, chat, &r) == PGR_OK) {
            if (!r.text || r.text[r.n_bytes] != '\0' || r.tag != 3 || r.why) abort();
        } else if (r.text || r.reasoning || r.has_usage || !pgr_err_detail()[0]) {
            abort();
        }
        pgr_net_reply_free(&r);
    }
    pgr_net_error_text((const char *)data, n, "key", &line);
    if (line.len > 300 || memchr(pgr_buf_str(&line), '\n', line.len)) abort();
    if (strstr(pgr_buf_str(&line), "key")) abort();
    pgr_buf_free(&line);
    return 0;
}
