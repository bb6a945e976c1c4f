/* writer.c - see writer.h. */
#include "cli/writer.h"

#include <string.h>

#include "model/model.h"

void pgr_writer_opts_list(struct pgr_writer_opts *o, struct pgr_opt *opts) {
    const struct pgr_opt list[PGR_WRITER_N_OPTS] = {
        {"endpoint", PGR_OPT_STR, &o->endpoint, 0, 0},   {"key-env", PGR_OPT_STR, &o->key_env, 0, 0},
        {"token-key", PGR_OPT_STR, &o->token_key, 0, 0}, {"in-flight", PGR_OPT_SIZE, &o->in_flight, 1, 1024},
        {"tries", PGR_OPT_SIZE, &o->tries, 1, 1000},     {"timeout", PGR_OPT_REAL, &o->timeout_s, 0, 1e6},
    };
    memcpy(opts, list, sizeof list);
}

pgr_err pgr_writer_opts_check(const struct pgr_writer_opts *o) {
    if (o->endpoint && (o->dtype || o->batch || o->max_length))
        return pgr_fail(PGR_E_USAGE,
                        "--dtype, --batch and --max-length are for a model in memory, not for an endpoint");
    if (!o->endpoint && (o->key_env || o->token_key || o->in_flight || o->tries || o->timeout_s > 0))
        return pgr_fail(PGR_E_USAGE,
                        "--key-env, --token-key, --in-flight, --tries and --timeout are for an --endpoint");
    if (o->dtype && strcmp(o->dtype, "bf16") != 0 && strcmp(o->dtype, "f32") != 0)
        return pgr_fail(PGR_E_USAGE, "--dtype is \"%s\", must be bf16 or f32", o->dtype);
    if (o->token_key && strcmp(o->token_key, "max_tokens") != 0 && strcmp(o->token_key, "max_completion_tokens") != 0)
        return pgr_fail(PGR_E_USAGE, "--token-key is \"%s\", must be max_tokens or max_completion_tokens",
                        o->token_key);
    return PGR_OK;
}

size_t pgr_writer_width(const struct pgr_writer_opts *o) {
    return o->endpoint ? (o->in_flight ? o->in_flight : 16) : (o->batch ? o->batch : 64);
}

json_t *pgr_writer_settings(const struct pgr_writer_opts *o) {
    json_t *s = json_pack("{s:f, s:f, s:I}", "temperature", o->temperature, "top_p", o->top_p, "max_tokens",
                          (json_int_t)o->max_tokens);
    int bad = o->endpoint ? json_object_set_new(s, "endpoint", json_true())
                          : json_object_set_new(s, "dtype", json_string(o->dtype ? o->dtype : "bf16"));
    if (!bad) return s;
    json_decref(s);
    return NULL;
}

static pgr_err open_endpoint(const struct pgr_writer_opts *o, struct pgr_writer *w) {
    const struct pgr_net_opts net = {.url = o->endpoint,
                                     .key_env = o->key_env,
                                     .max_in_flight = o->in_flight,
                                     .max_tries = o->tries,
                                     .total_s = o->timeout_s};
    const struct pgr_od_endpoint_cfg cfg = {.model = o->model,
                                            .token_key = o->token_key,
                                            .max_tokens = o->max_tokens,
                                            .temperature = o->temperature,
                                            .top_p = o->top_p,
                                            .seed = o->seed,
                                            .thoughts = o->thoughts};
    PGR_TRY(pgr_net_open(&net, &w->net));
    return pgr_od_endpoint_new(&cfg, w->net, &w->gen);
}

pgr_err pgr_writer_open(const struct pgr_writer_opts *o, const struct pgr_writer *same, struct pgr_writer *out) {
    *out = (struct pgr_writer){.model = NULL};
    if (o->endpoint) return open_endpoint(o, out);
    const struct pgr_od_local_cfg cfg = {.max_batch = pgr_writer_width(o),
                                         .max_len = o->max_length ? o->max_length : 4096,
                                         .max_tokens = o->max_tokens,
                                         .temperature = o->temperature,
                                         .top_p = o->top_p,
                                         .seed = o->seed};
    if (!same) {
        const struct pgr_model_opts mo = {.dtype = o->dtype && strcmp(o->dtype, "f32") == 0 ? PGR_F32 : PGR_BF16};
        PGR_TRY(pgr_model_arg_open(o->model, &out->in));
        PGR_TRY(pgr_model_load(out->in.path, &mo, &out->model));
        same = out;
    }
    return pgr_od_local_new(&cfg, o->model, same->model, same->in.tok, &out->gen);
}

void pgr_writer_close(struct pgr_writer *w) {
    if (w->net)
        pgr_od_endpoint_free(&w->gen);
    else
        pgr_od_local_free(&w->gen);
    pgr_net_close(w->net);
    pgr_model_free(w->model);
    pgr_model_arg_close(&w->in);
    *w = (struct pgr_writer){.model = NULL};
}
