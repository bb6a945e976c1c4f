/* download.c - see download.h. */
#define _GNU_SOURCE
#include "net/download.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/trust.h"

enum { CONNECT_S = 5, TRIES = 5, REPORT_S = 5, SHA_HEX = 64, ETAG_MAX = 200, RETRY_AFTER_MAX_S = 60, REDIRECTS = 8 };

struct transfer {
    const struct pgr_download *d;
    struct pgr_download_said *said;
    CURL *curl;
    char *shown, *etag_path;  /* owned */
    char etag[ETAG_MAX + 1];  /* of the answer that is being read; "" without a strong one */
    uint64_t first, of;       /* its Content-Range; UINT64_MAX if not said */
    bool framed;              /* its end can be told from a break */
    FILE *f;                  /* the part, at its end */
    uint64_t have;            /* bytes in it */
    bool asked_rest, started; /* a range was asked for; the body has begun */
    bool too_large, bad_range, disk_full;
    double reported_s;
    char words[CURL_ERROR_SIZE];
};

/* ---- what the server says ---- */

static bool is_hex(const char *s, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!isxdigit((unsigned char)s[i])) return false;
    return n > 0;
}

/* The value of header `name`, or NULL. */
static const char *header_value(const char *line, size_t n, const char *name, size_t *len) {
    size_t k = strlen(name);
    if (n <= k || strncasecmp(line, name, k) != 0 || line[k] != ':') return NULL;
    const char *s = line + k + 1, *end = line + n;
    while (s < end && isspace((unsigned char)*s)) s++;
    while (end > s && isspace((unsigned char)end[-1])) end--;
    *len = (size_t)(end - s);
    return s;
}

static uint64_t number_at(const char *s, size_t n) {
    uint64_t v = 0;
    size_t i = 0;
    for (; i < n && isdigit((unsigned char)s[i]) && v < UINT64_MAX / 16; i++) v = 10 * v + (uint64_t)(s[i] - '0');
    return i ? v : UINT64_MAX;
}

/* "bytes 100-199/200" or "bytes *" "/200". */
static void take_range(struct transfer *t, const char *v, size_t len) {
    if (len < 6 || strncasecmp(v, "bytes ", 6) != 0) return;
    t->first = number_at(v + 6, len - 6);
    const char *slash = memchr(v, '/', len);
    if (slash) t->of = number_at(slash + 1, len - (size_t)(slash + 1 - v));
}

static void take_sum(struct transfer *t, const char *v, size_t len) {
    if (len == SHA_HEX + 2 && v[0] == '"') v++, len -= 2;
    if (len != SHA_HEX || !is_hex(v, len) || t->said->sha256[0]) return;
    for (size_t i = 0; i < len; i++) t->said->sha256[i] = (char)tolower((unsigned char)v[i]);
    t->said->sha256[len] = '\0';
}

static size_t on_header(char *line, size_t size, size_t n_item, void *ctx) {
    struct transfer *t = ctx;
    size_t n = size * n_item, len;
    const char *v;
    if (n > 5 && memcmp(line, "HTTP/", 5) == 0) { /* the next answer, behind a redirect */
        t->etag[0] = '\0';
        t->first = t->of = UINT64_MAX;
        t->framed = n > 6 && line[5] != '1'; /* HTTP/2 and later */
    } else if ((v = header_value(line, n, "etag", &len))) {
        if (len > 2 && len <= ETAG_MAX && v[0] == '"') {
            memcpy(t->etag, v, len);
            t->etag[len] = '\0';
        }
    } else if ((v = header_value(line, n, "content-range", &len))) {
        take_range(t, v, len);
    } else if (header_value(line, n, "content-length", &len) || header_value(line, n, "transfer-encoding", &len)) {
        t->framed = true;
    } else if ((v = header_value(line, n, "x-repo-commit", &len))) {
        if (len <= 64 && is_hex(v, len) && !t->said->commit[0]) {
            memcpy(t->said->commit, v, len);
            t->said->commit[len] = '\0';
        }
    } else if ((v = header_value(line, n, "x-linked-etag", &len))) {
        take_sum(t, v, len);
    } else if ((v = header_value(line, n, "x-linked-size", &len))) {
        uint64_t size_said = number_at(v, len);
        if (size_said != UINT64_MAX) t->said->n_bytes = size_said;
    }
    return n;
}

/* ---- the part ---- */

static pgr_err empty_part(struct transfer *t) {
    t->have = 0;
    if (fflush(t->f) == 0 && ftruncate(fileno(t->f), 0) == 0 && fseeko(t->f, 0, SEEK_SET) == 0) return PGR_OK;
    return pgr_fail(PGR_E_IO, "%s: cannot cut: %s", t->d->path, strerror(errno));
}

static pgr_err open_part(struct transfer *t) {
    if (!(t->f = fopen(t->d->path, "ae")))
        return pgr_fail(PGR_E_IO, "%s: cannot open: %s", t->d->path, strerror(errno));
    off_t n = fseeko(t->f, 0, SEEK_END) == 0 ? ftello(t->f) : -1;
    if (n < 0) return pgr_fail(PGR_E_IO, "%s: cannot seek: %s", t->d->path, strerror(errno));
    t->have = (uint64_t)n;
    return t->d->n_bytes && t->have > t->d->n_bytes ? empty_part(t) : PGR_OK;
}

/* The validator that an earlier answer left; "" without one. */
static void read_etag(const struct transfer *t, char out[ETAG_MAX + 1]) {
    FILE *f = fopen(t->etag_path, "re");
    size_t n = f ? fread(out, 1, ETAG_MAX, f) : 0;
    if (f) fclose(f);
    out[n] = '\0';
    if (n < 3 || out[0] != '"' || strpbrk(out, "\r\n")) out[0] = '\0';
}

/* The whole file begins: what was there is of another one, or of none. */
static pgr_err begin_anew(struct transfer *t) {
    if (t->have) PGR_TRY(empty_part(t));
    if (unlink(t->etag_path) != 0 && errno != ENOENT)
        return pgr_fail(PGR_E_IO, "%s: cannot remove: %s", t->etag_path, strerror(errno));
    return t->etag[0] ? pgr_file_write_atomic(t->etag_path, t->etag, strlen(t->etag)) : PGR_OK;
}

/* More bytes than that are too many. */
static uint64_t limit_of(const struct transfer *t) {
    if (t->d->n_bytes) return t->d->n_bytes;
    return t->said->n_bytes ? t->said->n_bytes : PGR_DOWNLOAD_MAX_BYTES;
}

static size_t on_data(char *bytes, size_t size, size_t n_item, void *ctx) {
    struct transfer *t = ctx;
    size_t n = size * n_item;
    if (!t->started) {
        long status = 0;
        curl_easy_getinfo(t->curl, CURLINFO_RESPONSE_CODE, &status);
        if (status != 200 && status != 206) return CURL_WRITEFUNC_ERROR; /* an error page is no content */
        t->bad_range = status == 206 && (!t->asked_rest || t->first != t->have);
        if (t->bad_range) return CURL_WRITEFUNC_ERROR;
        if (status == 200 && begin_anew(t) != PGR_OK) {
            t->disk_full = true;
            return CURL_WRITEFUNC_ERROR;
        }
        t->started = true;
    }
    t->too_large = t->have > limit_of(t) || n > limit_of(t) - t->have;
    if (t->too_large) return CURL_WRITEFUNC_ERROR;
    t->disk_full = fwrite(bytes, 1, n, t->f) != n;
    if (t->disk_full) {
        (void)pgr_fail(PGR_E_IO, "%s: cannot write: %s", t->d->path, strerror(errno));
        return CURL_WRITEFUNC_ERROR;
    }
    t->have += n;
    return n;
}

static int on_progress(void *ctx, curl_off_t total, curl_off_t now, curl_off_t up_total, curl_off_t up_now) {
    (void)up_total;
    (void)up_now;
    struct transfer *t = ctx;
    if (total > 0 && pgr_now_s() - t->reported_s >= REPORT_S) {
        t->reported_s = pgr_now_s();
        double of = (double)t->have + (double)(total - now);
        pgr_log(PGR_LOG_INFO, "fetch", "progress", "from=%s megabytes=%.1f of=%.1f", t->shown, (double)t->have / 1e6,
                of / 1e6);
    }
    return t->d->stop && t->d->stop();
}

/* ---- one request ---- */

static CURLcode perform(struct transfer *t, struct curl_slist *headers, const char *range) {
    CURL *c = t->curl;
    curl_easy_reset(c);
    t->words[0] = '\0';
    const char *protocols = strncasecmp(t->d->url, "http:", 5) == 0 ? "http,https" : "https";
    CURLcode rc = curl_easy_setopt(c, CURLOPT_URL, t->d->url);
    rc = rc ? rc : pgr_net_trust(c);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, protocols);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 1L);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_MAXREDIRS, (long)REDIRECTS);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_S);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1000L);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, 60L);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_USERAGENT, "pgrpo");
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->words);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_HEADERDATA, t);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_WRITEDATA, t);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
    rc = rc ? rc : curl_easy_setopt(c, CURLOPT_XFERINFODATA, t);
    if (range) rc = rc ? rc : curl_easy_setopt(c, CURLOPT_RANGE, range);
    if (headers) rc = rc ? rc : curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
    rc = rc ? rc : curl_easy_perform(c);
    long status = 0;
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    if (status) t->said->status = status;
    return rc;
}

static pgr_err ask(struct transfer *t, CURLcode *rc) {
    char range[32], etag[ETAG_MAX + 1];
    struct curl_slist *headers = NULL;
    struct pgr_buf line = PGR_BUF_INIT;
    read_etag(t, etag);
    if (t->have && !etag[0] && !t->d->fixed && !t->d->knows_sum) PGR_TRY(empty_part(t));
    t->asked_rest = t->have > 0;
    t->started = t->too_large = t->bad_range = t->disk_full = false;
    if (t->asked_rest && etag[0]) {
        pgr_buf_addf(&line, "If-Range: %s", etag);
        headers = line.failed ? NULL : curl_slist_append(NULL, pgr_buf_str(&line));
        pgr_buf_free(&line);
        if (!headers) return pgr_fail(PGR_E_NOMEM, "out of memory");
    }
    snprintf(range, sizeof range, "%" PRIu64 "-", t->have);
    *rc = perform(t, headers, t->asked_rest ? range : NULL);
    curl_slist_free_all(headers);
    return PGR_OK;
}

static bool is_there(CURLcode rc) {
    switch (rc) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT: return false;
    default: return true;
    }
}

static bool may_pass(CURLcode rc) {
    switch (rc) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_OUT_OF_MEMORY: return false;
    default: return true;
    }
}

/* One request; *again: whether another one may do better. */
static pgr_err attempt(struct transfer *t, bool *again) {
    CURLcode rc;
    uint64_t before = t->have, whole = t->d->n_bytes;
    *again = false;
    if (whole && t->have == whole) return PGR_OK;
    PGR_TRY(ask(t, &rc));
    long status = t->said->status;
    if (t->d->stop && t->d->stop()) return pgr_fail(PGR_E_INTERRUPTED, "interrupted; the next fetch goes on from here");
    if (t->disk_full) return PGR_E_IO; /* already said */
    if (t->too_large) {
        PGR_TRY(empty_part(t));
        return pgr_fail(PGR_E_FORMAT, "%s: sends more than %" PRIu64 " bytes", t->shown, limit_of(t));
    }
    if (status == 416 && t->asked_rest) {
        if (t->of == t->have) return PGR_OK;
        *again = true;
        PGR_TRY(empty_part(t));
        return pgr_fail(PGR_E_IO, "%s: has no bytes behind %" PRIu64, t->shown, before);
    }
    if (t->bad_range) {
        *again = true;
        PGR_TRY(empty_part(t));
        return pgr_fail(PGR_E_IO, "%s: answered with another range than the one asked for", t->shown);
    }
    if (rc == CURLE_UNSUPPORTED_PROTOCOL && status >= 300 && status < 400)
        return pgr_fail(PGR_E_IO, "%s: redirects to an address that is not https, which is not followed", t->shown);
    if (rc == CURLE_TOO_MANY_REDIRECTS)
        return pgr_fail(PGR_E_IO, "%s: redirects more than %d times", t->shown, REDIRECTS);
    if (status && status != 200 && status != 206) {
        *again = status == 408 || status == 429 || status >= 500;
        return pgr_fail(PGR_E_IO, "%s: HTTP status %ld", t->shown, status);
    }
    if (rc != CURLE_OK) {
        *again = may_pass(rc) && (is_there(rc) || t->have > before);
        return pgr_fail(PGR_E_IO, "%s: %s%s", t->shown, t->words[0] ? t->words : curl_easy_strerror(rc),
                        pgr_net_trust_hint(rc));
    }
    if (status == 200 && !t->started) PGR_TRY(begin_anew(t)); /* an empty file */
    if (!whole) whole = t->said->n_bytes;
    if (!whole && status == 206 && t->of != UINT64_MAX) whole = t->of; /* it may be less than the range asked for */
    if (!whole && !t->framed && !t->d->knows_sum)
        return pgr_fail(PGR_E_IO, "%s: told no length, so its end cannot be told from a break", t->shown);
    if (!whole || t->have == whole) return PGR_OK;
    *again = t->have < whole;
    return pgr_fail(PGR_E_IO, "%s: ended after %" PRIu64 " of %" PRIu64 " bytes", t->shown, t->have, whole);
}

/* False when a stop was asked for meanwhile. */
static bool pause_for(const struct transfer *t, double seconds) {
    const struct timespec step = {0, 50000000};
    for (double end = pgr_now_s() + seconds; pgr_now_s() < end;) {
        if (t->d->stop && t->d->stop()) return false;
        nanosleep(&step, NULL);
    }
    return true;
}

static pgr_err attempts(struct transfer *t) {
    pgr_err err;
    uint64_t most = t->have; /* of all attempts: one that begins anew gets on only behind it */
    for (int i = 0;; i++) {
        bool again;
        curl_off_t after = 0;
        t->said->status = 0;
        err = attempt(t, &again);
        if (err == PGR_OK || !again) return err;
        if (t->have > most) {
            most = t->have;
            i = 0;
        }
        if (i + 1 >= TRIES) return err;
        pgr_log(PGR_LOG_WARN, "fetch", "again", "reason=\"%s\"", pgr_err_detail());
        curl_easy_getinfo(t->curl, CURLINFO_RETRY_AFTER, &after);
        double pause = 0.5 * (double)(1 << i);
        if (after > 0) pause = after < RETRY_AFTER_MAX_S ? (double)after : RETRY_AFTER_MAX_S;
        if (!pause_for(t, pause)) return pgr_fail(PGR_E_INTERRUPTED, "interrupted; the next fetch goes on from here");
    }
}

static char *suffixed_dup(const char *path, const char *suffix) {
    struct pgr_buf b = PGR_BUF_INIT;
    pgr_buf_addf(&b, "%s%s", path, suffix);
    return pgr_buf_steal(&b);
}

pgr_err pgr_download(const struct pgr_download *d, struct pgr_download_said *said) {
    struct transfer t = {.d = d, .said = said, .reported_s = pgr_now_s()};
    *said = (struct pgr_download_said){.status = 0};
    if (strncasecmp(d->url, "https://", 8) != 0 && strncasecmp(d->url, "http://", 7) != 0)
        return pgr_fail(PGR_E_USAGE, "%s: must begin with https:// or http://", d->url);
    t.shown = pgr_strndup(d->url, strcspn(d->url, "?#"));
    t.etag_path = suffixed_dup(d->path, ".etag");
    t.curl = curl_easy_init();
    pgr_err err = t.shown && t.etag_path && t.curl ? open_part(&t) : pgr_fail(PGR_E_NOMEM, "out of memory");
    if (err == PGR_OK) err = attempts(&t);
    if (t.f) {
        bool ok = fflush(t.f) == 0 && fsync(fileno(t.f)) == 0;
        if (!ok && err == PGR_OK) err = pgr_fail(PGR_E_IO, "%s: cannot write: %s", d->path, strerror(errno));
        fclose(t.f);
    }
    if (t.curl) curl_easy_cleanup(t.curl);
    pgr_free(t.shown);
    pgr_free(t.etag_path);
    return err;
}

pgr_err pgr_download_forget(const char *path) {
    char *etag = suffixed_dup(path, ".etag");
    if (!etag) return pgr_fail(PGR_E_NOMEM, "out of memory");
    pgr_err err = PGR_OK;
    if ((unlink(path) != 0 && errno != ENOENT) || (unlink(etag) != 0 && errno != ENOENT))
        err = pgr_fail(PGR_E_IO, "%s: cannot remove: %s", path, strerror(errno));
    pgr_free(etag);
    return err;
}
