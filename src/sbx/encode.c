/* encode.c - jobs to messages. */
#include "sbx/encode.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "sbx/proto.h"
#include "sbx/typed.h"
#include "sbx/wire.h"

const struct pgr_sbx_limits pgr_sbx_default_limits = {.cpu_s = 5,
                                                      .wall_s = 0,
                                                      .memory_bytes = (size_t)1 << 30,
                                                      .output_bytes = 4u << 20,
                                                      .answer_bytes = 4u << 20,
                                                      .n_threads = 32,
                                                      .n_files = 64,
                                                      .scratch_bytes = 16u << 20};

static pgr_err fill_limits(const struct pgr_sbx_limits *in, struct pgr_sbx_limits *out) {
    const struct pgr_sbx_limits *d = &pgr_sbx_default_limits;
    struct pgr_sbx_limits l = *in;
    if (l.cpu_s == 0) l.cpu_s = d->cpu_s;
    if (l.wall_s == 0) l.wall_s = 3 * l.cpu_s + 2;
    if (l.memory_bytes == 0) l.memory_bytes = d->memory_bytes;
    if (l.output_bytes == 0) l.output_bytes = d->output_bytes;
    if (l.answer_bytes == 0) l.answer_bytes = d->answer_bytes;
    if (l.n_threads == 0) l.n_threads = d->n_threads;
    if (l.n_files == 0) l.n_files = d->n_files;
    if (l.scratch_bytes == 0) l.scratch_bytes = d->scratch_bytes;
    if (!(l.cpu_s > 0 && l.cpu_s <= 86400) || !(l.wall_s > 0 && l.wall_s <= 86400))
        return pgr_fail(PGR_E_RANGE, "sandbox limits: CPU %g s and wall %g s must be above 0 and at most a day",
                        l.cpu_s, l.wall_s);
    if (!(l.call_cpu_s >= 0 && l.call_cpu_s <= 86400))
        return pgr_fail(PGR_E_RANGE, "sandbox limits: CPU %g s for a call must be 0 to a day", l.call_cpu_s);
    if (l.memory_bytes > (size_t)1 << 40 || l.scratch_bytes > (size_t)1 << 40)
        return pgr_fail(PGR_E_RANGE, "sandbox limits: %zu bytes of memory, %zu of scratch space; at most 1 TiB",
                        l.memory_bytes, l.scratch_bytes);
    if (l.output_bytes > (size_t)1 << 28)
        return pgr_fail(PGR_E_RANGE, "sandbox limits: %zu bytes of output, at most 256 MiB", l.output_bytes);
    if (l.answer_bytes > (size_t)1 << 28)
        return pgr_fail(PGR_E_RANGE, "sandbox limits: %zu bytes of an answer, at most 256 MiB", l.answer_bytes);
    if (l.n_threads > 4096 || l.n_files > 4096 || l.n_files < 8)
        return pgr_fail(PGR_E_RANGE, "sandbox limits: %zu threads (at most 4096), %zu files (8 to 4096)", l.n_threads,
                        l.n_files);
    *out = l;
    return PGR_OK;
}

static pgr_err encode_stdio(const json_t *tests, struct pgr_buf *out) {
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *t = json_array_get(tests, i);
        const json_t *in = json_object_get(t, "stdin"), *want = json_object_get(t, "stdout");
        if (!json_is_string(in) || !json_is_string(want))
            return pgr_fail(PGR_E_FORMAT, "test %zu needs \"stdin\" and \"stdout\", both text", i);
        pgr_put_blob(out, json_string_value(in), json_string_length(in));
        pgr_put_blob(out, json_string_value(want), json_string_length(want));
    }
    return PGR_OK;
}

static pgr_err encode_call(const json_t *t, size_t i, struct pgr_buf *input, struct pgr_buf *expected) {
    char where[64];
    snprintf(where, sizeof where, "call %zu", i);
    const json_t *args = json_object_get(t, "args"), *want = json_object_get(t, "expected");
    json_t *kwargs = json_object_get(t, "kwargs");
    if ((args && !json_is_array(args)) || (kwargs && !json_is_object(kwargs)) || !want)
        return pgr_fail(PGR_E_FORMAT, "%s needs \"args\" (an array), \"kwargs\" (an object) and \"expected\"", where);
    pgr_wire_put_head(input, 't', json_array_size(args));
    for (size_t k = 0; k < json_array_size(args); k++) PGR_TRY(pgr_typed_encode(json_array_get(args, k), where, input));
    pgr_wire_put_head(input, 'd', json_object_size(kwargs));
    const char *key;
    json_t *v;
    json_object_foreach(kwargs, key, v) {
        pgr_wire_put_text(input, 's', key, strlen(key));
        PGR_TRY(pgr_typed_encode(v, where, input));
    }
    PGR_TRY(pgr_typed_encode(want, where, expected));
    struct pgr_wire_scan s;
    const char *bad = pgr_wire_scan((const unsigned char *)expected->data, expected->len, 0, &s);
    return bad ? pgr_fail(PGR_E_FORMAT, "%s: expected: %s", where, bad) : pgr_buf_ok(input);
}

static pgr_err encode_calls(const json_t *tests, struct pgr_buf *out) {
    struct pgr_buf input = PGR_BUF_INIT, expected = PGR_BUF_INIT;
    pgr_err err = PGR_OK;
    for (size_t i = 0; err == PGR_OK && i < json_array_size(tests); i++) {
        pgr_buf_clear(&input);
        pgr_buf_clear(&expected);
        err = encode_call(json_array_get(tests, i), i, &input, &expected);
        pgr_put_blob(out, pgr_buf_str(&input), input.len);
        pgr_put_blob(out, pgr_buf_str(&expected), expected.len);
    }
    pgr_buf_free(&input);
    pgr_buf_free(&expected);
    return err;
}

static pgr_err encode_snippets(const json_t *tests, struct pgr_buf *out) {
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const json_t *t = json_array_get(tests, i);
        if (!json_is_string(t)) return pgr_fail(PGR_E_FORMAT, "test %zu must be a snippet of Python", i);
        pgr_put_blob(out, json_string_value(t), json_string_length(t));
        pgr_put_blob(out, NULL, 0);
    }
    return PGR_OK;
}

static pgr_err encode_tests(const struct pgr_sbx_job *job, struct pgr_buf *out) {
    if (job->kind == PGR_SBX_RUN) {
        const json_t *in = json_object_get(job->tests, "stdin");
        if (in && !json_is_string(in)) return pgr_fail(PGR_E_FORMAT, "\"stdin\" must be text");
        pgr_put_u32(out, 1);
        pgr_put_blob(out, in ? json_string_value(in) : "", json_string_length(in));
        pgr_put_blob(out, NULL, 0);
        return PGR_OK;
    }
    if (!json_is_array(job->tests) || json_array_size(job->tests) == 0)
        return pgr_fail(PGR_E_FORMAT, "the tests must be a list with at least one entry");
    pgr_put_u32(out, (uint32_t)json_array_size(job->tests));
    switch (job->kind) {
    case PGR_SBX_STDIO: return encode_stdio(job->tests, out);
    case PGR_SBX_CALLS:
        if (!job->entry_point || !job->entry_point[0])
            return pgr_fail(PGR_E_FORMAT, "tests by calls need an entry point");
        return encode_calls(job->tests, out);
    case PGR_SBX_ASSERTS: return encode_snippets(job->tests, out);
    default: return pgr_fail(PGR_E_RANGE, "unknown kind of job %d", (int)job->kind);
    }
}

pgr_err pgr_job_encode(const struct pgr_sbx_job *job, uint64_t id, struct pgr_buf *out) {
    struct pgr_sbx_limits l = pgr_sbx_default_limits;
    PGR_TRY(fill_limits(&job->limits, &l));
    if (!(job->atol >= 0 && isfinite(job->atol)) || !(job->rtol >= 0 && isfinite(job->rtol)))
        return pgr_fail(PGR_E_RANGE, "tolerances must be finite and not negative");
    size_t at = pgr_msg_begin(out, PGR_MSG_JOB);
    pgr_put_u64(out, id);
    pgr_put_u32(out, (uint32_t)job->kind);
    pgr_put_u32(out, (job->exact_output ? 1u : 0) | (job->same_process ? 2u : 0) | (job->line_output ? 4u : 0));
    pgr_put_f64(out, job->atol);
    pgr_put_f64(out, job->rtol);
    pgr_put_f64(out, l.cpu_s);
    pgr_put_f64(out, l.wall_s);
    pgr_put_f64(out, l.call_cpu_s);
    pgr_put_u64(out, l.memory_bytes);
    pgr_put_u64(out, l.output_bytes);
    pgr_put_u64(out, l.answer_bytes);
    pgr_put_u64(out, l.n_threads);
    pgr_put_u64(out, l.n_files);
    pgr_put_u64(out, l.scratch_bytes);
    pgr_put_blob(out, job->program ? job->program : "", job->program_bytes);
    pgr_put_str(out, job->setup);
    pgr_put_str(out, job->entry_point);
    PGR_TRY(encode_tests(job, out));
    pgr_msg_end(out, at);
    return pgr_buf_ok(out);
}
