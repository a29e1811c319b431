/* SPDX-License-Identifier: MIT */
/* The debug registers, for cases.  SDM vol 3, "Debug Registers". */
#ifndef RINGSIDE_DEBUG_H
#define RINGSIDE_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

#include "msr.h"
#include "trapframe.h"

/* DR7.R/Wn. */
enum debug_type {
    DEBUG_EXECUTE,
    DEBUG_WRITE,
    DEBUG_IO,     /* with CR4.DE */
    DEBUG_ACCESS, /* reads and writes */
};

#define DR6_B(n) (1u << (n))
#define DR7_L(n) (1u << 2 * (n))
#define DR7_G(n) (2u << 2 * (n))
#define DR7_GD (1u << 13)

/* DR7's bits for a breakpoint in DRn: bytes 1, 2, 4 or 8; local enable. */
uint64_t debug_control(unsigned n, enum debug_type type, unsigned bytes);

/* Arms DRn and disarms all others. */
void debug_arm(unsigned n, uint64_t address, enum debug_type type,
               unsigned bytes);
/* Arms DRn besides what is armed already. */
void debug_arm_too(unsigned n, uint64_t address, enum debug_type type,
                   unsigned bytes);

/* An after(): all four disarmed and zero, DR6 as after reset. */
void debug_off(void);

/* Is an enabled instruction breakpoint on that address? */
bool debug_breakpoint_at(uint64_t rip);

/* A before(): single-step from the first instruction on. */
void debug_step(struct trapframe *c);

#endif
