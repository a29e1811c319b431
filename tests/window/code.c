/* SPDX-License-Identifier: MIT */
/*
 * What an instruction's first bytes mean; see code.h.
 *
 * No disassembler: a walk sees where each instruction has led to, and so its
 * length.  It must only know, before the instruction runs, the few behind
 * which the trap may not come, and for the record those that lead elsewhere.
 */
#include "code.h"

#include "macros.h"

#define STI 0xfb
#define HLT 0xf4
#define PUSHF 0x9c
#define MOV_TO_SREG 0x8e
#define MODRM_MODE_REGISTER 0xc0
#define SREG_SS 2
#define SREG_GS 5
#define OPERAND_SIZE 0x66
#define REX 0x40

static bool bytes_at(uint64_t rip, const uint8_t *bytes, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        if (((const uint8_t *)rip)[i] != bytes[i])
            return false;
    return true;
}

/* IRETQ, LRETQ, SYSRETQ, SYSRETL, SYSEXITQ, SYSEXITL */
bool code_leaves_ring0(uint64_t rip)
{
    static const uint8_t exits[][4] = {
        {2, 0x48, 0xcf}, {2, 0x48, 0xcb},       {3, 0x48, 0x0f, 0x07},
        {2, 0x0f, 0x07}, {3, 0x48, 0x0f, 0x35}, {2, 0x0f, 0x35},
    };

    for (unsigned i = 0; i < COUNT(exits); i++)
        if (bytes_at(rip, &exits[i][1], exits[i][0]))
            return true;
    return false;
}

bool code_is_swapgs(uint64_t rip)
{
    static const uint8_t swapgs[] = {0x0f, 0x01, 0xf8};

    return bytes_at(rip, swapgs, sizeof(swapgs));
}

bool code_is_sysretq(uint64_t rip)
{
    static const uint8_t sysretq[] = {0x48, 0x0f, 0x07};

    return bytes_at(rip, sysretq, sizeof(sysretq));
}

bool code_is_iretq(uint64_t rip)
{
    static const uint8_t iretq[] = {0x48, 0xcf};

    return bytes_at(rip, iretq, sizeof(iretq));
}

bool code_loads_gs(uint64_t rip)
{
    static const uint8_t pop[] = {0x0f, 0xa9};
    const uint8_t *code = (const uint8_t *)rip;

    if (code[0] == OPERAND_SIZE || (code[0] & 0xf0) == REX)
        code++;
    return bytes_at((uint64_t)code, pop, sizeof(pop)) ||
           (code[0] == MOV_TO_SREG && (code[1] >> 3 & 7) == SREG_GS);
}

bool code_is_sti(uint64_t rip)
{
    return *(const uint8_t *)rip == STI;
}

bool code_is_pushf(uint64_t rip)
{
    return *(const uint8_t *)rip == PUSHF;
}

bool code_loads_ss(uint64_t rip)
{
    const uint8_t *code = (const uint8_t *)rip;

    return code[0] == MOV_TO_SREG && (code[1] >> 3 & 7) == SREG_SS &&
           (code[1] & MODRM_MODE_REGISTER) == MODRM_MODE_REGISTER;
}

bool code_is_hlt(uint64_t rip)
{
    return *(const uint8_t *)rip == HLT;
}

bool code_jumps_to_itself(uint64_t rip)
{
    static const uint8_t near[] = {0xeb, 0xfe},
                         far[] = {0xe9, 0xfb, 0xff, 0xff, 0xff};

    return bytes_at(rip, near, sizeof(near)) || bytes_at(rip, far, sizeof(far));
}

/* An instruction's length, where the next stop is not behind it: branches. */
unsigned code_branch_length(uint64_t rip)
{
    static const struct {
        uint8_t length, bytes, code[3], mask; /* mask: of the last byte */
    } branches[] = {
        {2, 1, {0xeb}, 0xff},
        {2, 1, {0x70}, 0xf0},
        {5, 1, {0xe8}, 0xfe},
        {6, 2, {0x0f, 0x80}, 0xf0},
        {1, 1, {0xc3}, 0xff},
        {2, 2, {0x48, 0xcf}, 0xff},
        {2, 2, {0x48, 0xcb}, 0xff},
        {2, 2, {0x0f, 0x05}, 0xff},
        {2, 2, {0x0f, 0x07}, 0xff},
        {3, 3, {0x48, 0x0f, 0x07}, 0xff},
        {2, 2, {0x0f, 0x34}, 0xff},
        {2, 2, {0x0f, 0x35}, 0xff},
        {3, 3, {0x48, 0x0f, 0x35}, 0xff},
        {2, 1, {0xcd}, 0xff},
        {2, 2, {0x0f, 0x0b}, 0xff},
        {1, 1, {HLT}, 0xff},
    };

    for (unsigned i = 0; i < COUNT(branches); i++) {
        const uint8_t *code = (const uint8_t *)rip;
        unsigned n = branches[i].bytes, same = 0;

        while (same < n - 1 && code[same] == branches[i].code[same])
            same++;
        if (same == n - 1 &&
            (code[same] & branches[i].mask) == branches[i].code[same])
            return branches[i].length;
    }
    return 0;
}
