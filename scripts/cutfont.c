/* SPDX-License-Identifier: MIT */
/*
 * A program of the build: reads a PSF font and writes one that holds only the
 * characters that ringside prints, a few KiB where the whole has dozens.  The
 * result is a PSF version 2 font with a Unicode table, for the same reader.
 *
 *   cutfont < whole.psf > cut.psf
 */
#include <stdio.h>
#include <stdlib.h>

#include "screen/font.h"

#define WHOLE_MAX (1 << 20) /* bytes; console fonts have some 10 KiB */

static void put32(uint32_t v)
{
    for (int i = 0; i < 4; i++)
        putchar((int)(v >> 8 * i & 0xff));
}

int main(void)
{
    static uint8_t whole[WHOLE_MAX];
    size_t n = fread(whole, 1, sizeof(whole), stdin);
    struct font f;

    if (n == sizeof(whole) || !font_open(&f, whole, n)) {
        fprintf(stderr, "cutfont: not a PSF font that fits\n");
        return EXIT_FAILURE;
    }
    for (int c = FONT_FIRST; c <= FONT_LAST; c++) {
        if (font_glyph(&f, (char)c) == NULL) {
            fprintf(stderr, "cutfont: no glyph for '%c'\n", c);
            return EXIT_FAILURE;
        }
    }
    put32(0x864ab572); /* magic */
    put32(0);          /* version */
    put32(32);         /* header size, bytes */
    put32(1);          /* flags: a Unicode table follows the glyphs */
    put32(FONT_GLYPHS);
    put32(f.row_bytes * f.height);
    put32(f.height);
    put32(f.width);
    for (int c = FONT_FIRST; c <= FONT_LAST; c++)
        fwrite(font_glyph(&f, (char)c), f.row_bytes, f.height, stdout);
    for (int c = FONT_FIRST; c <= FONT_LAST; c++) {
        putchar(c);
        putchar(0xff); /* ends this glyph's characters */
    }
    return fflush(stdout) != 0 || ferror(stdout);
}
