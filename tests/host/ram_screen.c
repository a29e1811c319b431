/* SPDX-License-Identifier: MIT */
/* See ram_screen.h. */
#include "ram_screen.h"

enum { GLYPHS = 128, HEADER = 32 }; /* HEADER: of PSF version 2, bytes */
#define FONT_SIZE(w, h) (HEADER + GLYPHS * (w) / 8 * (h))

static uint8_t font8[FONT_SIZE(8, 8)], font16[FONT_SIZE(16, 16)];

const struct font_file ram_fonts[2] = {
    {font8, sizeof(font8)},
    {font16, sizeof(font16)},
};
struct framebuffer ram_fb;
uint32_t *ram_pixels;

static void put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> 8 * i);
}

static void make_font(uint8_t *p, uint32_t width, uint32_t height)
{
    uint32_t row = width / 8;

    put32(p, 0x864ab572);
    put32(p + 8, HEADER);
    put32(p + 16, GLYPHS);
    put32(p + 20, row * height);
    put32(p + 24, height);
    put32(p + 28, width);
    p += HEADER;
    for (uint32_t c = 0; c < GLYPHS; c++)
        for (uint32_t y = 0; y < height; y++)
            p[(c * height + y) * row] = (uint8_t)c;
    for (uint32_t i = 0; i < row * height; i++)
        p['~' * row * height + i] = (uint8_t)(0x80 >> i / row % 8);
}

void ram_screen(uint32_t width, uint32_t height, uint32_t stride,
                struct framebuffer masks)
{
    make_font(font8, 8, 8);
    make_font(font16, 16, 16);
    free(ram_pixels);
    ram_fb = masks;
    ram_fb.base = 1;
    ram_fb.width = width;
    ram_fb.height = height;
    ram_fb.stride = stride;
    ram_fb.size = (uint64_t)stride * height * 4;
    ram_pixels = malloc(ram_fb.size);
    assert_non_null(ram_pixels);
    memset(ram_pixels, POISON, ram_fb.size);
}

bool ram_screen_open(uint32_t width, uint32_t height)
{
    ram_screen(width, height, width, (struct framebuffer)BGRX);
    return screen_init(ram_pixels, &ram_fb, ram_fonts, 1);
}

uint32_t ram_pixel(unsigned x, unsigned y)
{
    unsigned left = ram_fb.width % CELL / 2, top = ram_fb.height % CELL / 2;

    return ram_pixels[(top + y) * ram_fb.stride + left + x];
}

char ram_cell(unsigned column, unsigned row)
{
    unsigned code = 0;

    for (unsigned x = 0; x < CELL; x++) {
        uint32_t p = ram_pixel(column * CELL + x, row * CELL);

        code = code << 1 | (p != ram_pixel(column * CELL, row * CELL));
        for (unsigned y = 1; y < CELL; y++) /* each row spells the same */
            assert_int_equal(ram_pixel(column * CELL + x, row * CELL + y), p);
    }
    return code ? (char)code : ' '; /* all paper: never painted */
}

const char *ram_row(unsigned row)
{
    static char text[256];
    unsigned n = cells_columns();

    assert_true(n < sizeof(text));
    for (unsigned i = 0; i < n; i++)
        text[i] = ram_cell(i, row);
    while (n > 0 && text[n - 1] == ' ')
        n--;
    text[n] = '\0';
    return text;
}

bool ram_shows(const char *what)
{
    for (unsigned r = 0; r < cells_rows(); r++)
        if (strstr(ram_row(r), what))
            return true;
    return false;
}
