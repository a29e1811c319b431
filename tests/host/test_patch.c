/* SPDX-License-Identifier: MIT */
/*
 * The jump that a function of somebody else's kernel becomes, decoded as the
 * manual has it, and the search for its symbols.
 */
#include "engine/kernel.h"
#include "host.h"

#define CORE 0xffffffffc0012348ull

static int32_t signed32(const uint8_t *at)
{
    int32_t value;

    memcpy(&value, at, sizeof(value));
    return value;
}

/* SDM vol 2: "JMP", "PUSH", "MOV", "RET"; the address that it leads to. */
static uint64_t leads_to(const uint8_t *code, unsigned n, uint64_t at)
{
    if (code[0] == 0xe9) {
        assert_int_equal(n, 5);
        return at + n + (uint64_t)(int64_t)signed32(code + 1);
    }
    assert_int_equal(n, 14);
    assert_int_equal(code[0], 0x68);
    assert_memory_equal(code + 5, "\xc7\x44\x24\x04", 4);
    assert_int_equal(code[13], 0xc3);
    return (uint64_t)(uint32_t)signed32(code + 1) |
           (uint64_t)(uint32_t)signed32(code + 9) << 32;
}

static void jumps(void **state)
{
    static const struct {
        uint64_t at;
        unsigned length;
    } of[] = {
        {0xffffffff80000000, 5},
        {0xffffffff9ffffffb, 5},
        {0x200000, 5},
        {0, 5},
        {0x3fffffff, 5},
        {0x40012343, 5}, /* the last that reaches */
        {0x40012344, 14},
        {0xffff800000100000, 14},
        {0x7fffffff0000, 14},
        {0xfffffffe80000000, 14},
        {0xffffffff40012343, 14},
        {0xffffffff40012344, 5}, /* the first */
    };

    for (unsigned i = 0; i < COUNT(of); i++) {
        uint8_t code[PATCH_MAX];
        unsigned n = patch_jump(code, of[i].at, CORE, PATCH_MAX);

        assert_int_equal(n, of[i].length);
        assert_int_equal(leads_to(code, n, of[i].at), CORE);
        assert_int_equal(patch_jump(code, of[i].at, CORE, n - 1), 0);
        assert_int_equal(patch_jump(code, of[i].at, CORE, n), n);
    }
}

static void symbols(void **state)
{
    static const struct specimen_symbol s[] = {
        {0x1000, "a"}, {0x1010, "b"}, {0x1018, "c"}, {~0ull, "d"}};

    assert_null(patch_symbol(s, 0, 0x1000));
    assert_null(patch_symbol(s, COUNT(s), 0xfff));
    for (unsigned n = 1; n <= COUNT(s); n++)
        for (unsigned i = 0; i < n; i++) {
            assert_ptr_equal(patch_symbol(s, n, s[i].at), &s[i]);
            assert_ptr_equal(patch_symbol(s, n, s[i].at - 1),
                             i ? &s[i - 1] : NULL);
        }
    assert_string_equal(patch_symbol(s, COUNT(s), 0x2000)->name, "c");
}

TEST_LIST(patch, cmocka_unit_test(jumps), cmocka_unit_test(symbols));
