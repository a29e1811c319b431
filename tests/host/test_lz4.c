/* SPDX-License-Identifier: MIT */
/* lz4_expand(): a frame made by hand, and everything that can be cut off it. */
#include "host.h"

#include "before/lz4.h"

/* Magic, FLG (version 1, independent blocks), BD, header checksum. */
#define HEAD 0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82
#define END 0, 0, 0, 0

/* "abcabcabcabcxyz": three literals, a match that overlaps itself, then the
 * last three literals. */
static const uint8_t frame[] = {
    HEAD, 11, 0, 0, 0, 0x35, 'a', 'b', 'c', 3, 0, 0x30, 'x', 'y', 'z', 0, END,
};
static const uint8_t good[] = {
    HEAD, 10, 0, 0, 0, 0x35, 'a', 'b', 'c', 3, 0, 0x30, 'x', 'y', 'z', END,
};
#define TEXT "abcabcabcabcxyz"
#define TEXT_SIZE 15

static void a_match_may_overlap(void **state)
{
    uint8_t out[TEXT_SIZE];

    assert_true(lz4_expand(out, sizeof(out), good, sizeof(good)));
    assert_memory_equal(out, TEXT, TEXT_SIZE);
}

static void a_stored_block(void **state)
{
    static const uint8_t stored[] = {HEAD, 2, 0, 0, 0x80, 'h', 'i', END};
    uint8_t out[2];

    assert_true(lz4_expand(out, sizeof(out), stored, sizeof(stored)));
    assert_memory_equal(out, "hi", 2);
}

/* In a buffer of its own size, so that the sanitizer sees a byte too many. */
static void every_truncation_is_refused(void **state)
{
    uint8_t out[TEXT_SIZE];

    /* Without the end mark all has come already. */
    for (uint32_t n = 0; n < sizeof(good) - 4; n++) {
        uint8_t *cut = malloc(n ? n : 1);

        memcpy(cut, good, n);
        assert_false(lz4_expand(out, sizeof(out), cut, n));
        free(cut);
    }
}

static void sizes_that_are_not_right(void **state)
{
    uint8_t out[TEXT_SIZE + 1];

    assert_false(lz4_expand(out, TEXT_SIZE - 1, good, sizeof(good)));
    assert_false(lz4_expand(out, TEXT_SIZE + 1, good, sizeof(good)));
    /* A block that ends behind a match's token. */
    assert_false(lz4_expand(out, TEXT_SIZE, frame, sizeof(frame)));
}

static void every_byte_changed_is_survived(void **state)
{
    uint8_t out[TEXT_SIZE];

    for (unsigned at = 0; at < sizeof(good); at++)
        for (unsigned x = 1; x < 256; x++) {
            uint8_t bad[sizeof(good)];

            memcpy(bad, good, sizeof(good));
            bad[at] ^= (uint8_t)x;
            if (lz4_expand(out, sizeof(out), bad, sizeof(bad)) && at < 4)
                fail_msg("a frame with magic byte %u changed was taken", at);
        }
}

static void matches_before_the_beginning(void **state)
{
    uint8_t far[sizeof(good)], out[TEXT_SIZE];

    memcpy(far, good, sizeof(good));
    far[15] = 4; /* the distance: one more than there is */
    assert_false(lz4_expand(out, sizeof(out), far, sizeof(far)));
    far[15] = 0;
    assert_false(lz4_expand(out, sizeof(out), far, sizeof(far)));
}

/* Any bit of a frame: what came out is known, or known not to be right. */
static void every_flipped_bit_is_found(void **state)
{
    uint32_t crc = crc32(0, TEXT, TEXT_SIZE);
    uint8_t flipped[sizeof(good)], out[TEXT_SIZE];
    unsigned wrong = 0;

    assert_true(lz4_expand_whole(out, TEXT_SIZE, good, sizeof(good), crc));
    for (unsigned bit = 0; bit < 8 * sizeof(good); bit++) {
        memcpy(flipped, good, sizeof(good));
        flipped[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(out, 0, sizeof(out));
        if (!lz4_expand(out, TEXT_SIZE, flipped, sizeof(flipped)))
            continue;
        wrong += memcmp(out, TEXT, TEXT_SIZE) != 0;
        assert_int_equal(
            lz4_expand_whole(out, TEXT_SIZE, flipped, sizeof(flipped), crc),
            memcmp(out, TEXT, TEXT_SIZE) == 0);
    }
    assert_true(wrong > 40); /* which the frame alone does not tell */
}

TEST_LIST(lz4, cmocka_unit_test(a_match_may_overlap),
          cmocka_unit_test(a_stored_block),
          cmocka_unit_test(every_truncation_is_refused),
          cmocka_unit_test(sizes_that_are_not_right),
          cmocka_unit_test(every_byte_changed_is_survived),
          cmocka_unit_test(matches_before_the_beginning),
          cmocka_unit_test(every_flipped_bit_is_found));
