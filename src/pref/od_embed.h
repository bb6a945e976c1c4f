/* od_embed.h - the files of data/prompts/od, which the build puts into the library; not NUL-terminated. */
#ifndef PGR_PREF_OD_EMBED_H
#define PGR_PREF_OD_EMBED_H

#include <stddef.h>

#define PGR_OD_FILE_LIST(X)                                                                                            \
    X(version)                                                                                                         \
    X(system)                                                                                                          \
    X(base)                                                                                                            \
    X(rewrite)                                                                                                         \
    X(optimized_factual_accuracy)                                                                                      \
    X(degraded_factual_accuracy)                                                                                       \
    X(optimized_logical_rigor)                                                                                         \
    X(degraded_logical_rigor)                                                                                          \
    X(optimized_logical_coherence)                                                                                     \
    X(degraded_logical_coherence)                                                                                      \
    X(solve_system)                                                                                                    \
    X(solve)

#define X(name)                                                                                                        \
    extern const unsigned char pgr_od_##name[];                                                                        \
    extern const size_t pgr_od_##name##_bytes;
PGR_OD_FILE_LIST(X)
#undef X

#endif
