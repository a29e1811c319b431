/* SPDX-License-Identifier: MIT */
/*
 * The machine that the specimen on the bench was written for, to who walks:
 * its segments, its page tables, its IST stacks.  walk.h has the rest.
 */
#ifndef RINGSIDE_BENCH_H
#define RINGSIDE_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "gdt.h"
#include "record.h"

/* Selectors of contexts, with their RPL; 0: it has no such segment.  They are
 * `selectors' of gdt.h, which payload_context() takes as well. */
static inline uint16_t bench_kernel_cs(void)
{
    return selectors.kernel_cs;
}

static inline uint16_t bench_kernel_ss(void)
{
    return selectors.kernel_ss;
}

static inline uint16_t bench_user_cs64(void)
{
    return selectors.user_cs64;
}

static inline uint16_t bench_user_cs32(void)
{
    return selectors.user_cs32;
}

static inline uint16_t bench_user_ss(void)
{
    return selectors.user_ss;
}

/* CR3 that a context begins with; the same for both where there is one table
 * alone.  A stop's CR3 is part of what it is: a stub may have changed it. */
uint64_t bench_cr3(bool ring3);

/* The slot of the TSS that a vector's gate names, as its author has it; 0:
 * none, the frame comes on RSP0 or on the stack that is in use. */
unsigned bench_ist(unsigned vector);

/* Asks for the window's interrupt, and waits until the APIC has that: it comes
 * when IF is set. */
void bench_request_irq(void);

#endif
