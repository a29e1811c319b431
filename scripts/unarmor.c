/* SPDX-License-Identifier: MIT */
/*
 * Reads back what handlers/render_armor.c wrote on a serial line.  Only the
 * host does: for the report program and its tests.
 */
#include <string.h>

#include "armor.h"

#define OFFSET_DIGITS 6
#define LINE_DIGITS (ARMOR_BYTES / 3 * 4)
#define LINE_LENGTH (sizeof(ARMOR_PREFIX) - 1 + OFFSET_DIGITS + 1 + LINE_DIGITS)

static int base64(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* One line of LINE_LENGTH bytes.  False if it is not whole. */
static bool decode(const char *s, uint32_t *offset, uint8_t out[ARMOR_BYTES])
{
    s += sizeof(ARMOR_PREFIX) - 1;
    *offset = 0;
    for (unsigned i = 0; i < OFFSET_DIGITS; i++) {
        int digit = hex(*s++);

        if (digit < 0)
            return false;
        *offset = *offset << 4 | (uint32_t)digit;
    }
    if (*s++ != ' ')
        return false;
    for (unsigned i = 0; i < ARMOR_BYTES; i += 3) {
        uint32_t v = 0;

        for (unsigned k = 0; k < 4; k++) {
            int digit = base64(*s++);

            if (digit < 0)
                return false;
            v = v << 6 | (uint32_t)digit;
        }
        out[i] = (uint8_t)(v >> 16);
        out[i + 1] = (uint8_t)(v >> 8);
        out[i + 2] = (uint8_t)v;
    }
    return true;
}

uint32_t unarmor(const char *text, size_t n, void *journal, uint32_t size)
{
    uint32_t end = 0;

    for (size_t at = 0; at + LINE_LENGTH <= n; at++) {
        uint8_t bytes[ARMOR_BYTES];
        uint32_t offset, length = ARMOR_BYTES;

        if (memcmp(text + at, ARMOR_PREFIX, sizeof(ARMOR_PREFIX) - 1) != 0 ||
            !decode(text + at, &offset, bytes) || offset >= size)
            continue;
        if (length > size - offset)
            length = size - offset;
        memcpy((uint8_t *)journal + offset, bytes, length);
        if (end < offset + length)
            end = offset + length;
        at += LINE_LENGTH - 1;
    }
    return end;
}
