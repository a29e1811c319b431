/* SPDX-License-Identifier: MIT */
/*
 * Reads the journal out of a capture of the serial line; see serial_journal.h.
 * For the report program and its tests.
 */
#include <string.h>

#include "record/journal.h"
#include "screen/transcript.h"
#include "serial_journal.h"

/* What is left of a line. */
struct line {
    const char *at, *end;
};

static bool take(struct line *l, const char *word)
{
    size_t n = strlen(word);

    if ((size_t)(l->end - l->at) < n || memcmp(l->at, word, n) != 0)
        return false;
    l->at += n;
    return true;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A number, and the blank or the line's end behind it. */
static bool take_number(struct line *l, uint32_t *v)
{
    const char *begin = l->at;

    for (*v = 0; l->at < l->end && hex(*l->at) >= 0; l->at++)
        *v = *v << 4 | (uint32_t)hex(*l->at);
    if (l->at == begin || l->at - begin > 8)
        return false;
    return l->at == l->end || *l->at++ == ' ';
}

static int digit64(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *found = c != '\0' ? strchr(digits, c) : NULL;

    return found != NULL ? (int)(found - digits) : -1;
}

/* The rest of the line.  False: it is none of ours. */
static bool take_bytes(struct line *l, uint8_t out[TRANSCRIPT_BYTES],
                       uint32_t *n)
{
    uint32_t v = 0;
    unsigned bits = 0;

    for (*n = 0; l->at < l->end; l->at++) {
        int digit = digit64(*l->at);

        if (digit < 0 || *n == TRANSCRIPT_BYTES)
            return false;
        v = v << 6 | (uint32_t)digit;
        bits += 6;
        if (bits < 8)
            continue;
        bits -= 8;
        out[(*n)++] = (uint8_t)(v >> bits);
    }
    return true;
}

/* The journal as far as it has been read. */
struct journal_text {
    uint8_t *base;
    uint32_t size, used;
    bool whole;
};

/* Nothing stands from there on. */
static void cut(struct journal_text *j, uint32_t at)
{
    if (at < j->used)
        memset(j->base + at, 0, j->used - at);
    j->used = at;
    j->whole = false;
}

static void read_end(struct journal_text *j, struct line *l)
{
    uint32_t used, crc;

    if (!take_number(l, &used) || !take_number(l, &crc) || used > j->size)
        return;
    cut(j, used);
    j->whole = crc32(0, j->base, used) == crc;
}

static void read_line(struct journal_text *j, struct line *l)
{
    uint8_t bytes[TRANSCRIPT_BYTES];
    uint32_t at, crc, n;

    if (!take(l, TRANSCRIPT_WORD))
        return;
    if (take(l, "END ")) {
        read_end(j, l);
        return;
    }
    if (!take_number(l, &at) || !take_number(l, &crc) ||
        !take_bytes(l, bytes, &n) ||
        crc32(crc32(0, &at, sizeof(at)), bytes, n) != crc || at >= j->size)
        return;
    n = n < j->size - at ? n : j->size - at;
    cut(j, at);
    memcpy(j->base + at, bytes, n);
    j->used = at + n;
}

uint32_t serial_journal(const char *text, size_t n, void *journal,
                        uint32_t size, bool *whole)
{
    struct journal_text j = {.base = journal, .size = size};

    memset(journal, 0, size);
    for (size_t at = 0; at < n;) {
        const char *newline = memchr(text + at, '\n', n - at);
        struct line l = {text + at, newline != NULL ? newline : text + n};

        at = (size_t)(l.end - text) + 1;
        while (l.end > l.at && l.end[-1] == '\r')
            l.end--;
        read_line(&j, &l);
    }
    *whole = j.whole;
    return j.used;
}
