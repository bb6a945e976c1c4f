/* trust.h - whose certificates count; internal to net/. */
#ifndef PGR_NET_TRUST_H
#define PGR_NET_TRUST_H

#include <curl/curl.h>

/* The system's authorities, or those of the file that CURL_CA_BUNDLE or else SSL_CERT_FILE names (libcurl itself looks
 * at neither). Certificates are always checked. */
CURLcode pgr_net_trust(CURL *curl);

/* What to add to the message of a failed transfer: "", or how a private authority comes to be trusted. */
const char *pgr_net_trust_hint(CURLcode rc);

#endif
