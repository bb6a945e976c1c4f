/* client.h - many requests at once to an OpenAI-compatible endpoint (POST .../chat/completions and .../completions).
 *
 *     pgr_net_open -> pgr_net_submit, as many as wanted -> pgr_net_poll until pgr_net_pending is 0 -> pgr_net_close
 *
 * At most max_in_flight requests are on their way; the others wait in the order of submission. A request keeps its
 * place until it is answered or given up, also while it waits for its next try, so an endpoint in trouble gets fewer
 * requests.
 *
 * Tried again: no connection, connections that break, replies that end early or are not what an endpoint answers, time
 * limits, and the statuses 408, 425, 429 and 5xx but for 501 and 505. The pause before try n + 1 is
 * min(backoff_s * 2^(n-1), backoff_max_s) times a random factor in [0.5, 1). An endpoint that says Retry-After (seconds
 * or a date) is asked nothing new before that time; if that is further away than retry_after_max_s, requests are given
 * up.
 *
 * The key is taken from the environment, sent as a bearer token to this address only (redirects are not followed) and
 * stands in no message: where an endpoint repeats it, it is blotted out. Nothing of the address behind "?" is told.
 *
 * One thread; no thread of its own. */
#ifndef PGR_NET_CLIENT_H
#define PGR_NET_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct pgr_net_opts {
    const char *url;      /* "http://127.0.0.1:8000/v1", also with /chat/completions; no path means /v1 */
    const char *key_env;  /* name of the variable that holds the key; NULL: OPENAI_API_KEY. Unset or empty: no key */
    size_t max_in_flight; /* 0: 16; at most 1,024 */
    size_t max_tries;     /* of one request; 0: 6 */
    double connect_s;     /* 0: 10 */
    double total_s;       /* of one try, the answer included; 0: 600 */
    double backoff_s;     /* 0: 1 */
    double backoff_max_s; /* 0: 60 */
    double retry_after_max_s; /* 0: 300 */
    size_t max_reply_bytes;   /* 0: 16 MiB */
};

struct pgr_net_msg {
    const char *role, *content; /* UTF-8 */
};

/* Everything is copied by pgr_net_submit. */
struct pgr_net_request {
    uint64_t tag; /* the caller's; comes back with the reply */
    const char *model;
    const struct pgr_net_msg *msg; /* [n_msg]; a chat */
    size_t n_msg;
    const char *prompt;        /* with n_msg 0: a text to continue */
    double temperature, top_p; /* top_p 0: not sent */
    size_t max_tokens;         /* 0: not sent */
    const char *token_key;     /* the name max_tokens is sent by; NULL: "max_tokens" */
    const char *const *stop;   /* [n_stop]; the public service takes at most 4 */
    size_t n_stop;
    int64_t seed; /* below 0: not sent */
};

/* What became of a request. */
#define PGR_NET_FAULTS(X)                                                                                              \
    X(NONE, "answered")                                                                                                \
    X(UNREACHABLE, "no connection")                                                                                    \
    X(TIMEOUT, "no answer in time")                                                                                    \
    X(DROPPED, "connection broke")                                                                                     \
    X(BUSY, "too many requests")     /* 429 */                                                                         \
    X(SERVER, "error of the server") /* 408, 425, 5xx */                                                               \
    X(REFUSED, "refused")            /* any other status but 200 */                                                    \
    X(TOO_LARGE, "reply too large")                                                                                    \
    X(BAD_REPLY, "not an endpoint's reply")                                                                            \
    X(GIVEN_UP, "given up") /* by pgr_net_give_up, before an answer */
typedef enum pgr_net_fault {
#define X(name, text) PGR_NET_##name,
    PGR_NET_FAULTS(X)
#undef X
} pgr_net_fault;
const char *pgr_net_fault_text(pgr_net_fault f);

enum pgr_net_finish { PGR_NET_FINISH_STOP, PGR_NET_FINISH_LENGTH, PGR_NET_FINISH_OTHER /* a filter, or not said */ };

struct pgr_net_reply {
    uint64_t tag;
    pgr_net_fault fault;
    char *why; /* owned; one line with address, status and tries; NULL when answered */
    /* Valid when answered: */
    char *text; /* owned; [n_bytes] and a NUL */
    size_t n_bytes;
    char *reasoning; /* owned; what some servers put apart (reasoning_content); NULL */
    enum pgr_net_finish finish;
    bool has_usage; /* the numbers of tokens were said */
    size_t n_prompt_tok, n_tok;
    size_t n_tries;
    double total_s; /* since it was first sent */
};
void pgr_net_reply_free(struct pgr_net_reply *r); /* what it points to; zeroes *r */

struct pgr_net_stats {
    size_t n_answered, n_failed;           /* requests */
    size_t n_sent;                         /* tries */
    size_t by_fault[PGR_NET_GIVEN_UP + 1]; /* tries that ended so; NONE: answered */
};

struct pgr_net;

/* PGR_E_USAGE for an address that is none, is neither http nor https, or holds a user or password; for a key with
 * characters that no header may have. Nothing is sent yet. */
PGR_MUST_CHECK pgr_err pgr_net_open(const struct pgr_net_opts *o, struct pgr_net **out);
/* PGR_E_RANGE for a text that is not UTF-8, or no message and no prompt. */
PGR_MUST_CHECK pgr_err pgr_net_submit(struct pgr_net *n, const struct pgr_net_request *r);
/* Works for at most timeout_s, or until a reply is there. *got says whether *out was filled; the caller frees it. A
 * request that failed is a reply with a fault, not an error; errors are of this machine (PGR_E_NOMEM, PGR_E_INTERNAL).
 */
PGR_MUST_CHECK pgr_err pgr_net_poll(struct pgr_net *n, double timeout_s, struct pgr_net_reply *out, bool *got);
/* Requests without a reply. */
size_t pgr_net_pending(const struct pgr_net *n);
/* What waits, for its turn or its next try, ends as GIVEN_UP or with the fault it had; what is on its way may still be
 * answered, but is not tried again. */
void pgr_net_give_up(struct pgr_net *n);
/* The address as it is told to people. Borrowed. */
const char *pgr_net_where(const struct pgr_net *n);
void pgr_net_stats(const struct pgr_net *n, struct pgr_net_stats *out);
/* Drops what is on its way. Takes NULL. */
void pgr_net_close(struct pgr_net *n);

#endif
