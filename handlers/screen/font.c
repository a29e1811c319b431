/* SPDX-License-Identifier: MIT */
/*
 * Reads PSF fonts.  Both versions are a header, the glyphs one after the
 * other, and optionally a table that lists for each glyph the characters it
 * stands for.  Only ASCII is of interest here, so the table's sequences
 * (several code points for one glyph) are passed over.
 *
 *   version 1: 16-bit code points, 0xffff ends a glyph, 0xfffe a sequence
 *   version 2: UTF-8, 0xff ends a glyph, 0xfe starts a sequence
 */
#include "font.h"

enum {
    PSF1_MAGIC = 0x0436, /* little-endian, 16 bits */
    PSF1_HEADER = 4,     /* bytes: magic, mode, glyph height */
    PSF1_512 = 0x01,     /* mode: 512 glyphs, not 256 */
    PSF1_TABLE = 0x06,   /* mode: has a table (either bit says so) */
    PSF1_WIDTH = 8,
    PSF1_END = 0xffff,
    PSF1_SEQUENCE = 0xfffe,
};

#define PSF2_MAGIC 0x864ab572u
enum {
    PSF2_HEADER = 32, /* bytes of the fields below, the least there can be */
    PSF2_AT_SIZE = 8, /* offsets of 32-bit fields: of the header, bytes */
    PSF2_AT_FLAGS = 12,
    PSF2_AT_COUNT = 16,
    PSF2_AT_BYTES = 20, /* of one glyph */
    PSF2_AT_HEIGHT = 24,
    PSF2_AT_WIDTH = 28,
    PSF2_TABLE = 1, /* flag: has a table */
    PSF2_END = 0xff,
    PSF2_SEQUENCE = 0xfe,
};

/* What the two headers say, in one form. */
struct psf {
    const uint8_t *glyphs, *table, *end;
    uint32_t count, bytes;
    unsigned version;
    bool has_table;
};

static uint32_t get16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

static bool read_header(struct psf *psf, struct font *f, const uint8_t *p,
                        size_t n)
{
    uint32_t header = PSF1_HEADER;

    if (n >= PSF2_HEADER && get32(p) == PSF2_MAGIC) {
        header = get32(p + PSF2_AT_SIZE);
        psf->version = 2;
        psf->has_table = get32(p + PSF2_AT_FLAGS) & PSF2_TABLE;
        psf->count = get32(p + PSF2_AT_COUNT);
        psf->bytes = get32(p + PSF2_AT_BYTES);
        f->height = get32(p + PSF2_AT_HEIGHT);
        f->width = get32(p + PSF2_AT_WIDTH);
        if (header < PSF2_HEADER)
            return false;
    } else if (n >= PSF1_HEADER && get16(p) == PSF1_MAGIC) {
        psf->version = 1;
        psf->has_table = p[2] & PSF1_TABLE;
        psf->count = p[2] & PSF1_512 ? 512 : 256;
        psf->bytes = f->height = p[3];
        f->width = PSF1_WIDTH;
    } else {
        return false;
    }
    if (f->width == 0 || f->width > FONT_MAX_WIDTH || f->width % 2 != 0 ||
        f->height == 0 || f->height > FONT_MAX_HEIGHT)
        return false;
    f->row_bytes = (f->width + 7) / 8;
    if (psf->bytes != f->row_bytes * f->height)
        return false;
    /* 64 bits: neither the sum nor the product of 32-bit fields wraps. */
    if (n < header || (uint64_t)psf->count * psf->bytes > n - header)
        return false;
    psf->glyphs = p + header;
    psf->table = psf->glyphs + (size_t)psf->count * psf->bytes;
    psf->end = p + n;
    return true;
}

static void assign(struct font *f, const struct psf *psf, uint32_t code,
                   uint32_t index)
{
    if (code >= FONT_FIRST && code <= FONT_LAST)
        f->glyph[code - FONT_FIRST] = psf->glyphs + (size_t)index * psf->bytes;
}

static void read_table(struct font *f, const struct psf *psf)
{
    unsigned step = psf->version == 1 ? 2 : 1;
    uint32_t end = psf->version == 1 ? PSF1_END : PSF2_END;
    uint32_t sequence = psf->version == 1 ? PSF1_SEQUENCE : PSF2_SEQUENCE;
    const uint8_t *p = psf->table;
    bool in_sequence = false;

    for (uint32_t i = 0; i < psf->count; p += step) {
        uint32_t code;

        if ((size_t)(psf->end - p) < step)
            return;
        /* In UTF-8 a byte below 0x80 is always a character by itself. */
        code = step == 2 ? get16(p) : *p;
        if (code == end) {
            in_sequence = false;
            i++;
        } else if (code == sequence) {
            in_sequence = true;
        } else if (!in_sequence) {
            assign(f, psf, code, i);
        }
    }
}

bool font_open(struct font *f, const void *data, size_t n)
{
    struct psf psf;

    for (unsigned i = 0; i < FONT_GLYPHS; i++)
        f->glyph[i] = NULL;
    if (!read_header(&psf, f, data, n))
        return false;
    if (psf.has_table) {
        read_table(f, &psf);
    } else {
        for (uint32_t i = 0; i < psf.count && i <= FONT_LAST; i++)
            assign(f, &psf, i, i);
    }
    return true;
}

const uint8_t *font_glyph(const struct font *f, char c)
{
    if (c < FONT_FIRST || c > FONT_LAST)
        c = '?';
    return f->glyph[c - FONT_FIRST];
}

uint32_t font_row(const struct font *f, const uint8_t *glyph, unsigned y)
{
    uint32_t row = 0;

    for (unsigned i = 0; i < f->row_bytes; i++)
        row |= (uint32_t)glyph[y * f->row_bytes + i] << (24 - 8 * i);
    return row;
}
