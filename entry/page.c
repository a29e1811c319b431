/* SPDX-License-Identifier: MIT */
/* The live page tables; see page.h. */
#include "page.h"

#include "handoff.h"
#include "insn.h"
#include "layout.h"
#include "shared.h"

#define LEVELS_MAX 5

uint64_t *page_table(uint64_t physical)
{
    uint64_t offset = (physical & PAGE_ADDRESS) - handoff.tables;

    return offset < handoff.tables_size ? (uint64_t *)(VA_TABLES + offset)
                                        : page_laid_table(physical);
}

/* The entry that maps va, or NULL; and the size of what it maps. */
static const uint64_t *leaf(uint64_t va, uint64_t *size)
{
    uint64_t table = handoff.cr3_test;

    for (unsigned level = handoff.levels; level; level--) {
        const uint64_t *t = page_table(table);
        const uint64_t *e = t ? &t[va >> (12 + 9 * (level - 1)) & 511] : 0;

        if (!e || !(*e & PAGE_PRESENT))
            return 0;
        *size = PAGE_SIZE << 9 * (level - 1);
        if (level == 1 || *e & PAGE_LARGE)
            return e;
        table = *e & PAGE_ADDRESS;
    }
    return 0;
}

uint64_t *page_entry(uint64_t va)
{
    uint64_t table = handoff.cr3_test;

    for (unsigned level = handoff.levels; level; level--) {
        uint64_t *t = page_table(table);
        uint64_t *e = t ? &t[va >> (12 + 9 * (level - 1)) & 511] : 0;

        if (level == 1 || !e)
            return e;
        if (!(*e & PAGE_PRESENT) || *e & PAGE_LARGE)
            return 0;
        table = *e & PAGE_ADDRESS;
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

uint64_t shared_table[512] SHARED __attribute__((aligned(4096)));

volatile uint64_t *page_shared_entry(unsigned i)
{
    return &shared_table[i];
}

uint64_t page_shared_physical(const void *va)
{
    return page_physical(va);
}

uint64_t page_physical(const void *va)
{
    uint64_t size, at = (uint64_t)va & ~(PAGE_SIZE - 1);
    const uint64_t *e = leaf(at, &size);

    return e ? (*e & PAGE_ADDRESS & ~(size - 1)) | (at & (size - 1)) : 0;
}

static uint64_t *top_entry(uint64_t va)
{
    return &page_table(
        handoff.cr3_test)[va >> (12 + 9 * (handoff.levels - 1)) & 511];
}

bool page_map(uint64_t va, uint64_t entry)
{
    static uint64_t tables[LEVELS_MAX - 1][512] __attribute__((aligned(4096)));
    uint64_t *e = top_entry(va), top = 0, *link = &top;

    if (*e)
        return false;
    for (unsigned level = handoff.levels - 1; level; level--) {
        uint64_t *t = tables[level - 1];

        if (!page_physical(t))
            return false;
        for (unsigned i = 0; i < 512; i++)
            t[i] = 0;
        *link = page_physical(t) | PAGE_PRESENT | PAGE_WRITE | PAGE_USER;
        link = &t[va >> (12 + 9 * (level - 1)) & 511];
    }
    *link = entry;
    *e = top;
    return true;
}

void page_unmap(uint64_t va)
{
    *top_entry(va) = 0;
    write_cr3(read_cr3()); /* no entry is global */
}
