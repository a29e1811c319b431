/* SPDX-License-Identifier: MIT */
/*
 * Displacements put back: what scripts/calls has made of some bytes must
 * become those bytes again.  That it does for the core is what its CRC says
 * each time it is loaded.
 */
#include "host.h"

#include "before/calls.h"

static void by_hand(void **state)
{
    /* At 1 a call of 9, at 6 a jump to 0, then a call that is cut off. */
    uint8_t code[] = {0x90, 0xe8, 9, 0, 0, 0, 0xe9, 0, 0, 0, 0, 0xe8, 1, 2, 3};
    static const uint8_t whole[] = {0x90, 0xe8, 8,    0,    0, 0, 0xe9, 0xfa,
                                    0xff, 0xff, 0xff, 0xe8, 1, 2, 3};

    calls_restore(code, sizeof(code));
    assert_memory_equal(code, whole, sizeof(whole));
}

/* As scripts/calls does it, on bytes that are full of calls. */
static void replace(uint8_t *code, uint32_t n)
{
    for (uint32_t at = 0; at + 5 <= n; at++) {
        uint32_t v;

        if (code[at] != 0xe8 && code[at] != 0xe9)
            continue;
        memcpy(&v, code + at + 1, 4);
        v += at;
        memcpy(code + at + 1, &v, 4);
        at += 4;
    }
}

static void there_and_back(void **state)
{
    uint64_t seed = 0x243f6a8885a308d3;

    for (unsigned round = 0; round < 2000; round++) {
        uint32_t n = (uint32_t)(next_random(&seed) % 64);
        uint8_t *code = malloc(n ? n : 1), whole[64];

        for (uint32_t i = 0; i < n; i++)
            code[i] =
                next_random(&seed) % 4 ? (uint8_t)next_random(&seed) : 0xe8;
        memcpy(whole, code, n);
        replace(code, n);
        calls_restore(code, n);
        assert_memory_equal(code, whole, n);
        free(code);
    }
}

TEST_LIST(calls, cmocka_unit_test(by_hand), cmocka_unit_test(there_and_back));
