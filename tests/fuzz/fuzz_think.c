/* fuzz_think.c - any bytes as a completion, as an answer and as a chat template. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "text/chat.h"
#include "text/think.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(int ok) {
    if (!ok) abort();
}

static void need_inside(struct pgr_span s, const char *text, size_t n) {
    need(s.n <= n && s.at >= text && s.at + s.n <= text + n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const char *text = (const char *)data;
    struct pgr_think t;
    pgr_think_parse(text, size, &t);
    need(t.strict == (t.why == NULL));
    if (t.strict) need(t.has_think && t.has_answer && t.think.n > 0);
    if (t.has_think) need_inside(t.think, text, size);
    if (t.has_answer) {
        need_inside(t.answer, text, size);
        need_inside(pgr_answer_code(t.answer), t.answer.at, t.answer.n);
    }
    need_inside(pgr_answer_code((struct pgr_span){text, size}), text, size);
    struct pgr_chat c;
    if (pgr_chat_recognise(&c, text, size, "<s>") == PGR_OK) pgr_chat_free(&c);
    return 0;
}
