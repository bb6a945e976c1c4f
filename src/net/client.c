/* client.c - see client.h. libcurl's multi interface does the transfers; this file keeps the order and the patience. */
#define _GNU_SOURCE
#include "net/client.h"

#include <curl/curl.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rng.h"
#include "base/size.h"
#include "net/address.h"
#include "net/reply.h"
#include "net/trust.h"

enum { MAX_IN_FLIGHT = 1024, TELL_S = 10 };

/* A request from its submission to its reply. */
struct job {
    struct job *next;
    uint32_t number;
    bool chat;
    char *body; /* owned */
    size_t body_bytes;
    double first_s; /* when it was first sent; 0 = not yet */
    struct pgr_net_reply reply;
};
struct queue {
    struct job *first, *last;
};

enum slot_state { SLOT_FREE, SLOT_SENT, SLOT_PAUSED };
struct slot {
    enum slot_state state;
    struct pgr_net *net;
    CURL *curl;
    struct job *job; /* owned unless FREE */
    double until_s;  /* PAUSED: the next try */
    struct pgr_buf got;
    bool too_large;
};

struct pgr_net {
    struct pgr_net_opts o;
    struct pgr_net_address where;
    char *key; /* owned; NULL: none */
    struct curl_slist *headers;
    CURLM *multi;
    struct slot *slot; /* [o.max_in_flight] */
    struct queue waiting, done;
    size_t n_pending; /* not handed over yet */
    uint32_t n_submitted;
    double hold_s; /* nothing is sent before, by an endpoint's wish */
    double told_s;
    uint64_t seed; /* of the pauses */
    bool giving_up;
    struct pgr_net_stats stats;
};

const char *pgr_net_fault_text(pgr_net_fault f) {
    static const char *const texts[] = {
#define X(name, text) [PGR_NET_##name] = text,
        PGR_NET_FAULTS(X)
#undef X
    };
    return (size_t)f < PGR_COUNT(texts) ? texts[f] : "unknown";
}

static void push(struct queue *q, struct job *j) {
    j->next = NULL;
    if (q->last)
        q->last->next = j;
    else
        q->first = j;
    q->last = j;
}

static struct job *pop(struct queue *q) {
    struct job *j = q->first;
    if (j && !(q->first = j->next)) q->last = NULL;
    return j;
}

static void job_free(struct job *j) {
    if (!j) return;
    pgr_net_reply_free(&j->reply);
    pgr_free(j->body);
    pgr_free(j);
}

/* ---- opening and closing ---- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static CURLcode global_rc;
static void global_init(void) { global_rc = curl_global_init(CURL_GLOBAL_DEFAULT); }

static pgr_err fill_opts(const struct pgr_net_opts *o, struct pgr_net_opts *out) {
    *out = *o;
    if (!out->key_env) out->key_env = "OPENAI_API_KEY";
    if (!out->max_in_flight) out->max_in_flight = 16;
    if (!out->max_tries) out->max_tries = 6;
    if (!out->max_reply_bytes) out->max_reply_bytes = (size_t)16 << 20;
    double *const time[] = {&out->connect_s, &out->total_s, &out->backoff_s, &out->backoff_max_s,
                            &out->retry_after_max_s};
    static const double usual[] = {10, 600, 1, 60, 300};
    for (size_t i = 0; i < PGR_COUNT(time); i++) {
        if (!(*time[i] >= 0 && *time[i] <= 1e6))
            return pgr_fail(PGR_E_RANGE, "a time of the endpoint is %g s, must be 0 to 1000000", *time[i]);
        if (*time[i] <= 0) *time[i] = usual[i];
    }
    if (out->max_in_flight > MAX_IN_FLIGHT)
        return pgr_fail(PGR_E_RANGE, "%zu requests at a time, at most %d", out->max_in_flight, MAX_IN_FLIGHT);
    return PGR_OK;
}

static pgr_err add_header(struct pgr_net *n, const char *line) {
    struct curl_slist *grown = curl_slist_append(n->headers, line);
    if (!grown) return pgr_fail(PGR_E_NOMEM, "out of memory for an endpoint");
    n->headers = grown;
    return PGR_OK;
}

static pgr_err take_key(struct pgr_net *n) {
    const char *key = getenv(n->o.key_env);
    if (!key || !key[0]) return PGR_OK;
    for (const char *c = key; *c; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7f)
            return pgr_fail(PGR_E_USAGE,
                            "the key in the environment variable %s holds a blank, a control character or "
                            "one beyond ASCII",
                            n->o.key_env);
    n->key = pgr_strdup(key);
    struct pgr_buf line = PGR_BUF_INIT;
    pgr_buf_addf(&line, "Authorization: Bearer %s", key);
    pgr_err err = n->key ? pgr_buf_ok(&line) : pgr_fail(PGR_E_NOMEM, "out of memory for an endpoint");
    if (err == PGR_OK) err = add_header(n, pgr_buf_str(&line));
    pgr_buf_free(&line);
    if (err == PGR_OK && n->where.open_to_others)
        pgr_log(PGR_LOG_WARN, "net", "key travels unencrypted", "endpoint=%s", n->where.shown);
    return err;
}

pgr_err pgr_net_open(const struct pgr_net_opts *o, struct pgr_net **out) {
    pthread_once(&once, global_init);
    if (global_rc != CURLE_OK) return pgr_fail(PGR_E_INTERNAL, "libcurl: %s", curl_easy_strerror(global_rc));
    struct pgr_net *n = pgr_alloc_zero(1, sizeof *n);
    if (!n) return pgr_fail(PGR_E_NOMEM, "out of memory for an endpoint");
    pgr_err err;
    PGR_TRY_GOTO(fill_opts(o, &n->o));
    PGR_TRY_GOTO(pgr_net_address_parse(n->o.url, &n->where));
    PGR_TRY_GOTO(take_key(n));
    PGR_TRY_GOTO(add_header(n, "Content-Type: application/json"));
    PGR_TRY_GOTO(add_header(n, "Accept: application/json"));
    PGR_TRY_GOTO(add_header(n, "Expect:")); /* no waiting for leave to send a long prompt */
    n->multi = curl_multi_init();
    n->slot = pgr_alloc_zero(n->o.max_in_flight, sizeof *n->slot);
    if (!n->multi || !n->slot) err = pgr_fail(PGR_E_NOMEM, "out of memory for an endpoint");
    for (size_t i = 0; err == PGR_OK && i < n->o.max_in_flight; i++) n->slot[i].net = n;
    n->seed = (uint64_t)getpid() << 32 ^ (uint64_t)(pgr_now_s() * 1e6) ^ (uint64_t)time(NULL);
out:
    if (err != PGR_OK)
        pgr_net_close(n);
    else
        *out = n;
    return err;
}

void pgr_net_close(struct pgr_net *n) {
    if (!n) return;
    for (size_t i = 0; n->slot && i < n->o.max_in_flight; i++) {
        struct slot *s = &n->slot[i];
        if (s->state == SLOT_SENT) curl_multi_remove_handle(n->multi, s->curl);
        if (s->curl) curl_easy_cleanup(s->curl);
        job_free(s->job);
        pgr_buf_free(&s->got);
    }
    for (struct job *j; (j = pop(&n->waiting));) job_free(j);
    for (struct job *j; (j = pop(&n->done));) job_free(j);
    if (n->multi) curl_multi_cleanup(n->multi);
    curl_slist_free_all(n->headers);
    pgr_net_address_free(&n->where);
    pgr_free(n->slot);
    pgr_free(n->key);
    pgr_free(n);
}

/* ---- submitting ---- */

static pgr_err put(json_t *o, const char *key, json_t *v) {
    if (!v || json_object_set_new(o, key, v) != 0) return pgr_fail(PGR_E_NOMEM, "out of memory for a request");
    return PGR_OK;
}

static pgr_err put_text(json_t *o, const char *key, const char *s) {
    json_t *v = json_string(s); /* NULL for bytes that are not UTF-8 too */
    return v ? put(o, key, v) : pgr_fail(PGR_E_RANGE, "a request's \"%s\" is not UTF-8", key);
}

static pgr_err put_all(json_t *o, const struct pgr_net_request *r) {
    PGR_TRY(put_text(o, "model", r->model));
    if (r->n_msg) {
        json_t *list = json_array();
        PGR_TRY(put(o, "messages", list));
        for (size_t i = 0; i < r->n_msg; i++) {
            json_t *m = json_object();
            if (json_array_append_new(list, m) != 0) return pgr_fail(PGR_E_NOMEM, "out of memory for a request");
            PGR_TRY(put_text(m, "role", r->msg[i].role));
            PGR_TRY(put_text(m, "content", r->msg[i].content));
        }
    } else {
        PGR_TRY(put_text(o, "prompt", r->prompt));
    }
    PGR_TRY(put(o, "temperature", json_real(r->temperature)));
    if (r->top_p > 0) PGR_TRY(put(o, "top_p", json_real(r->top_p)));
    if (r->max_tokens)
        PGR_TRY(put(o, r->token_key ? r->token_key : "max_tokens", json_integer((json_int_t)r->max_tokens)));
    if (r->seed >= 0) PGR_TRY(put(o, "seed", json_integer(r->seed)));
    if (r->n_stop) {
        json_t *list = json_array();
        PGR_TRY(put(o, "stop", list));
        for (size_t i = 0; i < r->n_stop; i++)
            if (json_array_append_new(list, json_string(r->stop[i])) != 0)
                return pgr_fail(PGR_E_RANGE, "a stop text of a request is not UTF-8");
    }
    return PGR_OK;
}

static pgr_err make_body(const struct pgr_net_request *r, struct job *j) {
    struct pgr_buf b = PGR_BUF_INIT;
    json_t *o = json_object();
    pgr_err err = o ? put_all(o, r) : pgr_fail(PGR_E_NOMEM, "out of memory for a request");
    if (err == PGR_OK) err = pgr_json_dump(o, &b);
    json_decref(o);
    j->body_bytes = b.len;
    if (err == PGR_OK && !(j->body = pgr_buf_steal(&b))) err = pgr_fail(PGR_E_NOMEM, "out of memory for a request");
    pgr_buf_free(&b);
    return err;
}

/* Hands a job to the caller's side. Takes the text of `why` as far as memory allows. */
static void finish(struct pgr_net *n, struct job *j, pgr_net_fault fault, const char *detail) {
    struct pgr_net_reply *r = &j->reply;
    r->fault = fault;
    r->total_s = j->first_s > 0 ? pgr_now_s() - j->first_s : 0;
    n->stats.n_answered += fault == PGR_NET_NONE;
    n->stats.n_failed += fault != PGR_NET_NONE;
    if (fault != PGR_NET_NONE) {
        struct pgr_buf b = PGR_BUF_INIT;
        pgr_buf_addf(&b, "%s: %s", n->where.shown, pgr_net_fault_text(fault));
        if (detail[0]) pgr_buf_addf(&b, ": %s", detail);
        if (r->n_tries) pgr_buf_addf(&b, " (%zu %s)", r->n_tries, r->n_tries == 1 ? "try" : "tries");
        pgr_free(r->why);
        r->why = pgr_buf_steal(&b);
        if (r->why) pgr_net_blot(r->why, strlen(r->why), n->key);
    } else {
        pgr_free(r->why);
        r->why = NULL;
    }
    push(&n->done, j);
}

pgr_err pgr_net_submit(struct pgr_net *n, const struct pgr_net_request *r) {
    if (!r->n_msg && !r->prompt) return pgr_fail(PGR_E_RANGE, "a request without a message and without a prompt");
    struct job *j = pgr_alloc_zero(1, sizeof *j);
    if (!j) return pgr_fail(PGR_E_NOMEM, "out of memory for a request");
    j->reply.tag = r->tag;
    j->number = n->n_submitted++;
    j->chat = r->n_msg > 0;
    pgr_err err = make_body(r, j);
    if (err != PGR_OK) {
        job_free(j);
        return err;
    }
    n->n_pending++;
    if (n->giving_up)
        finish(n, j, PGR_NET_GIVEN_UP, "");
    else
        push(&n->waiting, j);
    return PGR_OK;
}

/* ---- one try ---- */

static size_t on_data(char *bytes, size_t size, size_t n_item, void *ctx) {
    struct slot *s = ctx;
    size_t n = size * n_item;
    s->too_large = n > s->net->o.max_reply_bytes - s->got.len;
    if (s->too_large) return CURL_WRITEFUNC_ERROR;
    pgr_buf_add(&s->got, bytes, n);
    return s->got.failed ? CURL_WRITEFUNC_ERROR : n;
}

static pgr_err send_job(struct slot *s) {
    struct pgr_net *n = s->net;
    struct job *j = s->job;
    if (!s->curl && !(s->curl = curl_easy_init())) return pgr_fail(PGR_E_NOMEM, "out of memory for a connection");
    curl_easy_reset(s->curl);
    pgr_buf_clear(&s->got);
    s->too_large = false;
    CURL *c = s->curl;
    CURLcode rc = curl_easy_setopt(c, CURLOPT_URL, j->chat ? n->where.chat : n->where.text);
    rc = rc ? rc : pgr_net_trust(c);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_USERAGENT, "pgrpo");
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_HTTPHEADER, n->headers);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_POST, 1L);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_POSTFIELDS, j->body);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)j->body_bytes);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)(n->o.connect_s * 1000) + 1);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)(n->o.total_s * 1000) + 1);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_WRITEDATA, s);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_PRIVATE, s);
    if (rc != CURLE_OK) return pgr_fail(PGR_E_INTERNAL, "libcurl: %s", curl_easy_strerror(rc));
    CURLMcode mc = curl_multi_add_handle(n->multi, c);
    if (mc != CURLM_OK) return pgr_fail(PGR_E_INTERNAL, "libcurl: %s", curl_multi_strerror(mc));
    s->state = SLOT_SENT;
    if (!j->reply.n_tries) j->first_s = pgr_now_s();
    j->reply.n_tries++;
    n->stats.n_sent++;
    return PGR_OK;
}

/* What a transfer that libcurl could not finish was; *again: whether the next try may do better. */
static pgr_net_fault transfer_fault(CURLcode rc, bool *again) {
    *again = true;
    switch (rc) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_SSL_CONNECT_ERROR: return PGR_NET_UNREACHABLE;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: *again = false; return PGR_NET_UNREACHABLE;
    case CURLE_OPERATION_TIMEDOUT: return PGR_NET_TIMEOUT;
    case CURLE_UNSUPPORTED_PROTOCOL: /* an answer without a status line */
    case CURLE_WEIRD_SERVER_REPLY: return PGR_NET_BAD_REPLY;
    default: return PGR_NET_DROPPED;
    }
}

static pgr_net_fault status_fault(long status, bool *again) {
    *again = true;
    if (status == 429) return PGR_NET_BUSY;
    if (status == 408 || status == 425) return PGR_NET_SERVER;
    *again = status >= 500 && status <= 599 && status != 501 && status != 505;
    return status >= 500 ? PGR_NET_SERVER : PGR_NET_REFUSED;
}

/* The fault of a finished try, with its reason in *detail; *after_s: the pause the endpoint asked for, 0 = none. */
static pgr_err judge_try(struct slot *s, CURLcode rc, pgr_net_fault *fault, struct pgr_buf *detail, bool *again,
                         double *after_s) {
    struct pgr_net *n = s->net;
    long status = 0;
    curl_off_t after = 0;
    *after_s = 0;
    if (s->too_large) {
        pgr_buf_addf(detail, "more than %zu bytes", n->o.max_reply_bytes);
        *fault = PGR_NET_TOO_LARGE;
        *again = false;
        return PGR_OK;
    }
    if (rc == CURLE_OUT_OF_MEMORY || s->got.failed) return pgr_fail(PGR_E_NOMEM, "out of memory for a reply");
    if (rc != CURLE_OK) {
        *fault = transfer_fault(rc, again);
        pgr_buf_addf(detail, "%s%s", curl_easy_strerror(rc), pgr_net_trust_hint(rc));
        return PGR_OK;
    }
    curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &status);
    if (status != 200) {
        *fault = status_fault(status, again);
        pgr_buf_addf(detail, "status %ld", status);
        if (status >= 300 && status < 400) pgr_buf_adds(detail, ", which leads elsewhere and is not followed");
        if (s->got.len) pgr_buf_adds(detail, ": ");
        pgr_net_error_text(s->got.data, s->got.len, n->key, detail);
        if (*again && curl_easy_getinfo(s->curl, CURLINFO_RETRY_AFTER, &after) == CURLE_OK && after > 0)
            *after_s = (double)after;
        return PGR_OK;
    }
    pgr_err err = pgr_net_reply_parse(s->got.data, s->got.len, s->job->chat, &s->job->reply);
    if (err == PGR_E_FORMAT) { /* once more for the message, which must not hold a part of the key */
        pgr_net_blot(s->got.data, s->got.len, n->key);
        err = pgr_net_reply_parse(s->got.data, s->got.len, s->job->chat, &s->job->reply);
    }
    if (err != PGR_OK && err != PGR_E_FORMAT) return err;
    *fault = err == PGR_OK ? PGR_NET_NONE : PGR_NET_BAD_REPLY;
    *again = true;
    if (err != PGR_OK) pgr_buf_adds(detail, pgr_err_detail());
    return PGR_OK;
}

static void pause_slot(struct slot *s, pgr_net_fault fault, const char *detail, double after_s) {
    struct pgr_net *n = s->net;
    struct job *j = s->job;
    double now = pgr_now_s();
    uint32_t try = (uint32_t)j->reply.n_tries;
    double pause = fmin(ldexp(n->o.backoff_s, (int)pgr_min(try - 1, 60)), n->o.backoff_max_s);
    pause *= 0.5 + 0.5 * pgr_rng_uniform(n->seed, PGR_RNG_PAUSE, j->number, try, 0, 0);
    if (after_s > 0) {
        n->hold_s = fmax(n->hold_s, now + after_s);
        pause = after_s + (pause < 1 ? pause : 1) * 0.5; /* not all at once */
    }
    s->state = SLOT_PAUSED;
    s->until_s = now + pause;
    j->reply.fault = fault;
    pgr_free(j->reply.why);
    j->reply.why = pgr_strdup(detail); /* should it be given up while it waits */
    bool tell = now > n->told_s + TELL_S;
    if (tell) n->told_s = now;
    pgr_log(tell ? PGR_LOG_WARN : PGR_LOG_DEBUG, "net", "again",
            "endpoint=%s fault=\"%s\" reason=\"%s\" try=%u pause_s=%.1f", n->where.shown, pgr_net_fault_text(fault),
            detail, try, pause);
}

static pgr_err end_try(struct slot *s, CURLcode rc) {
    struct pgr_net *n = s->net;
    struct pgr_buf detail = PGR_BUF_INIT;
    pgr_net_fault fault = PGR_NET_NONE;
    bool again = false;
    double after_s = 0;
    pgr_err err = judge_try(s, rc, &fault, &detail, &again, &after_s);
    curl_multi_remove_handle(n->multi, s->curl);
    if (err != PGR_OK) {
        pgr_buf_free(&detail);
        s->state = SLOT_PAUSED; /* the job stays; its next try may find memory */
        s->until_s = 0;
        return err;
    }
    n->stats.by_fault[fault]++;
    if (again && after_s > n->o.retry_after_max_s) {
        pgr_buf_addf(&detail, "; it wants to be left alone for %.0f s, more than %.0f", after_s,
                     n->o.retry_after_max_s);
        again = false;
    }
    if (fault != PGR_NET_NONE && again && !n->giving_up && s->job->reply.n_tries < n->o.max_tries) {
        pause_slot(s, fault, pgr_buf_str(&detail), after_s);
    } else {
        finish(n, s->job, fault, pgr_buf_str(&detail));
        s->job = NULL;
        s->state = SLOT_FREE;
        pgr_buf_free(&s->got);
    }
    pgr_buf_free(&detail);
    return PGR_OK;
}

/* ---- the loop ---- */

/* Sends what is due. *next_s: when something else will be, INFINITY = when something arrives. */
static pgr_err send_due(struct pgr_net *n, double *next_s) {
    double now = pgr_now_s();
    *next_s = INFINITY;
    for (size_t i = 0; i < n->o.max_in_flight; i++) {
        struct slot *s = &n->slot[i];
        if (s->state == SLOT_SENT || (s->state == SLOT_FREE && !n->waiting.first)) continue;
        double due = s->state == SLOT_PAUSED ? fmax(s->until_s, n->hold_s) : n->hold_s;
        if (due > now) {
            *next_s = fmin(*next_s, due);
            continue;
        }
        if (s->state == SLOT_FREE) s->job = pop(&n->waiting);
        s->state = SLOT_PAUSED; /* until it is sent */
        PGR_TRY(send_job(s));
    }
    return PGR_OK;
}

pgr_err pgr_net_poll(struct pgr_net *n, double timeout_s, struct pgr_net_reply *out, bool *got) {
    double end = pgr_now_s() + timeout_s, next;
    *got = false;
    for (;;) {
        int running, left;
        PGR_TRY(send_due(n, &next));
        CURLMcode mc = curl_multi_perform(n->multi, &running);
        if (mc != CURLM_OK) return pgr_fail(PGR_E_INTERNAL, "libcurl: %s", curl_multi_strerror(mc));
        bool freed = false;
        for (CURLMsg *m; (m = curl_multi_info_read(n->multi, &left));) {
            struct slot *s = NULL;
            if (m->msg != CURLMSG_DONE) continue;
            CURLcode rc = m->data.result; /* m is gone once the handle is taken out */
            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
            PGR_TRY(end_try(s, rc));
            freed = true;
        }
        struct job *j = pop(&n->done);
        if (j) {
            *out = j->reply;
            *got = true;
            j->reply = (struct pgr_net_reply){.tag = 0};
            job_free(j);
            n->n_pending--;
            return PGR_OK;
        }
        double now = pgr_now_s();
        if (n->n_pending == 0 || now >= end) return PGR_OK;
        if (freed) continue;
        double wait = fmin(end, next) - now;
        mc = curl_multi_poll(n->multi, NULL, 0, wait > 0 ? (int)(fmin(wait, 60) * 1000) + 1 : 0, NULL);
        if (mc != CURLM_OK) return pgr_fail(PGR_E_INTERNAL, "libcurl: %s", curl_multi_strerror(mc));
    }
}

void pgr_net_give_up(struct pgr_net *n) {
    n->giving_up = true;
    for (struct job *j; (j = pop(&n->waiting));) finish(n, j, PGR_NET_GIVEN_UP, "");
    for (size_t i = 0; i < n->o.max_in_flight; i++) {
        struct slot *s = &n->slot[i];
        if (s->state != SLOT_PAUSED) continue;
        finish(n, s->job, s->job->reply.fault ? s->job->reply.fault : PGR_NET_GIVEN_UP,
               s->job->reply.why ? s->job->reply.why : "");
        s->job = NULL;
        s->state = SLOT_FREE;
    }
}

size_t pgr_net_pending(const struct pgr_net *n) { return n->n_pending; }
const char *pgr_net_where(const struct pgr_net *n) { return n->where.shown; }
void pgr_net_stats(const struct pgr_net *n, struct pgr_net_stats *out) { *out = n->stats; }
