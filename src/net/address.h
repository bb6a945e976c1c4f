/* address.h - where an endpoint is; internal to net/. */
#ifndef PGR_NET_ADDRESS_H
#define PGR_NET_ADDRESS_H

#include <stdbool.h>

#include "base/err.h"

struct pgr_net_address {
    char *chat, *text;   /* owned: full addresses of .../chat/completions and .../completions */
    char *shown;         /* owned: for messages; without what stands behind "?" */
    bool open_to_others; /* http to another machine: who listens on the way can read */
};

/* From what a user gives: a base ("https://host/v1"), one of the two full addresses, or a host alone, which means /v1.
 * A query stays. PGR_E_USAGE for anything but http and https, a user, a password, a fragment; PGR_E_NOMEM. */
PGR_MUST_CHECK pgr_err pgr_net_address_parse(const char *url, struct pgr_net_address *out);
void pgr_net_address_free(struct pgr_net_address *a);

#endif
