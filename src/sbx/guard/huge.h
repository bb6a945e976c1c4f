/* huge.h - large pages for what every player inherits: a fork then copies a few entries instead of thousands. */
#ifndef PGR_SBX_GUARD_HUGE_H
#define PGR_SBX_GUARD_HUGE_H

/* Before Python starts: a place for its arenas. */
void sbx_huge_begin(void);
/* After the imports: the code too; from here on memory comes as usual. */
void sbx_huge_end(void);

#endif
