/* SPDX-License-Identifier: MIT */
/* stacks.def as addresses and IST slots, for C and for assembly. */
#ifndef RINGSIDE_STACKS_H
#define RINGSIDE_STACKS_H

#include "layout.h"

/* Stack n: [STACK_BOTTOM(n), STACK_TOP(n)), an unmapped guard below it. */
#define STACK_BOTTOM(n) (VA_STACKS + 2 * STACK_SIZE * (n) + STACK_SIZE)
#define STACK_TOP(n) (STACK_BOTTOM(n) + STACK_SIZE)

#ifdef __ASSEMBLER__
/* clang-format off */
	.set	STACK_COUNT, 0
#define STACK(name, ist, what)                                                 \
	.set STACK_##name, STACK_COUNT; .set STACK_COUNT, STACK_COUNT + 1;
#include "stacks.def"
#undef STACK
/* clang-format on */
#else
#include <stdint.h>

enum stack {
#define STACK(name, ist, what) STACK_##name,
#include "stacks.def"
#undef STACK
    STACK_COUNT,
};

enum ist_slot {
    NO_IST = 0,
#define STACK(name, ist, what) IST_##name = ist,
#include "stacks.def"
#undef STACK
};

/* The stack that an address lies on (its top counts), or STACK_COUNT. */
enum stack stack_at(uint64_t address);
/* The stack of an IST slot, 1 to 7. */
enum stack stack_of_ist(unsigned slot);
const char *stack_name(enum stack s); /* "elsewhere" for STACK_COUNT */

#endif
#endif
