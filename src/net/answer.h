/* answer.h - what an endpoint's reply is worth to those who asked for a text. */
#ifndef PGR_NET_ANSWER_H
#define PGR_NET_ANSWER_H

#include "base/buf.h"
#include "net/client.h"

/* Appends the text of an answered request as a model in memory would have given it: with thoughts, reasoning that came
 * apart stands in front as <think>\n...\n</think>\n; the text ends before the first of stop[n_stop] in it (endpoints
 * take few or none). *stopped: one was found. PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_net_answer(const struct pgr_net_reply *r, bool thoughts, const char *const *stop,
                                      size_t n_stop, struct pgr_buf *out, bool *stopped);

/* Whether a failure is about this request alone: the endpoint understood it and turned it down, or what it answered
 * cannot be used. All other faults mean, after all tries, that the endpoint is gone. */
bool pgr_net_is_of_one(pgr_net_fault f);

#endif
