/* SPDX-License-Identifier: MIT */
/*
 * PSF console fonts, both versions, read where they lie.  Plain C: used by
 * the core's screen, by the build's font cutter and by the host tests.
 */
#ifndef RINGSIDE_FONT_H
#define RINGSIDE_FONT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FONT_FIRST ' ' /* the characters that ringside prints ... */
#define FONT_LAST '~'
#define FONT_GLYPHS (FONT_LAST - FONT_FIRST + 1)

#define FONT_MAX_WIDTH 32 /* pixels: a row of a glyph fits a word */
#define FONT_MAX_HEIGHT 64

struct font {
    unsigned width, height; /* of a glyph, pixels; width is even */
    unsigned row_bytes;     /* of one row of a glyph, leftmost pixel in the
                               first byte's top bit */
    const uint8_t *glyph[FONT_GLYPHS]; /* NULL where the font has none */
};

/*
 * Reads the font in data[n], which must stay where it is.  Characters are
 * found by the font's Unicode table, or by position when it has none.  False,
 * and an unusable *f, if data is no PSF font, is cut short, or has a size of
 * glyph that does not fit the limits above.
 */
bool font_open(struct font *f, const void *data, size_t n);

/* A glyph's pixels, or NULL: draw nothing. */
const uint8_t *font_glyph(const struct font *f, char c);

/* One row of a glyph, leftmost pixel in bit 31. */
uint32_t font_row(const struct font *f, const uint8_t *glyph, unsigned y);

#endif
