/* SPDX-License-Identifier: MIT */
/*
 * The screen: its layout and its cells, painted into plain memory of many
 * shapes and pixel layouts and read back.
 */
#include "ram_screen.h"

static void layout(void **state)
{
    assert_true(ram_screen_open(800, 600));
    assert_int_equal(cells_columns(), 100);
    assert_int_equal(cells_rows(), 75);
    screen_title("the title");
    screen_footer("the footer");
    screen_progress(3, 12, "case 4 of 12: window");
    screen_beat(12345);
    screen_counts(181, 2, 3, 11);
    assert_string_equal(ram_row(0), " the title");
    assert_string_equal(ram_row(74), " the footer");
    assert_non_null(strstr(ram_row(2), " case 4 of 12: window "));
    assert_non_null(strstr(ram_row(2), "12.3 s"));
    assert_non_null(strstr(ram_row(3), " 25 %"));
    assert_string_equal(ram_row(5), " pass    fail    differ  skip");
    assert_string_equal(ram_row(6), " 181     2       3       11");
    screen_progress(12, 12, "");
    assert_non_null(strstr(ram_row(3), "100 %"));
    screen_progress(13, 12, "more than there is");
    assert_non_null(strstr(ram_row(3), "100 %"));
    screen_counts(0, 0, 0, 0);
    assert_string_equal(ram_row(6), " 0       0       0       0");
}

static void heartbeat(void **state)
{
    char before[256];

    ram_screen_open(800, 600);
    screen_beat(0);
    strcpy(before, ram_row(2));
    screen_beat(0);
    assert_string_not_equal(before, ram_row(2));
}

static void log_wraps_and_scrolls(void **state)
{
    char text[64];

    ram_screen_open(400, 400); /* 50 columns, 50 rows, 40 of them log */
    screen_log("differ  abc: a line of several words that is too long for it",
               INK_DIFFER);
    assert_string_equal(ram_row(8),
                        " differ  abc: a line of several words that is too");
    assert_string_equal(ram_row(9), "         long for it");
    screen_log("0123456789012345678901234567890123456789012345678901234567",
               INK_TEXT);
    assert_string_equal(ram_row(10),
                        " 012345678901234567890123456789012345678901234567");
    assert_string_equal(ram_row(11), "         8901234567");
    for (int i = 0; i < 500; i++) {
        snprintf(text, sizeof(text), "line %d of many%*s", i, i % 9, "!");
        screen_log(text, INK_PASS);
        assert_true(ram_shows(text)); /* the newest is always in sight */
    }
    snprintf(text, sizeof(text), "line 490 of many%*s", 490 % 9, "!");
    assert_true(ram_shows(text)); /* and so are some before it */
    assert_false(ram_shows("differ  abc"));
    assert_string_equal(ram_row(48), ""); /* above the footer */
}

static void log_cuts_what_never_ends(void **state)
{
    char text[4096];

    ram_screen_open(400, 400);
    memset(text, 'x', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    screen_log(text, INK_FAIL);
    screen_log("next", INK_TEXT);
    assert_string_equal(ram_row(12), " next");
}

static void page(void **state)
{
    const char *rest;

    ram_screen_open(400, 160); /* 20 rows: 16 between the bands */
    screen_title("title");
    screen_log("old text", INK_TEXT);
    rest = screen_page("a\nb\n\nd\n");
    assert_string_equal(rest, "");
    assert_string_equal(ram_row(0), " title");
    assert_string_equal(ram_row(2), " a");
    assert_string_equal(ram_row(4), "");
    assert_string_equal(ram_row(5), " d");
    assert_false(ram_shows("old text"));
    rest = screen_page("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n"
                       "17\n18");
    assert_string_equal(rest, "17\n18");
    assert_string_equal(ram_row(17), " 16");
    assert_string_equal(screen_page(rest), "");
    assert_string_equal(ram_row(3), " 18");
    assert_false(ram_shows("16"));
}

static void last_words(void **state)
{
    ram_screen_open(400, 400);
    screen_log("old text", INK_TEXT);
    screen_last_words("#PF at 0x1234\nRAX 0");
    assert_true(ram_shows("LAST WORDS"));
    assert_true(ram_shows("#PF at 0x1234"));
    assert_true(ram_shows("RAX 0"));
    assert_false(ram_shows("old text"));
}

static void paints_only_what_changed(void **state)
{
    ram_screen_open(400, 400);
    screen_log("the same", INK_TEXT);
    screen_counts(1, 2, 3, 4);
    memset(ram_pixels, POISON, ram_fb.size);
    screen_counts(1, 2, 3, 4);
    screen_progress(0, 0, "");
    cells_text(1, 8, 48, INK_TEXT, "the same");
    for (unsigned i = 0; i < ram_fb.stride * ram_fb.height; i++)
        assert_int_equal(ram_pixels[i], POISONED);
    cells_put(1, 8, 'T', INK_TEXT);
    assert_int_equal(ram_cell(1, 8), 'T');
    assert_int_equal(ram_pixel(2 * CELL, 8 * CELL), POISONED);
}

static void colour_alone_is_a_change(void **state)
{
    uint32_t before;

    ram_screen_open(400, 400);
    cells_put(0, 8, 'U', INK_PASS);
    before = ram_pixel(1, 8 * CELL);
    cells_put(0, 8, 'U', INK_FAIL);
    assert_int_not_equal(ram_pixel(1, 8 * CELL), before);
}

/* Column 1 is where text begins; 'U' is paper, ink, paper, ink, ... */
static void first_word_has_the_ink(void **state)
{
    uint32_t text;

    ram_screen_open(400, 400);
    screen_log("U U", INK_TEXT);
    text = ram_pixel(CELL + 1, 8 * CELL);
    screen_log("U U", INK_FAIL);
    assert_int_not_equal(ram_pixel(CELL + 1, 9 * CELL), text);
    assert_int_equal(ram_pixel(3 * CELL + 1, 9 * CELL), text);
}

static void stride_and_padding(void **state)
{
    ram_screen(403, 205, 411, (struct framebuffer)BGRX);
    assert_true(screen_init(ram_pixels, &ram_fb, ram_fonts, 1));
    screen_title("odd sizes");
    assert_string_equal(ram_row(0), " odd sizes");
    for (unsigned y = 0; y < ram_fb.height; y++) {
        for (unsigned x = 0; x < ram_fb.width; x++)
            assert_int_not_equal(ram_pixels[y * ram_fb.stride + x], POISONED);
        for (unsigned x = ram_fb.width; x < ram_fb.stride; x++)
            assert_int_equal(ram_pixels[y * ram_fb.stride + x], POISONED);
    }
}

/* The last row's padding may be missing, and more than that as well. */
static void size_clips(void **state)
{
    ram_screen(400, 200, 410, (struct framebuffer)BGRX);
    ram_fb.size = (410 * 99 + 400) * 4;
    assert_true(screen_init(ram_pixels, &ram_fb, ram_fonts, 1));
    assert_int_equal(cells_rows(), 12);
    for (unsigned r = 0; r < 20; r++)
        cells_text(0, r, 50, INK_ALARM, "text in every row there is");
    assert_int_not_equal(ram_pixels[410 * 99 + 399], POISONED);
    for (unsigned i = 410 * 99 + 400; i < 410 * 200; i++)
        assert_int_equal(ram_pixels[i], POISONED);
}

static unsigned out_of_255(uint32_t pixel, uint32_t mask)
{
    unsigned shift = (unsigned)__builtin_ctz(mask);
    uint64_t top = mask >> shift;

    return (unsigned)(((pixel & mask) >> shift) * 255 / top);
}

/* The same colours, as near as the bits allow, in any pixel layout. */
static void pixel_layouts(void **state)
{
    static const struct {
        struct framebuffer fb;
        unsigned error; /* out of 255, from the fewer bits */
    } layouts[] = {
        {{.red = 0xff, .green = 0xff00, .blue = 0xff0000}, 0},
        {{.red = 0x3ff00000, .green = 0xffc00, .blue = 0x3ff}, 1},
        {{.red = 0xff000000, .green = 0xff0000, .blue = 0xff00}, 0},
        {{.red = 0xf800, .green = 0x7e0, .blue = 0x1f}, 8},
        {{.red = 0x80000000, .green = 0x7fff8000, .blue = 0x7fff}, 255},
    };
    uint32_t reference[INK_COUNT][2];

    ram_screen_open(400, 400);
    for (unsigned i = 0; i < INK_COUNT; i++) {
        cells_put(0, i, 'U', (enum ink)i); /* 0x55: paper, ink, ... */
        reference[i][0] = ram_pixel(0, i * CELL);
        reference[i][1] = ram_pixel(1, i * CELL);
        assert_int_not_equal(reference[i][0], reference[i][1]);
    }
    for (unsigned l = 0; l < COUNT(layouts); l++) {
        const struct framebuffer *m = &layouts[l].fb;

        ram_screen(400, 400, 400, *m);
        assert_true(screen_init(ram_pixels, &ram_fb, ram_fonts, 1));
        for (unsigned i = 0; i < INK_COUNT * 2; i++) {
            uint32_t r = reference[i / 2][i % 2], p;
            int error = (int)layouts[l].error;

            cells_put(0, i / 2, 'U', (enum ink)(i / 2));
            p = ram_pixel(i % 2, i / 2 * CELL);
            assert_int_equal(p & ~(m->red | m->green | m->blue), 0);
            assert_in_range((int)out_of_255(p, m->green) + 255 + error -
                                (int)(r >> 8 & 0xff),
                            255, 255 + 2 * error);
            assert_in_range((int)out_of_255(p, m->blue) + 255 + error -
                                (int)(r & 0xff),
                            255, 255 + 2 * error);
            assert_in_range((int)out_of_255(p, m->red) + 255 + error -
                                (int)(r >> 16 & 0xff),
                            255, 255 + 2 * error);
        }
    }
}

/* From 80 to 130 columns wherever the ram_fonts and whole scales allow it. */
static void font_and_scale(void **state)
{
    static const struct {
        uint32_t width, height;
        unsigned columns;
    } modes[] = {
        {640, 480, 80},    {800, 600, 100},   {1024, 768, 128},
        {1280, 800, 80},   {1920, 1080, 120}, {2560, 1440, 106},
        {3840, 2160, 120}, {7680, 4320, 120}, {320, 200, 40},
    };

    for (unsigned i = 0; i < COUNT(modes); i++) {
        ram_screen(modes[i].width, modes[i].height, modes[i].width,
                   (struct framebuffer)BGRX);
        assert_true(screen_init(ram_pixels, &ram_fb, ram_fonts, 2));
        assert_int_equal(cells_columns(), modes[i].columns);
    }
}

/* A diagonal, so that each row of ram_pixels must be its own. */
static void glyphs_keep_their_shape(void **state)
{
    static const struct {
        uint32_t width, height, glyph, scale;
    } modes[] = {{800, 600, 8, 1}, {3840, 2160, 16, 2}, {5120, 2880, 8, 5}};

    for (unsigned i = 0; i < COUNT(modes); i++) {
        unsigned cell = modes[i].glyph * modes[i].scale;
        const uint32_t *at;

        ram_screen(modes[i].width, modes[i].height, modes[i].width,
                   (struct framebuffer)BGRX);
        assert_true(screen_init(ram_pixels, &ram_fb, ram_fonts, 2));
        assert_int_equal(cells_columns(), modes[i].width / cell);
        cells_put(0, 0, '~', INK_TITLE);
        at = ram_pixels + ram_fb.width % cell / 2 +
             (ram_fb.height - cells_rows() * cell) / 2 * ram_fb.stride;
        for (unsigned y = 0; y < cell; y++, at += ram_fb.stride) {
            for (unsigned x = 0; x < cell; x++) {
                bool ink = x / modes[i].scale % 8 == y / modes[i].scale % 8;

                assert_int_equal(at[x] == 0xffffff, ink);
            }
        }
    }
}

static void use_everything(void)
{
    screen_title("title");
    screen_footer("footer");
    screen_progress(1, 2, "what");
    screen_beat(1000);
    screen_counts(1, 2, 3, 4);
    for (int i = 0; i < 40; i++)
        screen_log("some words that may need more than one row", INK_SKIP);
    screen_page("one\ntwo\nthree");
    screen_last_words("one\ntwo\nthree");
    cells_put(1000, 1000, 'x', INK_TEXT);
    cells_scroll(0, 1000, 1);
    cells_scroll(0, cells_rows(), 1000);
}

static void no_framebuffer(void **state)
{
    uint8_t junk[64] = {0};
    const struct font_file bad = {junk, sizeof(junk)};

    ram_screen(400, 400, 400, (struct framebuffer)BGRX);
    for (int i = 0; i < 6; i++) {
        struct framebuffer f = ram_fb;

        switch (i) {
        case 0:
            f.base = 0;
            break;
        case 1:
            f.width = 0;
            break;
        case 2:
            f.stride = 399;
            break;
        case 3:
            f.red = f.green = f.blue = 0;
            break;
        case 4:
            f.size = 0;
            break;
        }
        if (i == 5)
            assert_false(screen_init(ram_pixels, &f, &bad, 1));
        else
            assert_false(screen_init(ram_pixels, &f, ram_fonts, 2));
        assert_int_equal(cells_columns(), 0);
        use_everything();
        assert_string_equal(screen_page("text"), "");
    }
    for (unsigned i = 0; i < 400 * 400; i++)
        assert_int_equal(ram_pixels[i], POISONED);
}

/* Nothing is too small to be safe: ASan and the exact allocation judge. */
static void tiny_screens(void **state)
{
    for (unsigned w = 1; w < 300; w += 7) {
        for (unsigned h = 1; h < 150; h += 5) {
            ram_screen_open(w, h);
            assert_int_equal(cells_columns(), h < CELL ? 0 : w / CELL);
            use_everything();
        }
    }
}

TEST_LIST(screen, cmocka_unit_test(layout), cmocka_unit_test(heartbeat),
          cmocka_unit_test(log_wraps_and_scrolls),
          cmocka_unit_test(log_cuts_what_never_ends), cmocka_unit_test(page),
          cmocka_unit_test(last_words),
          cmocka_unit_test(paints_only_what_changed),
          cmocka_unit_test(colour_alone_is_a_change),
          cmocka_unit_test(first_word_has_the_ink),
          cmocka_unit_test(stride_and_padding), cmocka_unit_test(size_clips),
          cmocka_unit_test(pixel_layouts), cmocka_unit_test(font_and_scale),
          cmocka_unit_test(glyphs_keep_their_shape),
          cmocka_unit_test(no_framebuffer), cmocka_unit_test(tiny_screens));
