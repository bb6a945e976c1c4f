/* judge_embed.h - the files of data/prompts/judge, which the build puts into the library; not NUL-terminated. */
#ifndef PGR_PREF_JUDGE_EMBED_H
#define PGR_PREF_JUDGE_EMBED_H

#include <stddef.h>

#define PGR_JUDGE_FILE_LIST(X) X(version) X(system) X(compare) X(grade)

#define X(name)                                                                                                        \
    extern const unsigned char pgr_judge_##name[];                                                                     \
    extern const size_t pgr_judge_##name##_bytes;
PGR_JUDGE_FILE_LIST(X)
#undef X

#endif
