/* SPDX-License-Identifier: MIT */
/*
 * The core's image in memory, and the tables' pool.
 */
#ifndef RINGSIDE_LOAD_H
#define RINGSIDE_LOAD_H

#include <stdint.h>

#include "boot.h"
#include "layout.h"

struct core {
    const struct core_header *header;
    uint64_t base; /* physical, 4 KiB aligned, below 4 GiB */
};

/*
 * Allocates and copies the core and the pool for its page tables (which goes
 * into b->handoff).  NULL, or one line that says what was needed.
 */
const char *core_load(struct core *c, struct boot *b);

/* Gives the memory back: the run did not start. */
void core_unload(struct core *c, struct boot *b);

/* Puts the finished hand-over where the core looks for it. */
void core_hand_over(const struct core *c, const struct handoff *h);

#endif
