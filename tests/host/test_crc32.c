/* SPDX-License-Identifier: MIT */
/* crc32() against published check values and against its definition. */
#include "host.h"

static void known_values(void **state)
{
    static const uint8_t ones[32] = {[0 ... 31] = 0xff};
    static const uint8_t zeros[32];

    assert_int_equal(crc32(0, "", 0), 0);
    assert_int_equal(crc32(0, "a", 1), 0xe8b7be43);
    assert_int_equal(crc32(0, "123456789", 9), 0xcbf43926);
    assert_int_equal(crc32(0, zeros, sizeof(zeros)), 0x190a55ad);
    assert_int_equal(crc32(0, ones, sizeof(ones)), 0xff6cab0b);
}

/* One bit at a time, as the division is defined. */
static uint32_t slow(const uint8_t *p, size_t n)
{
    uint32_t crc = ~0u;

    while (n--) {
        crc ^= *p++;
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    return ~crc;
}

static void every_byte_value(void **state)
{
    for (unsigned b = 0; b < 256; b++) {
        uint8_t byte = (uint8_t)b;

        assert_int_equal(crc32(0, &byte, 1), slow(&byte, 1));
    }
}

static void in_pieces(void **state)
{
    static const char text[] = "an entry that lands between two instructions";
    uint32_t whole = crc32(0, text, sizeof(text));

    for (size_t cut = 0; cut <= sizeof(text); cut++)
        assert_int_equal(
            crc32(crc32(0, text, cut), text + cut, sizeof(text) - cut), whole);
}

TEST_LIST(crc32, cmocka_unit_test(known_values),
          cmocka_unit_test(every_byte_value), cmocka_unit_test(in_pieces));
