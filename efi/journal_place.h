/* SPDX-License-Identifier: MIT */
/*
 * Where the journal goes.  Memory keeps its contents over a warm reset; what
 * destroys a journal is the next boot's firmware, at addresses that it uses
 * itself.  So the place is chosen by address: far from where firmware puts
 * its own things at either end of memory.
 */
#ifndef RINGSIDE_JOURNAL_PLACE_H
#define RINGSIDE_JOURNAL_PLACE_H

#include <stdint.h>

/* Allocates `size` bytes.  The physical address, or 0 for no memory at all. */
uint64_t journal_place(uint32_t size);
void journal_release(uint64_t base, uint32_t size);

/*
 * Allocates exactly [base, base + size), for boot B: nothing of ours is to
 * land on the journal while it is read.  An EFI_STATUS.
 */
uint64_t journal_hold(uint64_t base, uint32_t size);

/* The i-th of the places where it is put first, or 0 behind the last. */
uint64_t journal_usual(unsigned i);

/* What lies there is no journal any more: nobody is to find it. */
void journal_forget(uint64_t base);

/* Is this one of the places that are known to survive? */
int journal_place_is_usual(uint64_t base);

/* --provoke journal-taken: takes the usual places away, for this boot. */
void journal_places_take(uint32_t size);

#endif
