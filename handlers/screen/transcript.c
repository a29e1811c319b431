/* SPDX-License-Identifier: MIT */
/* The journal as lines of text; see transcript.h.  Plain C, shared with the
 * host tests. */
#include "transcript.h"

#include "fmt.h"

#define GAP 3 /* words of zeros that are worth a line of their own */
#define WORD sizeof(uint64_t)
#define HEAD_MAX 32
#define LINE_MAX (HEAD_MAX + TRANSCRIPT_BYTES / 3 * 4 + 2)

/* Appends n bytes at to, without the padding that is for others; returns
 * what is behind them. */
static char *base64(char *to, const uint8_t *p, uint32_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz0123456789+/";

    for (uint32_t i = 0; i < n; i += 3) {
        uint32_t left = n - i, v = (uint32_t)p[i] << 16;

        v |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
        v |= left > 2 ? p[i + 2] : 0;
        *to++ = digit[v >> 18];
        *to++ = digit[v >> 12 & 63];
        if (left > 1)
            *to++ = digit[v >> 6 & 63];
        if (left > 2)
            *to++ = digit[v & 63];
    }
    return to;
}

static void put_line(const struct journal *j, uint32_t at, uint32_t n,
                     report_put *put, void *context)
{
    uint32_t crc = crc32(crc32(0, &at, sizeof(at)), j->base + at, n);
    char line[LINE_MAX], *end;

    end = line + fmt(line, HEAD_MAX, TRANSCRIPT_WORD "%x %08x ", at, crc);
    end = base64(end, j->base + at, n);
    *end++ = '\n';
    put(context, line, (size_t)(end - line));
}

static bool zero(const struct journal *j, uint32_t at)
{
    return *(const uint64_t *)(j->base + at) == 0;
}

/* The bytes from there that go into one line; it begins with a word that is
 * not zero, and ends with one. */
static uint32_t stretch(const struct journal *j, uint32_t at)
{
    uint32_t n = WORD;

    for (uint32_t i = WORD; i < TRANSCRIPT_BYTES && at + i < j->used; i += WORD)
        if (!zero(j, at + i))
            n = i + WORD;
        else if (i >= n + (GAP - 1) * WORD)
            break;
    return n;
}

void transcript_lines(const struct journal *j, uint32_t from, report_put *put,
                      void *context)
{
    while (from < j->used) {
        uint32_t n = zero(j, from) ? 0 : stretch(j, from);

        if (n != 0)
            put_line(j, from, n, put, context);
        from += n != 0 ? n : WORD;
    }
}

void transcript_end(const struct journal *j, report_put *put, void *context)
{
    char line[2 * HEAD_MAX];
    int n = fmt(line, sizeof(line), TRANSCRIPT_END "%x %08x\n", j->used,
                crc32(0, j->base, j->used));

    put(context, line, (size_t)n);
}
