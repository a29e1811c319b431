/* SPDX-License-Identifier: MIT */
/* The debug registers, for cases; see debug.h. */
#include "debug.h"

#include "insn.h"

#define DR7_TYPE_SHIFT(n) (16 + 4 * (n))
#define DR7_LENGTH_SHIFT(n) (18 + 4 * (n))

static uint64_t length_code(unsigned bytes)
{
    return bytes == 8 ? 2 : bytes - 1; /* 1, 2, 8, 4 bytes: 0 to 3 */
}

uint64_t debug_control(unsigned n, enum debug_type type, unsigned bytes)
{
    return DR7_L(n) | (uint64_t)type << DR7_TYPE_SHIFT(n) |
           length_code(bytes) << DR7_LENGTH_SHIFT(n);
}

static void write_address(unsigned n, uint64_t address)
{
    switch (n) {
    case 0:
        write_dr0(address);
        break;
    case 1:
        write_dr1(address);
        break;
    case 2:
        write_dr2(address);
        break;
    default:
        write_dr3(address);
        break;
    }
}

static uint64_t read_address(unsigned n)
{
    return n == 0   ? read_dr0()
           : n == 1 ? read_dr1()
           : n == 2 ? read_dr2()
                    : read_dr3();
}

void debug_arm_too(unsigned n, uint64_t address, enum debug_type type,
                   unsigned bytes)
{
    write_address(n, address);
    write_dr7(read_dr7() | debug_control(n, type, bytes));
}

void debug_arm(unsigned n, uint64_t address, enum debug_type type,
               unsigned bytes)
{
    write_dr7(DR7_CLEAR);
    debug_arm_too(n, address, type, bytes);
}

void debug_off(void)
{
    write_dr7(DR7_CLEAR);
    for (unsigned n = 0; n < 4; n++)
        write_address(n, 0);
    write_dr6(DR6_CLEAR);
}

bool debug_breakpoint_at(uint64_t rip)
{
    uint64_t dr7 = read_dr7();

    for (unsigned n = 0; n < 4; n++)
        if (dr7 & (DR7_L(n) | DR7_G(n)) &&
            (dr7 >> DR7_TYPE_SHIFT(n) & 3) == DEBUG_EXECUTE &&
            read_address(n) == rip)
            return true;
    return false;
}

void debug_step(struct trapframe *c)
{
    c->rflags |= FLAG_TF;
}
