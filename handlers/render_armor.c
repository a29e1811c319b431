/* SPDX-License-Identifier: MIT */
/*
 * The journal itself as lines of text, for machines where the serial line is
 * the only thing that leaves: scripts/ringside-report.c makes every form of
 * the report from a capture of it.
 *
 * A line is "# rj OFFSET BASE64": a comment to a KTAP reader, and complete in
 * itself, so that a line lost or mangled costs the records in it and no more
 * (each has its own CRC).  Lines of zeros are left out; most of a record is.
 */
#include "armor.h"
#include "render.h"

static const char digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool all_zero(const uint8_t *p)
{
    for (unsigned i = 0; i < ARMOR_BYTES; i++) {
        if (p[i] != 0)
            return false;
    }
    return true;
}

static void line(struct out *o, uint32_t offset, const uint8_t *p)
{
    out_fmt(o, ARMOR_PREFIX "%06x ", offset);
    for (unsigned i = 0; i < ARMOR_BYTES; i += 3) {
        uint32_t v = (uint32_t)(p[i] << 16 | p[i + 1] << 8 | p[i + 2]);

        for (int shift = 18; shift >= 0; shift -= 6)
            out_char(o, digits[v >> shift & 63]);
    }
    out_char(o, '\n');
}

void render_armor(const void *journal, uint32_t used, report_put *put,
                  void *context)
{
    const uint8_t *p = journal;
    uint8_t tail[ARMOR_BYTES];
    uint32_t at = 0;
    struct out o;

    out_start(&o, put, context);
    for (; at + ARMOR_BYTES <= used; at += ARMOR_BYTES) {
        if (!all_zero(p + at))
            line(&o, at, p + at);
    }
    for (unsigned i = 0; i < ARMOR_BYTES; i++)
        tail[i] = at + i < used ? p[at + i] : 0;
    if (!all_zero(tail))
        line(&o, at, tail);
    out_flush(&o);
}
