/* SPDX-License-Identifier: MIT */
/*
 * A grid of character cells on a linear framebuffer of any size, stride and
 * 32-bit pixel layout.  Plain C over memory; screen.c lays things out on it.
 *
 * The framebuffer is only ever written: reading one is slow on many machines.
 * What stands on the screen is kept in a shadow grid, and a cell is painted
 * only when it changes; while painting is held, not before cells_paint().  All
 * of it does nothing until cells_open() succeeded.
 */
#ifndef RINGSIDE_CELLS_H
#define RINGSIDE_CELLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "handoff.h"

/*
 * What a cell's colours mean; never the only carrier of that meaning.  The
 * colours themselves stand in cells.c.
 */
enum ink {
    INK_TEXT,
    INK_DIM,
    INK_PASS,
    INK_DIFFER,
    INK_SKIP,
    INK_FAIL,
    INK_TITLE,    /* bright on a coloured band */
    INK_ALARM,    /* the same for last words */
    INK_BAR_DONE, /* blanks in these make the progress bar */
    INK_BAR_LEFT,
    INK_COUNT,
};

/* A PSF font in memory. */
struct font_file {
    const void *data;
    size_t size; /* bytes */
};

/*
 * Takes the framebuffer at pixels and clears it.  From the n fonts, scaled
 * up where needed, the smallest is taken that leaves at most 130 columns.
 * False if there is no framebuffer, its description makes no sense, or no
 * font is usable; then every other call does nothing.
 */
bool cells_open(void *pixels, const struct framebuffer *fb,
                const struct font_file *fonts, unsigned n);

/* The size of the grid; 0 when there is none. */
unsigned cells_columns(void);
unsigned cells_rows(void);

/* Puts one character.  A place outside of the grid is passed over. */
void cells_put(unsigned column, unsigned row, char c, enum ink ink);

/*
 * Puts text, up to a NUL or a '\n', into width cells and fills what is left
 * of them with blanks.  Returns the characters that fitted.
 */
unsigned cells_text(unsigned column, unsigned row, unsigned width, enum ink ink,
                    const char *text);

/* Moves rows [top + by, bottom) up to top and blanks the rest. */
void cells_scroll(unsigned top, unsigned bottom, unsigned by);

/* Blanks rows [top, bottom). */
void cells_clear(unsigned top, unsigned bottom);

/*
 * Holds painting, or lets it go on at once again: text that scrolls away
 * before anybody has seen it need not be painted.  cells_open() releases it.
 */
void cells_hold(bool hold);

/* Paints what has changed in rows [top, bottom) since painting was held. */
void cells_paint(unsigned top, unsigned bottom);

#endif
