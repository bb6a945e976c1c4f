/* download.h - one file from an http or https address to a path, going on where an earlier try ended.
 *
 * A part is continued with a Range request. It must come from the same file as the rest: the validator (ETag) of the
 * first answer is kept beside the part, in PATH.etag, and sent as If-Range, so a server whose file is another one by
 * now sends it from its beginning. Without a strong validator a part is continued only for a caller who knows the sum
 * of the whole; else it is fetched anew.
 *
 * Tried again, after pauses that double from half a second (or as long as Retry-After says, up to a minute): broken
 * connections, answers that end early, the statuses 408, 429 and 5xx. Not tried again: a server that is not there at
 * all. Redirects are followed, from https to https only. */
#ifndef PGR_NET_DOWNLOAD_H
#define PGR_NET_DOWNLOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Of a file whose length neither the caller nor the hub tells. */
#define PGR_DOWNLOAD_MAX_BYTES ((uint64_t)8 << 30)

struct pgr_download {
    const char *url;    /* messages show it without what stands behind "?" */
    const char *path;   /* of the part; kept when the call fails, emptied after PGR_E_FORMAT */
    uint64_t n_bytes;   /* of the whole file; 0: unknown */
    bool knows_sum;     /* the caller checks the whole against a sum that it knew before */
    bool fixed;         /* the address never gives another file */
    bool (*stop)(void); /* asked all the time; true ends the call */
};

/* What the server said; filled as far as known also when the call fails. */
struct pgr_download_said {
    long status;      /* of the last answer; 0: none came */
    char commit[65];  /* the Hugging Face hub's revision, "" if not said */
    char sha256[65];  /* announced by the hub (x-linked-etag), lower case, "" if not */
    uint64_t n_bytes; /* announced by the hub (x-linked-size), 0 if not */
};

/* PGR_OK: the file at path is complete and synced, its content unchecked. PGR_E_USAGE for an address that is none;
 * PGR_E_IO for everything that the network, the server (by its status) or the disk did; PGR_E_FORMAT when the server
 * sends more than n_bytes, than it announced or than PGR_DOWNLOAD_MAX_BYTES; PGR_E_INTERRUPTED. */
PGR_MUST_CHECK pgr_err pgr_download(const struct pgr_download *d, struct pgr_download_said *said);

/* Removes a part and its validator; no error if they are not there. */
PGR_MUST_CHECK pgr_err pgr_download_forget(const char *path);

#endif
