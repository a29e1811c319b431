/* SPDX-License-Identifier: MIT */
/*
 * The core is carried compressed, as one LZ4 frame that Debian's lz4 made:
 * what firmware has to load and keep stays small.  Plain C, shared with the
 * host tests.
 */
#ifndef RINGSIDE_LZ4_H
#define RINGSIDE_LZ4_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Expands the frame from[n] to to[size].  True when exactly size bytes came of
 * it; reads and writes nowhere else, whatever the frame says.  Checksums are
 * passed over, dictionaries refused.  Format: lz4_Frame_format.md, 1.6.
 */
bool lz4_expand(uint8_t *to, uint32_t size, const uint8_t *from, uint32_t n);

/* The same, and it is what was packed: crc32() of it is this. */
bool lz4_expand_whole(uint8_t *to, uint32_t size, const uint8_t *from,
                      uint32_t n, uint32_t crc);

#endif
