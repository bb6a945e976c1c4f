/* setup.c - helpers that a prompt brings. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/size.h"
#include "task/family.h"

/* A line that can stand at the left margin of Python source before a function. */
static bool is_source_line(const char *line, size_t n) {
    static const char *const starts[] = {"def ", "class ", "from ", "import ", "@", "#", "async def "};
    if (n == 0 || line[0] == ' ' || line[0] == '\t') return true;
    for (size_t i = 0; i < PGR_COUNT(starts); i++)
        if (n >= strlen(starts[i]) && strncmp(line, starts[i], strlen(starts[i])) == 0) return true;
    return false;
}

pgr_err pgr_setup_of_prompt(struct pgr_task *t) {
    char head[200];
    bool helper = false;
    if (snprintf(head, sizeof head, "def %s(", t->entry_point) >= (int)sizeof head) return PGR_OK;
    for (const char *line = t->prompt; *line;) {
        size_t n = strcspn(line, "\n");
        if (strncmp(line, head, strlen(head)) == 0) {
            if (!t->prefix) PGR_TRY(pgr_take_text(t->prompt, &t->prefix));
            if (!helper) return PGR_OK;
            t->setup = pgr_strndup(t->prompt, (size_t)(line - t->prompt));
            return t->setup ? PGR_OK : pgr_fail(PGR_E_NOMEM, "out of memory");
        }
        if (!is_source_line(line, n)) return PGR_OK;
        helper |= strncmp(line, "def ", 4) == 0 || strncmp(line, "class ", 6) == 0;
        line += n + (line[n] == '\n');
    }
    return PGR_OK;
}
