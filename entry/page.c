/* SPDX-License-Identifier: MIT */
/* The live page tables; see page.h. */
#include "page.h"

#include "handoff.h"
#include "insn.h"
#include "layout.h"

#define ADDRESS 0x000ffffffffff000ull
#define LARGE (1ull << 7)

uint64_t *page_entry(uint64_t va)
{
    uint64_t table = handoff.cr3_test;

    for (unsigned level = handoff.levels; level; level--) {
        uint64_t *t = (uint64_t *)(VA_TABLES + (table - handoff.tables));
        uint64_t *e = &t[va >> (12 + 9 * (level - 1)) & 511];

        if (level == 1)
            return e;
        if (!(*e & PAGE_PRESENT) || *e & LARGE)
            return 0;
        table = *e & ADDRESS;
    }
    return 0;
}

uint64_t page_set(uint64_t va, uint64_t entry)
{
    uint64_t *e = page_entry(va), former = e ? *e : 0;

    if (e) {
        *e = entry;
        invlpg(va);
    }
    return former;
}
