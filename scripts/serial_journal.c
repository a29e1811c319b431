/* SPDX-License-Identifier: MIT */
/*
 * Reads the journal out of a capture of the serial line; see serial_journal.h.
 * For the report program and its tests.
 */
#include <string.h>

#include "serial_journal.h"

#define WORD "JOURNAL "
#define BEGIN WORD "BEGIN "
#define END WORD "END "
#define LINE_BYTES 64 /* of the journal in each line but the last */

static int begins(const char *line, size_t n, const char *with)
{
    return n >= strlen(with) && memcmp(line, with, strlen(with)) == 0;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One line's digits.  What a line lacks of LINE_BYTES is zeros: the core
 * leaves those at its end out, and a mangled rest is none the better. */
static void decode(const char *s, size_t n, uint8_t out[LINE_BYTES])
{
    uint32_t bytes = 0;

    memset(out, 0, LINE_BYTES);
    for (; n >= 2 && bytes < LINE_BYTES; s += 2, n -= 2) {
        int high = hex(s[0]), low = hex(s[1]);

        if (high < 0 || low < 0)
            break;
        out[bytes++] = (uint8_t)(high << 4 | low);
    }
}

uint32_t serial_journal(const char *text, size_t n, void *journal,
                        uint32_t size)
{
    uint32_t used = 0;
    int inside = 0;

    for (size_t at = 0; at < n;) {
        const char *line = text + at;
        const char *newline = memchr(line, '\n', n - at);
        size_t length = newline != NULL ? (size_t)(newline - line) : n - at;
        uint8_t bytes[LINE_BYTES];
        uint32_t got, start;

        at += length + 1;
        while (length > 0 && line[length - 1] == '\r')
            length--;
        if (begins(line, length, BEGIN)) {
            inside = 1;
            used = 0;
        } else if (begins(line, length, END)) {
            inside = 0;
        } else if (inside && begins(line, length, WORD)) {
            start = (used + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
            if (start >= size)
                continue;
            decode(line + strlen(WORD), length - strlen(WORD), bytes);
            got = size - start < LINE_BYTES ? size - start : LINE_BYTES;
            memcpy((uint8_t *)journal + start, bytes, got);
            used = start + got;
        }
    }
    return used;
}
