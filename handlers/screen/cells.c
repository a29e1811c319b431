/* SPDX-License-Identifier: MIT */
/*
 * Paints character cells.  Static memory only, no allocation, no locks: it
 * must also work from a fault handler when the core has died.
 */
#include "cells.h"

#include "font.h"

enum {
    COLUMNS_MAX = 130, /* wider lines are hard to read */
    ROWS_MAX = 128,    /* more than a portrait screen of 130 columns has */
    SCALE_MAX = 8,     /* 8 * 16 pixels * 130 columns: 16K screens */
    WIDEST = FONT_MAX_WIDTH * SCALE_MAX, /* cell, pixels */
};

struct rgb {
    uint8_t red, green, blue;
};

static const struct {
    struct rgb ink, paper;
} colours[INK_COUNT] = {
#define PAPER 0x10, 0x14, 0x1c
    [INK_TEXT] = {{0xd6, 0xdb, 0xe4}, {PAPER}},
    [INK_DIM] = {{0x84, 0x8e, 0xa0}, {PAPER}},
    [INK_PASS] = {{0x6c, 0xd4, 0x7e}, {PAPER}},
    [INK_DIFFER] = {{0xf0, 0xc4, 0x5a}, {PAPER}},
    [INK_SKIP] = {{0x74, 0xbc, 0xe8}, {PAPER}},
    [INK_FAIL] = {{0xff, 0x76, 0x70}, {PAPER}},
    [INK_TITLE] = {{0xff, 0xff, 0xff}, {0x1d, 0x4c, 0x86}},
    [INK_ALARM] = {{0xff, 0xff, 0xff}, {0x9c, 0x1c, 0x22}},
    [INK_BAR_DONE] = {{0x10, 0x14, 0x1c}, {0x5a, 0x9c, 0xe0}},
    [INK_BAR_LEFT] = {{0xd6, 0xdb, 0xe4}, {0x2a, 0x32, 0x40}},
#undef PAPER
};

/* Two pixels at a time; a row of pixels need not start on 8 bytes. */
typedef volatile uint64_t __attribute__((aligned(4), may_alias)) pixel_pair;

static struct font font;
static uint32_t *origin;                        /* the grid's top left pixel */
static unsigned stride;                         /* pixels */
static unsigned scale, cell_width, cell_height; /* the last two in pixels */
static unsigned columns, rows;
static uint32_t pixel[INK_COUNT][2]; /* paper, ink */
static struct cell {
    char c;
    uint8_t ink;
} wanted[ROWS_MAX][COLUMNS_MAX], shown[ROWS_MAX][COLUMNS_MAX];
static bool held;

static unsigned at_most(unsigned limit, unsigned n)
{
    return n < limit ? n : limit;
}

/* value out of 255, in the bits of mask. */
static uint32_t in_mask(uint32_t mask, uint8_t value)
{
    unsigned shift;
    uint64_t top;

    if (mask == 0)
        return 0;
    shift = (unsigned)__builtin_ctz(mask);
    top = mask >> shift;
    return (uint32_t)((value * top + 127) / 255 << shift) & mask;
}

static uint32_t in_pixel(const struct framebuffer *fb, const struct rgb *c)
{
    return in_mask(fb->red, c->red) | in_mask(fb->green, c->green) |
           in_mask(fb->blue, c->blue);
}

/* The rows of pixels that lie inside fb->size. */
static unsigned usable_height(const struct framebuffer *fb)
{
    uint64_t row = (uint64_t)fb->stride * sizeof(uint32_t);
    uint64_t whole = fb->size / row;

    if (fb->size % row >= (uint64_t)fb->width * sizeof(uint32_t))
        whole++; /* the last row needs no padding behind it */
    return whole < fb->height ? (unsigned)whole : fb->height;
}

/*
 * Chooses font and scale: the narrowest cell that leaves no more than
 * COLUMNS_MAX columns.
 */
static bool choose_font(unsigned width, const struct font_file *fonts,
                        unsigned n)
{
    const struct font_file *best = NULL;

    for (unsigned i = 0; i < n; i++) {
        unsigned s = 1;

        if (!font_open(&font, fonts[i].data, fonts[i].size))
            continue;
        while (s < SCALE_MAX && width / (font.width * s) > COLUMNS_MAX)
            s++;
        /* Where two are as wide, the more finely drawn one. */
        if (best == NULL || font.width * s < cell_width ||
            (font.width * s == cell_width && s < scale)) {
            best = &fonts[i];
            scale = s;
            cell_width = font.width * s;
        }
    }
    if (best == NULL || !font_open(&font, best->data, best->size))
        return false;
    cell_height = font.height * scale;
    return true;
}

static void clear_screen(uint32_t *pixels, unsigned width, unsigned height)
{
    uint32_t paper = pixel[INK_TEXT][0];
    uint64_t two = (uint64_t)paper << 32 | paper;

    for (unsigned y = 0; y < height; y++) {
        uint32_t *row = pixels + (size_t)y * stride;
        unsigned x;

        for (x = 0; x + 1 < width; x += 2)
            *(pixel_pair *)(row + x) = two;
        if (x < width)
            *(volatile uint32_t *)(row + x) = paper;
    }
    for (unsigned r = 0; r < rows; r++)
        for (unsigned c = 0; c < columns; c++)
            wanted[r][c] = shown[r][c] = (struct cell){' ', INK_TEXT};
}

bool cells_open(void *pixels, const struct framebuffer *fb,
                const struct font_file *fonts, unsigned n)
{
    unsigned height;

    columns = rows = 0;
    held = false;
    if (fb->base == 0 || fb->width == 0 || fb->stride < fb->width ||
        (fb->red | fb->green | fb->blue) == 0)
        return false;
    height = usable_height(fb);
    if (!choose_font(fb->width, fonts, n))
        return false;
    columns = at_most(COLUMNS_MAX, fb->width / cell_width);
    rows = at_most(ROWS_MAX, height / cell_height);
    if (columns == 0 || rows == 0) {
        columns = rows = 0;
        return false;
    }
    stride = fb->stride;
    origin = (uint32_t *)pixels +
             (size_t)((height - rows * cell_height) / 2) * stride +
             (fb->width - columns * cell_width) / 2;
    for (unsigned i = 0; i < INK_COUNT; i++) {
        pixel[i][0] = in_pixel(fb, &colours[i].paper);
        pixel[i][1] = in_pixel(fb, &colours[i].ink);
    }
    clear_screen(pixels, fb->width, height);
    return true;
}

unsigned cells_columns(void)
{
    return columns;
}

unsigned cells_rows(void)
{
    return rows;
}

static void paint(unsigned column, unsigned row, char c, enum ink ink)
{
    const uint8_t *glyph = font_glyph(&font, c);
    uint32_t *at = origin + (size_t)row * cell_height * stride +
                   (size_t)column * cell_width;
    union {
        uint32_t pixel[WIDEST];
        uint64_t pair[WIDEST / 2];
    } line;
    uint32_t last = 0;

    for (unsigned y = 0; y < font.height; y++) {
        uint32_t bits = glyph ? font_row(&font, glyph, y) : 0;

        /* Rows of a glyph often repeat: the line is good for another one. */
        if (y == 0 || bits != last) {
            uint32_t *p = line.pixel;

            last = bits;
            for (unsigned x = 0; x < font.width; x++, bits <<= 1)
                for (unsigned s = 0; s < scale; s++)
                    *p++ = pixel[ink][bits >> 31];
        }
        for (unsigned s = 0; s < scale; s++, at += stride)
            for (unsigned x = 0; x < cell_width / 2; x++)
                ((pixel_pair *)at)[x] = line.pair[x];
    }
}

/* Makes a cell on the screen what it should be. */
static void bring_up(unsigned column, unsigned row)
{
    const struct cell *want = &wanted[row][column];
    struct cell *cell = &shown[row][column];

    if (cell->c == want->c && cell->ink == want->ink)
        return;
    *cell = *want;
    paint(column, row, cell->c, cell->ink);
}

void cells_put(unsigned column, unsigned row, char c, enum ink ink)
{
    if (column >= columns || row >= rows || ink >= INK_COUNT)
        return;
    wanted[row][column] = (struct cell){c, (uint8_t)ink};
    if (!held)
        bring_up(column, row);
}

void cells_hold(bool hold)
{
    held = hold;
    if (!held)
        cells_paint(0, rows);
}

void cells_paint(unsigned top, unsigned bottom)
{
    for (unsigned r = top; r < bottom && r < rows; r++)
        for (unsigned c = 0; c < columns; c++)
            bring_up(c, r);
}

unsigned cells_text(unsigned column, unsigned row, unsigned width, enum ink ink,
                    const char *text)
{
    unsigned n = 0;

    if (column >= columns || row >= rows)
        return 0;
    if (width > columns - column)
        width = columns - column;
    for (; n < width && text[n] != '\0' && text[n] != '\n'; n++)
        cells_put(column + n, row, text[n], ink);
    for (unsigned i = n; i < width; i++)
        cells_put(column + i, row, ' ', ink);
    return n;
}

void cells_scroll(unsigned top, unsigned bottom, unsigned by)
{
    if (bottom > rows || top >= bottom)
        return;
    if (by > bottom - top)
        by = bottom - top;
    for (unsigned r = top; r + by < bottom; r++)
        for (unsigned c = 0; c < columns; c++)
            cells_put(c, r, wanted[r + by][c].c, wanted[r + by][c].ink);
    cells_clear(bottom - by, bottom);
}

void cells_clear(unsigned top, unsigned bottom)
{
    for (unsigned r = top; r < bottom && r < rows; r++)
        cells_text(0, r, columns, INK_TEXT, "");
}
