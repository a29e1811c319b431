/* SPDX-License-Identifier: MIT */
/*
 * A framebuffer in plain memory that can be read back as text, for the tests
 * of the screen and of the console.
 *
 * Its fonts are made so that a glyph's pixels spell its own character code,
 * one bit a pixel, in every row.  Printable codes have the top bit clear, so
 * a cell's leftmost pixel is always paper.  '~' is a diagonal instead.
 */
#ifndef RINGSIDE_RAM_SCREEN_H
#define RINGSIDE_RAM_SCREEN_H

#include "host.h"
#include "screen/screen.h"

enum {
    POISON = 0x77, /* in each byte that nobody wrote */
    CELL = 8,      /* pixels of ram_fonts[0], either way */
};
#define POISONED 0x77777777u
#define BGRX                                                                   \
    {                                                                          \
        .red = 0xff0000, .green = 0xff00, .blue = 0xff                         \
    }

extern const struct font_file ram_fonts[2]; /* 8x8 and 16x16 */
extern struct framebuffer ram_fb;
extern uint32_t *ram_pixels;

/*
 * Makes ram_fb, with masks' masks, and ram_pixels of exactly its size, so
 * that ASan sees a pixel too far.
 */
void ram_screen(uint32_t width, uint32_t height, uint32_t stride,
                struct framebuffer masks);
/* The same with BGRX and no padding, and the screen started on it. */
bool ram_screen_open(uint32_t width, uint32_t height);

/* A pixel inside the grid of CELL-sized cells, which stands in the middle. */
uint32_t ram_pixel(unsigned x, unsigned y);

char ram_cell(unsigned column, unsigned row);
/* The text of a row without the blanks at its end; valid until the next. */
const char *ram_row(unsigned row);
bool ram_shows(const char *what);

#endif
