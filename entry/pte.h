/* SPDX-License-Identifier: MIT */
/*
 * An entry of a page table, bit by bit, and the sizes of what it maps.
 * SDM vol 3, "4-Level Paging and 5-Level Paging"; "Paging" in APM vol 2.
 */
#ifndef RINGSIDE_PTE_H
#define RINGSIDE_PTE_H

#define PAGE_SIZE 0x1000ull
#define LARGE_PAGE_SIZE 0x200000ull

#define PAGE_PRESENT (1ull << 0)
#define PAGE_WRITE (1ull << 1)
#define PAGE_USER (1ull << 2)
#define PAGE_WRITE_THROUGH (1ull << 3)
#define PAGE_CACHE_DISABLE (1ull << 4)
#define PAGE_DIRTY (1ull << 6)
#define PAGE_LARGE (1ull << 7) /* in a directory's entry: no table below */
#define PAGE_GLOBAL (1ull << 8)
#define PAGE_RESERVED (1ull << 51) /* beyond any MAXPHYADDR that is in use */
#define PAGE_IGNORED (1ull << 52)  /* software's own */
#define PAGE_KEY(key) ((uint64_t)(key) << 59)
#define PAGE_NX (1ull << 63)

#define PAGE_ADDRESS 0x000ffffffffff000ull

#endif
