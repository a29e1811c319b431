/* SPDX-License-Identifier: MIT */
/* inflate(): streams that zlib made, and everything that can be cut off or
 * changed in them. */
#include "host.h"

#include "before/inflate.h"

/* "abcabcabcabcxyz" in the fixed code: literals, and a match that overlaps
 * itself. */
static const uint8_t fixed[] = {
    0x4b, 0x4c, 0x4a, 0x4e, 0x84, 0xa1, 0x8a, 0xca, 0x2a, 0x00,
};
#define TEXT "abcabcabcabcxyz"
#define TEXT_SIZE 15

/* One a, one b, two c, three d and so on, as literals alone: a code of its own
 * whose longest have 12 bits, more than are looked up at once. */
static const uint8_t dynamic[] = {
    0x05, 0xc1, 0x41, 0x02, 0xc3, 0x30, 0x0c, 0xc3, 0xb0, 0xb7, 0xae, 0x6d,
    0x62, 0x4b, 0xe4, 0xff, 0xcf, 0x03, 0x7e, 0xcf, 0xfb, 0x7e, 0xdf, 0x77,
    0xce, 0x39, 0xe7, 0xde, 0x7b, 0xef, 0xbd, 0x77, 0x66, 0x66, 0x66, 0x66,
    0x66, 0x66, 0x76, 0x77, 0x77, 0x77, 0x77, 0x77, 0x77, 0x77, 0x77, 0x77,
    0x37, 0x49, 0x92, 0x24, 0x49, 0x92, 0x24, 0x49, 0x92, 0x24, 0x49, 0x92,
    0x24, 0x69, 0xdb, 0xb6, 0x6d, 0xdb, 0xb6, 0x6d, 0xdb, 0xb6, 0x6d, 0xdb,
    0xb6, 0x6d, 0xdb, 0xb6, 0x6d, 0xdb, 0xb6, 0x6d, 0xdb, 0xb6, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xa8, 0xaa, 0xaa, 0xaa,
    0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
    0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa,
    0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xfe, 0x01,
};
#define LETTERS 12
#define LETTERS_SIZE 376

static void a_match_may_overlap(void **state)
{
    uint8_t out[TEXT_SIZE];

    assert_true(inflate(out, sizeof(out), fixed, sizeof(fixed)));
    assert_memory_equal(out, TEXT, TEXT_SIZE);
}

static void long_codes(void **state)
{
    uint8_t out[LETTERS_SIZE];
    unsigned at = 0, n = 1, next = 1;

    assert_true(inflate(out, sizeof(out), dynamic, sizeof(dynamic)));
    for (unsigned letter = 0; letter < LETTERS; letter++) {
        for (unsigned i = 0; i < n; i++)
            assert_int_equal(out[at++], 'a' + letter);
        next += n;
        n = next - n;
    }
    assert_int_equal(at, sizeof(out));
}

static void a_stored_block(void **state)
{
    static const uint8_t good[] = {1, 2, 0, 0xfd, 0xff, 'h', 'i'};
    static const uint8_t bad[] = {1, 2, 0, 0xfc, 0xff, 'h', 'i'};
    uint8_t out[2];

    assert_true(inflate(out, sizeof(out), good, sizeof(good)));
    assert_memory_equal(out, "hi", 2);
    assert_false(inflate(out, sizeof(out), bad, sizeof(bad)));
}

/* In a buffer of its own size, so that the sanitizer sees a byte too many. */
static void cut(const uint8_t *stream, uint32_t size, uint32_t expands)
{
    uint8_t *out = malloc(expands);

    for (uint32_t n = 0; n < size; n++) {
        uint8_t *part = malloc(n ? n : 1);

        memcpy(part, stream, n);
        assert_false(inflate(out, expands, part, n));
        free(part);
    }
    free(out);
}

static void every_truncation_is_refused(void **state)
{
    cut(fixed, sizeof(fixed), TEXT_SIZE);
    cut(dynamic, sizeof(dynamic), LETTERS_SIZE);
}

static void sizes_that_are_not_right(void **state)
{
    uint8_t out[LETTERS_SIZE + 1];

    assert_false(inflate(out, TEXT_SIZE - 1, fixed, sizeof(fixed)));
    assert_false(inflate(out, TEXT_SIZE + 1, fixed, sizeof(fixed)));
    assert_false(inflate(out, LETTERS_SIZE - 1, dynamic, sizeof(dynamic)));
    assert_false(inflate(out, LETTERS_SIZE + 1, dynamic, sizeof(dynamic)));
}

static void change(const uint8_t *stream, uint32_t size, uint32_t expands)
{
    uint8_t *out = malloc(expands), *bad = malloc(size);

    for (uint32_t at = 0; at < size; at++)
        for (unsigned x = 1; x < 256; x++) {
            memcpy(bad, stream, size);
            bad[at] ^= (uint8_t)x;
            inflate(out, expands, bad, size); /* true or not: it comes back */
        }
    free(out);
    free(bad);
}

static void every_byte_changed_is_survived(void **state)
{
    change(fixed, sizeof(fixed), TEXT_SIZE);
    change(dynamic, sizeof(dynamic), LETTERS_SIZE);
}

static void matches_before_the_beginning(void **state)
{
    /* In the fixed code: a match of three, one back, before anything. */
    static const uint8_t far[] = {0x03, 0x02, 0x00};
    uint8_t out[3];

    assert_false(inflate(out, sizeof(out), far, sizeof(far)));
}

/* Any bit of a stream: what came out is known, or known not to be right. */
static void every_flipped_bit_is_found(void **state)
{
    uint8_t text[LETTERS_SIZE], flipped[sizeof(dynamic)], out[LETTERS_SIZE];
    unsigned wrong = 0;
    uint32_t crc;

    assert_true(inflate(text, sizeof(text), dynamic, sizeof(dynamic)));
    crc = crc32(0, text, sizeof(text));
    assert_true(inflate_whole(out, sizeof(out), dynamic, sizeof(dynamic), crc));
    for (unsigned bit = 0; bit < 8 * sizeof(dynamic); bit++) {
        memcpy(flipped, dynamic, sizeof(dynamic));
        flipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(out, 0, sizeof(out));
        if (!inflate(out, sizeof(out), flipped, sizeof(flipped)))
            continue;
        wrong += memcmp(out, text, sizeof(text)) != 0;
        assert_int_equal(
            inflate_whole(out, sizeof(out), flipped, sizeof(flipped), crc),
            memcmp(out, text, sizeof(text)) == 0);
    }
    assert_true(wrong > 0); /* which the stream alone does not tell */
}

TEST_LIST(inflate, cmocka_unit_test(a_match_may_overlap),
          cmocka_unit_test(long_codes), cmocka_unit_test(a_stored_block),
          cmocka_unit_test(every_truncation_is_refused),
          cmocka_unit_test(sizes_that_are_not_right),
          cmocka_unit_test(every_byte_changed_is_survived),
          cmocka_unit_test(matches_before_the_beginning),
          cmocka_unit_test(every_flipped_bit_is_found));
