/* SPDX-License-Identifier: MIT */
/* Expanding a DEFLATE stream; see inflate.h.  Called by load.c, cases.c. */
#include "inflate.h"

#include "record/journal.h"

#define CODE_MAX 15 /* bits of a code */
#define FAST_BITS 9 /* codes up to here are looked up, longer ones counted */
#define LITERALS 288
#define DISTANCES 32
#define ORDERS 19 /* lengths of codes are themselves coded */
#define END_OF_BLOCK 256
#define LENGTH_FIRST 257
#define LENGTHS 29
#define DISTANCES_USED 30

enum { STORED, FIXED, DYNAMIC };

struct stream {
    const uint8_t *at, *end;
    uint8_t *begin, *out, *limit;
    uint64_t hold; /* bits that have been read, the first one lowest */
    unsigned have;
};

/* A code: how many symbols there are of each length, and all of them in the
 * order of their codes.  fast: by the next bits, symbol * 16 + length. */
struct code {
    uint16_t count[CODE_MAX + 1], symbol[LITERALS], fast[1 << FAST_BITS];
};

static bool need(struct stream *s, unsigned bits)
{
    while (s->have <= 56 && s->at < s->end) {
        s->hold |= (uint64_t)*s->at++ << s->have;
        s->have += 8;
    }
    return s->have >= bits;
}

static void drop(struct stream *s, unsigned bits)
{
    s->hold >>= bits;
    s->have -= bits;
}

static bool take(struct stream *s, unsigned bits, unsigned *v)
{
    if (!need(s, bits))
        return false;
    *v = (unsigned)(s->hold & ((1u << bits) - 1));
    drop(s, bits);
    return true;
}

/* All of a symbol's entries: whatever bits follow its own. */
static void make_fast(struct code *c, unsigned code, unsigned length,
                      unsigned symbol)
{
    unsigned reversed = 0;

    for (unsigned i = 0; i < length; i++)
        reversed |= (code >> i & 1) << (length - 1 - i);
    for (; reversed < 1 << FAST_BITS; reversed += 1 << length)
        c->fast[reversed] = (uint16_t)(symbol << 4 | length);
}

/* The code in which symbol i has lengths[i] bits; false: there is no room. */
static bool make(struct code *c, const uint8_t *lengths, unsigned n)
{
    uint16_t next[CODE_MAX + 1], at[CODE_MAX + 1];
    int left = 1;

    for (unsigned i = 0; i <= CODE_MAX; i++)
        c->count[i] = 0;
    for (unsigned i = 0; i < 1 << FAST_BITS; i++)
        c->fast[i] = 0;
    for (unsigned i = 0; i < n; i++)
        c->count[lengths[i]]++;
    c->count[0] = 0;
    next[1] = at[1] = 0;
    for (unsigned i = 1; i <= CODE_MAX; i++) {
        left = left * 2 - c->count[i];
        if (left < 0)
            return false;
        if (i < CODE_MAX) {
            next[i + 1] = (uint16_t)((next[i] + c->count[i]) << 1);
            at[i + 1] = (uint16_t)(at[i] + c->count[i]);
        }
    }
    for (unsigned i = 0; i < n; i++) {
        unsigned length = lengths[i];

        if (!length)
            continue;
        c->symbol[at[length]++] = (uint16_t)i;
        if (length <= FAST_BITS)
            make_fast(c, next[length], length, i);
        next[length]++;
    }
    return true;
}

static bool symbol(struct stream *s, const struct code *c, unsigned *v)
{
    unsigned fast, code = 0, first = 0, index = 0;

    need(s, CODE_MAX);
    fast = c->fast[s->hold & ((1 << FAST_BITS) - 1)];
    if (fast && (fast & 15) <= s->have) {
        *v = fast >> 4;
        drop(s, fast & 15);
        return true;
    }
    for (unsigned length = 1; length <= CODE_MAX && length <= s->have;
         length++) {
        code |= s->hold >> (length - 1) & 1;
        if (code - first < c->count[length]) {
            *v = c->symbol[index + code - first];
            drop(s, length);
            return true;
        }
        index += c->count[length];
        first = (first + c->count[length]) << 1;
        code <<= 1;
    }
    return false;
}

static bool match(struct stream *s, unsigned length, unsigned back)
{
    if ((uint64_t)(s->out - s->begin) < back ||
        (uint64_t)(s->limit - s->out) < length)
        return false;
    for (; length--; s->out++)
        *s->out = *(s->out - back); /* may overlap: that repeats it */
    return true;
}

/* Four at a time share a number of extra bits, which grows by one: from
 * symbol 8 on for lengths, two at a time from symbol 4 on for distances. */
static bool number(struct stream *s, unsigned n, unsigned log, unsigned *v)
{
    unsigned more = 0, bits = n >> log;

    if (bits <= 1) {
        *v = n;
        return true;
    }
    bits--;
    if (!take(s, bits, &more))
        return false;
    *v = ((n & ((1 << log) - 1)) + (1 << log)) * (1u << bits) + more;
    return true;
}

static bool symbols(struct stream *s, const struct code *literals,
                    const struct code *distances)
{
    unsigned v, length, back;

    for (;;) {
        if (!symbol(s, literals, &v))
            return false;
        if (v == END_OF_BLOCK)
            return true;
        if (v < END_OF_BLOCK) {
            if (s->out == s->limit)
                return false;
            *s->out++ = (uint8_t)v;
            continue;
        }
        v -= LENGTH_FIRST;
        if (v >= LENGTHS)
            return false;
        if (v == LENGTHS - 1)
            length = 255; /* has a symbol of its own */
        else if (!number(s, v, 2, &length))
            return false;
        if (!symbol(s, distances, &v) || v >= DISTANCES_USED ||
            !number(s, v, 1, &back) || !match(s, length + 3, back + 1))
            return false;
    }
}

static bool stored(struct stream *s)
{
    unsigned n, inverse;

    drop(s, s->have & 7);
    if (!take(s, 16, &n) || !take(s, 16, &inverse) || (n ^ inverse) != 0xffff ||
        (uint64_t)(s->limit - s->out) < n)
        return false;
    for (; n; n--) {
        unsigned byte;

        if (!take(s, 8, &byte))
            return false;
        *s->out++ = (uint8_t)byte;
    }
    return true;
}

/* Lengths of both codes in a row; 16 repeats the last, 17 and 18 zero. */
static bool read_lengths(struct stream *s, const struct code *c,
                         uint8_t *lengths, unsigned n)
{
    for (unsigned i = 0; i < n;) {
        unsigned v, times = 1;
        uint8_t length;

        if (!symbol(s, c, &v) || (v == 16 && i == 0))
            return false;
        length = v < 16 ? (uint8_t)v : v == 16 ? lengths[i - 1] : 0;
        if (v >= 16) {
            if (!take(s, v == 16 ? 2 : v == 17 ? 3 : 7, &times))
                return false;
            times += v == 18 ? 11 : 3;
        }
        if (times > n - i)
            return false;
        while (times--)
            lengths[i++] = length;
    }
    return true;
}

static bool dynamic(struct stream *s, struct code *literals,
                    struct code *distances)
{
    static const uint8_t order[ORDERS] = {16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                          11, 4,  12, 3, 13, 2, 14, 1, 15};
    uint8_t lengths[LITERALS + DISTANCES] = {0};
    unsigned n, m, orders, v;

    if (!take(s, 5, &n) || !take(s, 5, &m) || !take(s, 4, &orders))
        return false;
    n += LENGTH_FIRST;
    m += 1;
    if (n > LITERALS)
        return false;
    for (unsigned i = 0; i < orders + 4; i++) {
        if (!take(s, 3, &v))
            return false;
        lengths[order[i]] = (uint8_t)v;
    }
    if (!make(literals, lengths, ORDERS) ||
        !read_lengths(s, literals, lengths, n + m))
        return false;
    return make(literals, lengths, n) && make(distances, lengths + n, m) &&
           symbols(s, literals, distances);
}

static bool fixed(struct stream *s, struct code *literals,
                  struct code *distances)
{
    uint8_t lengths[LITERALS];

    for (unsigned i = 0; i < LITERALS; i++)
        lengths[i] = i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8;
    if (!make(literals, lengths, LITERALS))
        return false;
    for (unsigned i = 0; i < DISTANCES; i++)
        lengths[i] = 5;
    return make(distances, lengths, DISTANCES) &&
           symbols(s, literals, distances);
}

bool inflate(uint8_t *to, uint32_t size, const uint8_t *from, uint32_t n)
{
    struct stream s = {from, from + n, to, to, to + size, 0, 0};
    struct code literals, distances;
    unsigned last = 0, type;

    while (!last) {
        if (!take(&s, 1, &last) || !take(&s, 2, &type))
            return false;
        if (!(type == STORED    ? stored(&s)
              : type == FIXED   ? fixed(&s, &literals, &distances)
              : type == DYNAMIC ? dynamic(&s, &literals, &distances)
                                : false))
            return false;
    }
    return s.out == s.limit;
}

bool inflate_whole(uint8_t *to, uint32_t size, const uint8_t *from, uint32_t n,
                   uint32_t crc)
{
    return inflate(to, size, from, n) && crc32(0, to, size) == crc;
}
