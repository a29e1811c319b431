/* SPDX-License-Identifier: MIT */
/*
 * The PSF reader: both versions, with and without a table, and every way of
 * being malformed that a header allows.
 */
#include "host.h"
#include "screen/font.h"

enum { PSF1_GLYPHS = 256, PSF1_HEIGHT = 16, PSF2_GLYPHS = 3 };

static uint8_t file[16384];
static size_t length;

static void add(const void *p, size_t n)
{
    assert_true(length + n <= sizeof(file));
    memcpy(file + length, p, n);
    length += n;
}

static void add32(uint32_t v)
{
    const uint8_t bytes[] = {v & 0xff, v >> 8 & 0xff, v >> 16 & 0xff, v >> 24};

    add(bytes, sizeof(bytes));
}

/* Glyph i of height h is i in every byte. */
static void add_glyphs(unsigned count, unsigned bytes)
{
    for (unsigned i = 0; i < count * bytes; i++)
        add(&(uint8_t){(uint8_t)(i / bytes)}, 1);
}

static void make_psf1(uint8_t mode)
{
    const uint8_t header[] = {0x36, 0x04, mode, PSF1_HEIGHT};

    length = 0;
    add(header, sizeof(header));
    add_glyphs(mode & 1 ? 512 : PSF1_GLYPHS, PSF1_HEIGHT);
}

/* Three glyphs of 12x5, so of two bytes a row, behind a longer header. */
static void make_psf2(uint32_t flags)
{
    length = 0;
    add32(0x864ab572);
    add32(0);
    add32(40);
    add32(flags);
    add32(PSF2_GLYPHS);
    add32(2 * 5);
    add32(5);
    add32(12);
    add32(0xdeadbeef);
    add32(0xdeadbeef);
    add_glyphs(PSF2_GLYPHS, 2 * 5);
}

/* Opens a copy of exactly the file's size, so that ASan sees a byte too far. */
static uint8_t *copy;

static bool open_file(struct font *f)
{
    free(copy);
    copy = malloc(length);
    assert_true(length == 0 || copy != NULL);
    memcpy(copy, file, length);
    return font_open(f, copy, length);
}

static void psf1_by_position(void **state)
{
    struct font f;

    make_psf1(0);
    assert_true(open_file(&f));
    assert_int_equal(f.width, 8);
    assert_int_equal(f.height, PSF1_HEIGHT);
    for (int c = FONT_FIRST; c <= FONT_LAST; c++)
        assert_int_equal(font_glyph(&f, (char)c)[PSF1_HEIGHT - 1], c);
    make_psf1(1); /* 512 glyphs */
    assert_true(open_file(&f));
    length--;
    assert_false(open_file(&f));
}

/* Glyph 0 is 'A', glyph 1 is 'B' and 'C'; 'D' only begins a sequence. */
static void psf1_by_table(void **state)
{
    static const uint8_t table[] = {
        0x11, 0x21, 'A',  0,   0xfe, 0xff, 'D', 0,    0x01,
        0x03, 0xff, 0xff, 'B', 0,    'C',  0,   0xff, 0xff,
    };
    struct font f;

    make_psf1(2);
    add(table, sizeof(table));
    assert_true(open_file(&f));
    assert_int_equal(font_glyph(&f, 'A')[0], 0);
    assert_int_equal(font_glyph(&f, 'B')[0], 1);
    assert_int_equal(font_glyph(&f, 'C')[0], 1);
    assert_null(font_glyph(&f, 'D'));
    assert_null(font_glyph(&f, 'E'));
}

static void psf2_by_table(void **state)
{
    static const uint8_t table[] = {
        0xe2, 0x82, 0xac, 'A', 0xfe, 'D', 0xcc, 0x81, 0xff,
        'B',  'C',  0xff, '~', 0xff, 'X', 0xff, /* a glyph that does not exist
                                                 */
    };
    struct font f;

    make_psf2(1);
    add(table, sizeof(table));
    assert_true(open_file(&f));
    assert_int_equal(f.width, 12);
    assert_int_equal(f.height, 5);
    assert_int_equal(f.row_bytes, 2);
    assert_int_equal(font_glyph(&f, 'A')[9], 0);
    assert_int_equal(font_glyph(&f, 'B')[0], 1);
    assert_int_equal(font_glyph(&f, 'C')[9], 1);
    assert_int_equal(font_glyph(&f, '~')[9], 2);
    assert_null(font_glyph(&f, 'D'));
    assert_null(font_glyph(&f, 'X'));
}

static void rows_are_left_aligned(void **state)
{
    static const uint8_t glyph[] = {0, 0, 0x80, 0x10};
    struct font f = {.width = 12, .height = 2, .row_bytes = 2};

    assert_int_equal(font_row(&f, glyph, 0), 0);
    assert_int_equal(font_row(&f, glyph, 1), 0x80100000);
    f.row_bytes = 4;
    assert_int_equal(font_row(&f, glyph, 0), 0x00008010);
}

/* What the font cannot draw becomes '?'. */
static void odd_characters(void **state)
{
    struct font f;

    make_psf1(0);
    assert_true(open_file(&f));
    assert_int_equal(font_glyph(&f, '\t')[0], '?');
    assert_int_equal(font_glyph(&f, (char)0xe9)[0], '?');
    assert_int_equal(font_glyph(&f, 0x7f)[0], '?');
}

/* Everything but a cut table, which only loses characters, is refused. */
static void every_length(void **state)
{
    struct font f;
    size_t whole, glyphs;

    make_psf2(1);
    glyphs = length;
    add("A\xff"
        "B\xff"
        "C\xff",
        6);
    whole = length;
    for (length = 0; length < whole; length++)
        assert_int_equal(open_file(&f), length >= glyphs);
    make_psf1(2);
    glyphs = length;
    add("A\0\xff\xff"
        "B\0\xff\xff",
        8);
    whole = length;
    for (length = 0; length < whole; length++)
        assert_int_equal(open_file(&f), length >= glyphs);
}

/* Sizes of glyph beyond the limits, in headers that are right otherwise. */
static void bad_sizes(void **state)
{
    static const struct {
        uint32_t height, width;
        bool good;
    } sizes[] = {
        {1, 2, true},   {64, 32, true},  {0, 8, false},  {65, 8, false},
        {16, 0, false}, {16, 34, false}, {16, 7, false}, {16, 31, false},
    };
    struct font f;

    for (unsigned i = 0; i < COUNT(sizes); i++) {
        make_psf2(0);
        length = 16;
        add32(1);
        add32((sizes[i].width + 7) / 8 * sizes[i].height);
        add32(sizes[i].height);
        add32(sizes[i].width);
        length = 1024;
        assert_int_equal(open_file(&f), sizes[i].good);
    }
}

static void bad_headers(void **state)
{
    static const struct {
        size_t at;
        uint32_t value;
    } bad[] = {
        {0, 0x864ab573},  {8, 31},          {8, 0xffffffff}, {16, 4},
        {16, 0xffffffff}, {16, 0x66666666}, {20, 0},         {20, 9},
        {20, 0xffffffff}, {24, 0},          {24, 65},        {24, 0xffffffff},
        {28, 0},          {28, 34},         {28, 11},        {28, 0xffffffff},
    };
    struct font f;

    for (unsigned i = 0; i < COUNT(bad); i++) {
        size_t whole;

        make_psf2(0);
        assert_true(open_file(&f));
        whole = length;
        length = bad[i].at;
        add32(bad[i].value);
        length = whole;
        assert_false(open_file(&f));
    }
    make_psf1(0);
    file[3] = 0;
    assert_false(open_file(&f));
    file[3] = 65;
    assert_false(open_file(&f));
}

/* Random damage: no crash, and any glyph given out lies inside the file. */
static void random_damage(void **state)
{
    srand(1);
    for (unsigned i = 0; i < 20000; i++) {
        struct font f;

        if (i % 2)
            make_psf1(2);
        else
            make_psf2(1);
        add("A\xff"
            "B\xff"
            "C\xff\xff",
            7);
        for (unsigned flips = 0; flips < 1 + i % 5; flips++)
            file[(unsigned)rand() % (i % 3 ? 48 : length)] ^=
                1u << (unsigned)rand() % 8;
        if (!open_file(&f))
            continue;
        for (int c = FONT_FIRST; c <= FONT_LAST; c++) {
            const uint8_t *g = font_glyph(&f, (char)c);

            assert_true(g == NULL || (g >= copy && g + f.row_bytes * f.height <=
                                                       copy + length));
        }
    }
}

TEST_LIST(font, cmocka_unit_test(psf1_by_position),
          cmocka_unit_test(psf1_by_table), cmocka_unit_test(psf2_by_table),
          cmocka_unit_test(rows_are_left_aligned),
          cmocka_unit_test(odd_characters), cmocka_unit_test(every_length),
          cmocka_unit_test(bad_sizes), cmocka_unit_test(bad_headers),
          cmocka_unit_test(random_damage));
