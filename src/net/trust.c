/* trust.c - see trust.h. */
#include "net/trust.h"

#include <stdlib.h>

CURLcode pgr_net_trust(CURL *curl) {
    const char *file = getenv("CURL_CA_BUNDLE");
    if (!file || !file[0]) file = getenv("SSL_CERT_FILE");
    return file && file[0] ? curl_easy_setopt(curl, CURLOPT_CAINFO, file) : CURLE_OK;
}

const char *pgr_net_trust_hint(CURLcode rc) {
    switch (rc) {
    case CURLE_PEER_FAILED_VERIFICATION:
        return "; the certificate is not trusted (SSL_CERT_FILE may name a file with the authority's certificate)";
    case CURLE_SSL_CACERT_BADFILE:
        return "; the file that CURL_CA_BUNDLE or SSL_CERT_FILE names cannot be read as certificates";
    default: return "";
    }
}
