/* SPDX-License-Identifier: MIT */
/*
 * The live page tables, for cases that take a page away or change its rights.
 * What is changed must be put back: page_set() returns what stood there.
 */
#ifndef RINGSIDE_PAGE_H
#define RINGSIDE_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "pte.h"

/* A table of this processor's own, by its address or by an entry that points
 * to it; NULL: it is none (the one at VA_USER_SHARED is everybody's). */
uint64_t *page_table(uint64_t physical);

/* The same, of those that page_lay() has added. */
uint64_t *page_laid_table(uint64_t physical);

/* The entry that maps the 4 KiB page at va in cr3_test, or NULL where none
 * does (no table, or a 2 MiB page). */
uint64_t *page_entry(uint64_t va);

/* Sets it, flushes it from the TLB, and returns the former value; 0 and no
 * effect where page_entry() has none. */
uint64_t page_set(uint64_t va, uint64_t entry);

/*
 * Maps a page where cr3_test has not even a top-level entry, with tables of
 * its own: one such place at a time.  False when the place is taken.
 * page_entry() does not see what stands there.
 */
bool page_map(uint64_t va, uint64_t entry);
void page_unmap(uint64_t va);

/*
 * Maps a page in cr3_test for good, on the first processor: its tables are
 * added to those that are there, and page_entry() sees it.  NULL; or, and
 * nothing is mapped, why not, in words that go behind the address.
 */
const char *page_lay(uint64_t va, uint64_t entry);
/* The tables that efi/ has built are as they were: with those pages again. */
void page_lay_again(void);

/*
 * The pages that every processor's ring 3 sees, from VA_USER_SHARED on: entry
 * i, from 0 to 511, of the one table that maps them for all.  Nothing is
 * mapped at first; who changes an entry flushes it, everywhere.
 */
volatile uint64_t *page_shared_entry(unsigned i);

/* Where a page of SHARED memory lies. */
uint64_t page_shared_physical(const void *va);

/* Where the 4 KiB page at va lies, of the core's or of ring 3's; 0 where none
 * is mapped. */
uint64_t page_physical(const void *va);

#endif
