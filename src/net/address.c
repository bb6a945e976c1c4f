/* address.c - see address.h. */
#define _GNU_SOURCE
#include "net/address.h"

#include <curl/curl.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/mem.h"

void pgr_net_address_free(struct pgr_net_address *a) {
    pgr_free(a->chat);
    pgr_free(a->text);
    pgr_free(a->shown);
    *a = (struct pgr_net_address){.chat = NULL};
}

static bool ends_with(const char *s, size_t n, const char *end) {
    size_t k = strlen(end);
    return n >= k && memcmp(s + n - k, end, k) == 0;
}

/* Length of the path's base: without slashes at its end and the endpoint's own words. */
static size_t base_len(const char *path) {
    size_t n = strlen(path);
    while (n && path[n - 1] == '/') n--;
    if (ends_with(path, n, "/chat/completions"))
        n -= strlen("/chat/completions");
    else if (ends_with(path, n, "/completions"))
        n -= strlen("/completions");
    while (n && path[n - 1] == '/') n--;
    return n;
}

/* The whole address with this path, as our own memory. NULL when memory runs out. */
static char *with_path(CURLU *u, const char *base, size_t n, const char *tail) {
    struct pgr_buf path = PGR_BUF_INIT;
    char *whole = NULL, *copy = NULL;
    pgr_buf_add(&path, base, n);
    pgr_buf_adds(&path, tail);
    if (!path.failed && curl_url_set(u, CURLUPART_PATH, pgr_buf_str(&path), 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_URL, &whole, 0) == CURLUE_OK)
        copy = pgr_strdup(whole);
    curl_free(whole);
    pgr_buf_free(&path);
    return copy;
}

static bool has(CURLU *u, CURLUPart part) {
    char *s = NULL;
    bool there = curl_url_get(u, part, &s, 0) == CURLUE_OK;
    curl_free(s);
    return there;
}

static bool is_this_machine(const char *host) {
    return strcasecmp(host, "localhost") == 0 || strncmp(host, "127.", 4) == 0 || strcmp(host, "[::1]") == 0;
}

static pgr_err read_parts(CURLU *u, struct pgr_net_address *out) {
    char *path = NULL, *host = NULL, *scheme = NULL;
    pgr_err err = PGR_E_NOMEM;
    if (curl_url_get(u, CURLUPART_PATH, &path, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK) {
        size_t n = base_len(path);
        bool bare = strcmp(path, "/") == 0;
        const char *base = bare ? "/v1" : path;
        if (bare) n = strlen(base);
        out->open_to_others = strcmp(scheme, "http") == 0 && !is_this_machine(host);
        out->chat = with_path(u, base, n, "/chat/completions");
        out->text = with_path(u, base, n, "/completions");
        if (curl_url_set(u, CURLUPART_QUERY, NULL, 0) == CURLUE_OK) out->shown = with_path(u, base, n, "");
        if (out->chat && out->text && out->shown) err = PGR_OK;
    }
    curl_free(path);
    curl_free(host);
    curl_free(scheme);
    return err == PGR_OK ? err : pgr_fail(err, "out of memory for an address");
}

pgr_err pgr_net_address_parse(const char *url, struct pgr_net_address *out) {
    struct pgr_net_address a = {.chat = NULL};
    if (strncasecmp(url, "http://", 7) != 0 && strncasecmp(url, "https://", 8) != 0)
        return pgr_fail(PGR_E_USAGE, "an endpoint's address begins with http:// or https://, such as "
                                     "http://127.0.0.1:8000/v1");
    CURLU *u = curl_url();
    if (!u) return pgr_fail(PGR_E_NOMEM, "out of memory for an address");
    CURLUcode rc = curl_url_set(u, CURLUPART_URL, url, 0);
    pgr_err err = PGR_OK;
    if (rc == CURLUE_OUT_OF_MEMORY)
        err = pgr_fail(PGR_E_NOMEM, "out of memory for an address");
    else if (rc != CURLUE_OK)
        err = pgr_fail(PGR_E_USAGE, "the endpoint's address is none: %s", curl_url_strerror(rc));
    else if (has(u, CURLUPART_USER) || has(u, CURLUPART_PASSWORD))
        err = pgr_fail(PGR_E_USAGE, "the endpoint's address must hold no user and no password; a key comes from the "
                                    "environment");
    else if (has(u, CURLUPART_FRAGMENT))
        err = pgr_fail(PGR_E_USAGE, "the endpoint's address must have no part behind \"#\"");
    if (err == PGR_OK) err = read_parts(u, &a);
    curl_url_cleanup(u);
    if (err != PGR_OK)
        pgr_net_address_free(&a);
    else
        *out = a;
    return err;
}
