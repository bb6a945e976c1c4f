/* prompt.c - see prompt.h. */
#include "task/prompt.h"

#include <string.h>

void pgr_prompt_render(const char *template, const struct pgr_task *t, struct pgr_buf *out) {
    static const char prompt[] = "{prompt}", entry[] = "{entry_point}";
    for (const char *s = template; *s;) {
        if (strncmp(s, prompt, sizeof prompt - 1) == 0) {
            pgr_buf_adds(out, t->prompt);
            s += sizeof prompt - 1;
        } else if (strncmp(s, entry, sizeof entry - 1) == 0) {
            pgr_buf_adds(out, t->entry_point ? t->entry_point : "");
            s += sizeof entry - 1;
        } else {
            pgr_buf_addc(out, *s++);
        }
    }
}

pgr_err pgr_prompt_encode(const struct pgr_tok *tok, const char *system, const char *template, const struct pgr_task *t,
                          struct pgr_ids *out) {
    struct pgr_buf user = PGR_BUF_INIT;
    pgr_prompt_render(template, t, &user);
    pgr_err err = pgr_buf_ok(&user);
    if (err == PGR_OK) {
        const struct pgr_msg msg[2] = {{"system", system}, {"user", pgr_buf_str(&user)}};
        size_t skip = system ? 0 : 1;
        err = pgr_chat_encode(tok, msg + skip, 2 - skip, true, out);
    }
    pgr_buf_free(&user);
    return err;
}
