/* lcbrb_embed.h - the files of data/prompts/lcbrb, which the build puts into the library; not NUL-terminated. */
#ifndef PGR_PREF_LCBRB_EMBED_H
#define PGR_PREF_LCBRB_EMBED_H

#include <stddef.h>

#define PGR_LCBRB_FILE_LIST(X)                                                                                         \
    X(version)                                                                                                         \
    X(system) X(solve) X(form_starter) X(form_stdin) X(judge_system) X(agree) X(sound) X(math_system) X(math_solve)    \
        X(math_agree) X(math_sound)

#define X(name)                                                                                                        \
    extern const unsigned char pgr_lcbrb_##name[];                                                                     \
    extern const size_t pgr_lcbrb_##name##_bytes;
PGR_LCBRB_FILE_LIST(X)
#undef X

#endif
