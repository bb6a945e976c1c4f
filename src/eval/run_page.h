/* run_page.h - the fixed parts of the report page: the files of src/eval/page, which the build puts into the library;
 * not NUL-terminated. */
#ifndef PGR_EVAL_RUN_PAGE_H
#define PGR_EVAL_RUN_PAGE_H

#include <stddef.h>

extern const unsigned char pgr_page_head[];    /* up to the title */
extern const unsigned char pgr_page_browser[]; /* the browser of completions, before the data */
extern const unsigned char pgr_page_script[];  /* its script, after the data */
extern const size_t pgr_page_head_bytes, pgr_page_browser_bytes, pgr_page_script_bytes;

#endif
