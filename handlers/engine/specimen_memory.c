/* SPDX-License-Identifier: MIT */
/*
 * What the stubs of specimen_own have written is put back: a walk must find
 * their memory as the one before it did, or a counter of theirs would tell the
 * two apart.
 *
 * A kernel that its author has linked has pages of its own (kernel.c).  Stubs
 * that were linked with the core have a part of its .data and its .bss, by
 * entry/core.lds.  The processor says which pages have been written, by their
 * entries' Dirty bits; where the part begins or ends in the middle of a page,
 * the harness writes there as well, and the part is always put back.
 */
#include "author.h"
#include "insn.h"
#include "kernel.h"
#include "page.h"

extern char own_data[], own_data_end[], own_bss[], own_bss_end[], own_copy[];

/* Of the page at `page' what lies in [from, end): from the copy, or zeroes. */
static void fill(uint64_t page, uint64_t from, uint64_t end, const char *copy)
{
    uint64_t low = page > from ? page : from;
    uint64_t high = page + PAGE_SIZE < end ? page + PAGE_SIZE : end;

    if (copy)
        __builtin_memcpy((void *)low, copy + (low - from), high - low);
    else
        __builtin_memset((void *)low, 0, high - low);
}

static void put_back(const char *begin, const char *last, const char *copy)
{
    uint64_t from = (uint64_t)begin, end = (uint64_t)last;

    for (uint64_t page = from & ~(PAGE_SIZE - 1); page < end;
         page += PAGE_SIZE) {
        bool whole = page >= from && page + PAGE_SIZE <= end;
        uint64_t *e = whole ? page_entry(page) : 0; /* NULL: a large page */

        if (e && !(*e & PAGE_DIRTY))
            continue;
        fill(page, from, end, copy);
        if (e) {
            *e &= ~PAGE_DIRTY;
            invlpg(page);
        }
    }
}

void specimen_put_back(void)
{
    static bool copied;

    if (!specimen_own)
        return;
    if (!copied)
        __builtin_memcpy(own_copy, own_data, (size_t)(own_data_end - own_data));
    copied = true;
    put_back(own_data, own_data_end, own_copy);
    put_back(own_bss, own_bss_end, 0);
    kernel_put_back();
    if (specimen_installed() == specimen_own)
        author_fill(specimen_own);
}
