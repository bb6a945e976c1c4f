/* file.h - files: mapping, whole reads, line reading, and writes that are all or nothing. */
#ifndef PGR_BASE_FILE_H
#define PGR_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"

/* A read-only mapping. PGR_E_NOTFOUND, PGR_E_IO (also for an empty file or a folder). */
struct pgr_map {
    const unsigned char *data;
    size_t n_bytes;
};
PGR_MUST_CHECK pgr_err pgr_map_open(const char *path, struct pgr_map *out);
void pgr_map_close(struct pgr_map *m); /* zeroes *m; a zero map is allowed */

/* Appends the whole file to *out; PGR_E_RANGE above max_bytes. */
PGR_MUST_CHECK pgr_err pgr_file_read(const char *path, size_t max_bytes, struct pgr_buf *out);

bool pgr_file_exists(const char *path);
bool pgr_is_dir(const char *path);

/* Creates the folder and its parents (mode 0777 less umask); no error if it exists. */
PGR_MUST_CHECK pgr_err pgr_mkdirs(const char *path);
/* Removes a folder and all below it, never following a symbolic link. No error if it is not there. */
PGR_MUST_CHECK pgr_err pgr_remove_tree(const char *path);

/* Writes a file so that after a crash either the old or the new content is there: a temporary file
 * beside it, fsync, rename, fsync of the folder. A full disk is PGR_E_IO and leaves the old file. A link stays, the
 * file behind it is replaced; PGR_E_IO for a path that is there and is no regular file. */
PGR_MUST_CHECK pgr_err pgr_file_write_atomic(const char *path, const void *data, size_t n_bytes);

/* Renames a synced file or folder, replacing a file, and syncs the folder it is in then. */
PGR_MUST_CHECK pgr_err pgr_put_in_place(const char *from, const char *to);

/* The same for content too large to hold: write to the returned FILE, then commit or abandon. */
struct pgr_outfile {
    FILE *f;
    char *path, *temp_path; /* owned */
};
PGR_MUST_CHECK pgr_err pgr_outfile_open(const char *path, struct pgr_outfile *out);
PGR_MUST_CHECK pgr_err pgr_outfile_commit(struct pgr_outfile *o); /* frees *o, also on error */
void pgr_outfile_abandon(struct pgr_outfile *o);                  /* removes the temporary file; takes a zero *o */

/* A folder built aside and put in place by one rename: pgr_outdir_open makes `path`.tmp-PID empty,
 * the caller writes into dir.temp_path, pgr_outdir_commit syncs every file and renames it to `path`
 * (replacing an older folder of that name). */
struct pgr_outdir {
    char *path, *temp_path; /* owned */
};
PGR_MUST_CHECK pgr_err pgr_outdir_open(const char *path, struct pgr_outdir *out);
PGR_MUST_CHECK pgr_err pgr_outdir_commit(struct pgr_outdir *d); /* frees *d, also on error */
void pgr_outdir_abandon(struct pgr_outdir *d);

/* "a/b"; the result is owned by the caller, NULL when memory runs out. */
char *pgr_path_join_dup(const char *dir, const char *name);

/* Reads a text file line by line, plain, .gz or .zst (told by content). Lines may be long: the limit is
 * max_line_bytes. */
struct pgr_lines;
PGR_MUST_CHECK pgr_err pgr_lines_open(const char *path, size_t max_line_bytes, struct pgr_lines **out);
/* The next line without its end (\n or \r\n), NUL-terminated, borrowed until the next call; *line = NULL at the end.
 * *number counts from 1. PGR_E_FORMAT for a damaged stream or an over-long line. */
PGR_MUST_CHECK pgr_err pgr_lines_next(struct pgr_lines *l, const char **line, size_t *n_bytes, size_t *number);
void pgr_lines_close(struct pgr_lines *l);

#endif
