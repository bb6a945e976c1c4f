/* embed.h - files that the build puts into the library. */
#ifndef PGR_SBX_EMBED_H
#define PGR_SBX_EMBED_H

#include <stddef.h>

extern const unsigned char pgr_sbx_guard_so[];
extern const size_t pgr_sbx_guard_so_bytes;
extern const unsigned char pgr_sbx_player_py[];
extern const size_t pgr_sbx_player_py_bytes;

#endif
