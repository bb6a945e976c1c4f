/* interp.h - the Python interpreter that cells run, and the files it needs. */
#ifndef PGR_SBX_INTERP_H
#define PGR_SBX_INTERP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* One file or folder that a cell shows, read-only, at `dst`. */
struct pgr_bind {
    char *src, *dst; /* owned; src holds no symbolic link */
    bool is_dir;
};

/* Where cells with namespaces show the site-packages folder, wherever it is on the host. */
#define PGR_SITE_IN_CELL "/sbx/site"

struct pgr_interp {
    char *exe;      /* owned, no symbolic link */
    char *site;     /* owned; site-packages folder or NULL */
    char *lib_path; /* owned; folders of libraries outside the loader's default ones, joined by ':' ("" if none) */
    struct pgr_bind *bind;
    size_t n_bind;
};

/* Finds the interpreter (`python`, or the newest /usr/bin/python3.N or /usr/local/bin/python3.N), asks it where its
 * library lies and the loader which shared objects it and its extension modules need. Runs the interpreter twice,
 * outside of any cell: it is trusted. PGR_E_NOTFOUND, PGR_E_UNSUPPORTED (older than 3.9, no Python, not dynamically
 * linked), PGR_E_SYS. */
PGR_MUST_CHECK pgr_err pgr_interp_find(const char *python, const char *site_packages, struct pgr_interp *out);
void pgr_interp_free(struct pgr_interp *in);

#endif
