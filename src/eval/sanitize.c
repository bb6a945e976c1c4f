/* sanitize.c - see sanitize.h. */
#include "eval/sanitize.h"

#include "base/buf.h"

pgr_err pgr_sanitize_submit(struct pgr_sbx *s, const char *entry_point, const char *program, size_t n, uint64_t tag,
                            bool *queued) {
    struct pgr_buf in = PGR_BUF_INIT;
    pgr_buf_addf(&in, "%s\n", entry_point ? entry_point : "");
    pgr_buf_add(&in, program, n);
    pgr_err err = pgr_buf_ok(&in);
    json_t *text = err == PGR_OK ? json_stringn(pgr_buf_str(&in), in.len) : NULL, *tests = NULL;
    *queued = text != NULL;
    if (text) {
        tests = json_pack("{s:o}", "stdin", text);
        const struct pgr_sbx_job job = {
            .kind = PGR_SBX_RUN,
            .program = (const char *)pgr_py_sanitize,
            .program_bytes = pgr_py_sanitize_bytes,
            .tests = tests,
            .limits = {.cpu_s = 10},
        };
        err = tests ? pgr_sbx_submit(s, &job, tag) : pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    json_decref(tests);
    pgr_buf_free(&in);
    return err;
}
