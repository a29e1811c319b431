/* SPDX-License-Identifier: MIT */
/*
 * CRC-32 as in IEEE 802.3, zip and PNG: the journal's and the digest's only
 * protection against bits that a reset flipped.
 *
 * The table is constant, so it needs no first call that builds it, and is
 * there even for the last words of a core that just faulted.  It is written
 * as eight numbers because a CRC is linear: the entry of a byte is the sum of
 * the entries of its bits.
 */
#include "journal.h"

#define POLYNOMIAL 0xedb88320u /* bit-reversed: bytes come LSB first */

/* The entry of half the index: one bit of the division. */
#define HALF(e) ((e) >> 1 ^ ((e)&1 ? POLYNOMIAL : 0))

enum {
    BIT7 = POLYNOMIAL,
    BIT6 = HALF(BIT7),
    BIT5 = HALF(BIT6),
    BIT4 = HALF(BIT5),
    BIT3 = HALF(BIT4),
    BIT2 = HALF(BIT3),
    BIT1 = HALF(BIT2),
    BIT0 = HALF(BIT1),
};

#define E1(i)                                                                  \
    ((i)&1 ? BIT0 : 0u) ^ ((i)&2 ? BIT1 : 0u) ^ ((i)&4 ? BIT2 : 0u) ^          \
        ((i)&8 ? BIT3 : 0u) ^ ((i)&16 ? BIT4 : 0u) ^ ((i)&32 ? BIT5 : 0u) ^    \
        ((i)&64 ? BIT6 : 0u) ^ ((i)&128 ? BIT7 : 0u)
#define E4(i) E1(i), E1((i) + 1), E1((i) + 2), E1((i) + 3)
#define E16(i) E4(i), E4((i) + 4), E4((i) + 8), E4((i) + 12)
#define E64(i) E16(i), E16((i) + 16), E16((i) + 32), E16((i) + 48)

static const uint32_t table[256] = {E64(0), E64(64), E64(128), E64(192)};

uint32_t crc32(uint32_t crc, const void *data, size_t n)
{
    const uint8_t *p = data;

    crc = ~crc;
    while (n--)
        crc = crc >> 8 ^ table[(crc ^ *p++) & 0xff];
    return ~crc;
}
