/* od_journal.h - a file of JSON lines that only grows, so that a run which was ended in any way goes on from it.
 *
 * The first line says what the file was made with. Each line is written by a single write() and is on the disk when
 * pgr_od_journal_add returns: after kill -9 or a power cut all lines are whole but maybe the last, which is cut off
 * when the file is opened again. Two runs cannot have it open. */
#ifndef PGR_PREF_OD_JOURNAL_H
#define PGR_PREF_OD_JOURNAL_H

#include <jansson.h>

#include "base/buf.h"
#include "base/json.h"

struct pgr_od_journal {
    int fd;
    char *path; /* owned */
    struct pgr_buf line;
};

/* Opens or begins the file; fn gets the lines after the first. PGR_E_FORMAT when its first line is not `head` (the
 * message names the first setting that differs), PGR_E_IO when another run has it open. */
PGR_MUST_CHECK pgr_err pgr_od_journal_open(const char *path, const json_t *head, pgr_jsonl_fn fn, void *ctx,
                                           struct pgr_od_journal *out);
/* Takes over the reference to o, which may be NULL: out of memory. */
PGR_MUST_CHECK pgr_err pgr_od_journal_add(struct pgr_od_journal *j, json_t *o);
void pgr_od_journal_close(struct pgr_od_journal *j);

#endif
