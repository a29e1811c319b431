/* SPDX-License-Identifier: MIT */
/* Where addresses stop being canonical, with the paging that is on. */
#ifndef RINGSIDE_CANONICAL_H
#define RINGSIDE_CANONICAL_H

#include "insn.h"
#include "msr.h"

/* The first address of the hole; its last one is -canonical_hole() - 1. */
static inline uint64_t canonical_hole(void)
{
    return read_cr4() & CR4_LA57 ? 1ull << 56 : 1ull << 47;
}

#endif
