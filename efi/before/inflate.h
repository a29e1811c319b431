/* SPDX-License-Identifier: MIT */
/*
 * The core is carried compressed, and so are the texts of --explain, as
 * scripts/deflate makes it: what firmware has to load and keep stays small.
 * Plain C, shared with the host tests.
 */
#ifndef RINGSIDE_INFLATE_H
#define RINGSIDE_INFLATE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Expands the raw DEFLATE stream from[n] to to[size].  True when exactly size
 * bytes came of it; reads and writes nowhere else, whatever the stream says.
 * Format: RFC 1951.
 */
bool inflate(uint8_t *to, uint32_t size, const uint8_t *from, uint32_t n);

/* The same, and it is what was packed: crc32() of it is this. */
bool inflate_whole(uint8_t *to, uint32_t size, const uint8_t *from, uint32_t n,
                   uint32_t crc);

#endif
