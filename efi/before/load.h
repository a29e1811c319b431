/* SPDX-License-Identifier: MIT */
/*
 * The core's image in memory, and the tables' pool.
 */
#ifndef RINGSIDE_LOAD_H
#define RINGSIDE_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff.h"
#include "layout.h"

struct core {
    const struct core_header *header;
    uint64_t base; /* physical, 4 KiB aligned, below 4 GiB */
};

/* A number that another build of the core has not. */
uint32_t core_build(void);

/* Finds the core in this file.  False: the file is damaged. */
bool core_find(struct core *c);

enum core_load { CORE_LOADED, CORE_NO_MEMORY, CORE_DAMAGED };

/*
 * Allocates and expands the core, and allocates the pool for its page tables
 * (which goes into h).  Unless it is loaded no memory is taken.
 */
enum core_load core_load(struct core *c, struct handoff *h);

/* Gives the memory back: the run did not start. */
void core_unload(struct core *c, struct handoff *h);

/* Puts the finished hand-over where the core looks for it. */
void core_hand_over(const struct core *c, const struct handoff *h);

#endif
