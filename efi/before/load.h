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

/* Bytes that a further processor's journal has at least. */
#define SLICE_MIN 0x10000

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

/*
 * Memory for so many further processors (WORLD_SIZE each, below 4 GiB, where
 * one that has just been started reaches it), with the core's data as loaded;
 * into h->worlds and h->world.  Returns how many there was memory for.
 */
unsigned worlds_load(const struct core *c, struct handoff *h, unsigned wanted);

/* Page tables and hand-over of each, made of h as it is now.  NULL, or what
 * did not fit. */
const char *worlds_build(const struct core *c, const struct handoff *h,
                         bool nx);

void worlds_unload(struct handoff *h);

/* Gives the memory back: the run did not start. */
void core_unload(struct core *c, struct handoff *h);

/* Puts the finished hand-over where the core looks for it. */
void core_hand_over(const struct core *c, const struct handoff *h);

#endif
