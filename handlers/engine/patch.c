/* SPDX-License-Identifier: MIT */
/* What is plain computing about a kernel of somebody else's; see kernel.h. */
#include "kernel.h"

#define JMP_REL32 0xe9 /* SDM vol 2, "JMP" */
#define JMP_LENGTH 5

static void put32(uint8_t *to, uint64_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> 8 * i);
}

unsigned patch_jump(uint8_t code[PATCH_MAX], uint64_t at, uint64_t to,
                    uint32_t room)
{
    /* PUSH imm32; MOVL imm32, 4(%RSP); RET: no register is changed. */
    static const uint8_t far[PATCH_MAX] = {0x68, [5] = 0xc7, 0x44,
                                           0x24, 0x04,       [13] = 0xc3};
    uint64_t distance = to - (at + JMP_LENGTH);

    if (room >= JMP_LENGTH && distance + 0x80000000 < 0x100000000) {
        code[0] = JMP_REL32;
        put32(code + 1, distance);
        return JMP_LENGTH;
    }
    if (room < PATCH_MAX)
        return 0;
    __builtin_memcpy(code, far, PATCH_MAX);
    put32(code + 1, to);
    put32(code + 9, to >> 32);
    return PATCH_MAX;
}

const struct specimen_symbol *patch_symbol(const struct specimen_symbol *s,
                                           unsigned count, uint64_t address)
{
    unsigned low = 0;

    while (low < count) {
        unsigned middle = low + (count - low) / 2;

        if (s[middle].at <= address)
            low = middle + 1;
        else
            count = middle;
    }
    return low ? &s[low - 1] : 0;
}
