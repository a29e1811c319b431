/* SPDX-License-Identifier: MIT */
/* Expanding an LZ4 frame; see lz4.h.  Called by load.c. */
#include "lz4.h"

#include "record/journal.h"

#define MAGIC 0x184d2204u
#define VERSION_MASK 0xc0 /* bits of the frame's FLG byte */
#define VERSION_1 0x40
#define BLOCK_CHECKSUM 0x10
#define CONTENT_SIZE 0x08
#define DICTIONARY 0x01
#define STORED 0x80000000u /* bit of a block's size: not compressed */
#define MATCH_MIN 4
#define LENGTH_MORE 15 /* nibble: further bytes follow */

struct stream {
    const uint8_t *at, *end;
    uint8_t *begin, *out, *limit;
};

static bool number(struct stream *s, unsigned bytes, uint32_t *v)
{
    *v = 0;
    if ((uint64_t)(s->end - s->at) < bytes)
        return false;
    for (unsigned i = 0; i < bytes; i++)
        *v |= (uint32_t)*s->at++ << 8 * i;
    return true;
}

/* A nibble's length and the bytes that go on with it. */
static bool length(struct stream *s, uint32_t *n)
{
    uint32_t more = 255;

    if (*n != LENGTH_MORE)
        return true;
    while (more == 255) {
        if (!number(s, 1, &more) || *n > UINT32_MAX - 255)
            return false;
        *n += more;
    }
    return true;
}

static bool literals(struct stream *s, uint32_t n)
{
    if ((uint64_t)(s->end - s->at) < n || (uint64_t)(s->limit - s->out) < n)
        return false;
    while (n--)
        *s->out++ = *s->at++;
    return true;
}

static bool match(struct stream *s, uint32_t back, uint32_t n)
{
    if (back == 0 || (uint64_t)(s->out - s->begin) < back ||
        (uint64_t)(s->limit - s->out) < n)
        return false;
    for (; n--; s->out++)
        *s->out = *(s->out - back); /* may overlap: that repeats it */
    return true;
}

/* Sequences of literals and matches; the last has literals alone. */
static bool block(struct stream *s)
{
    while (s->at < s->end) {
        uint32_t token, n, back;

        if (!number(s, 1, &token))
            return false;
        n = token >> 4;
        if (!length(s, &n) || !literals(s, n))
            return false;
        if (s->at == s->end)
            return true;
        n = token & 15;
        if (!number(s, 2, &back) || !length(s, &n) ||
            !match(s, back, n + MATCH_MIN))
            return false;
    }
    return false;
}

static bool frame_header(struct stream *s, uint32_t *flags)
{
    uint32_t v;

    return number(s, 4, &v) && v == MAGIC && number(s, 1, flags) &&
           (*flags & VERSION_MASK) == VERSION_1 && !(*flags & DICTIONARY) &&
           number(s, 1, &v) && /* block size: the limit is ours */
           (!(*flags & CONTENT_SIZE) ||
            (number(s, 4, &v) && number(s, 4, &v))) &&
           number(s, 1, &v); /* header checksum */
}

bool lz4_expand(uint8_t *to, uint32_t size, const uint8_t *from, uint32_t n)
{
    struct stream s = {from, from + n, to, to, to + size};
    uint32_t flags, length, checksum;

    if (!frame_header(&s, &flags))
        return false;
    while (number(&s, 4, &length) && length) {
        struct stream b = s;

        if ((uint64_t)(s.end - s.at) < (length & ~STORED))
            return false;
        b.end = s.at + (length & ~STORED);
        if (!(length & STORED ? literals(&b, length & ~STORED) : block(&b)))
            return false;
        s.at = b.end;
        s.out = b.out;
        if (flags & BLOCK_CHECKSUM && !number(&s, 4, &checksum))
            return false;
    }
    return s.out == s.limit;
}

bool lz4_expand_whole(uint8_t *to, uint32_t size, const uint8_t *from,
                      uint32_t n, uint32_t crc)
{
    return lz4_expand(to, size, from, n) && crc32(0, to, size) == crc;
}
