/* SPDX-License-Identifier: MIT */
/*
 * Pages at addresses of somebody else's choice, for good; see page.h.
 *
 * The tables that efi/ has built hold what it knew of.  What is mapped later
 * gets tables from a pool of its own here, linked into those: in the lower half
 * and in the upper one, and under a directory that is there already as well as
 * where there is none.
 */
#include "page.h"

#include "handoff.h"
#include "layout.h"
#include "shared.h"

#define TABLES 64 /* each maps 2 MiB */
#define LINKS 32  /* entries of efi/'s tables that lead to ours */

static uint64_t pool[TABLES][512] FIRST_ONLY __attribute__((aligned(4096)));
static uint64_t pool_physical; /* it lies in one piece; 0: not yet in use */
static unsigned tables;
static struct {
    uint64_t *entry, value;
} links[LINKS];
static unsigned links_count;

uint64_t *page_laid_table(uint64_t physical)
{
    uint64_t offset = (physical & PAGE_ADDRESS) - pool_physical;

    return pool_physical && offset < sizeof(pool) ? pool[offset / PAGE_SIZE]
                                                  : 0;
}

static bool of_efi(const uint64_t *entry)
{
    return (uint64_t)entry - VA_TABLES < handoff.tables_size;
}

/* A new table for an entry that has none; false: there is no more room. */
static bool link_table(uint64_t *entry)
{
    if (!pool_physical)
        pool_physical = page_physical(pool);
    if (tables == TABLES || links_count == LINKS)
        return false;
    *entry = (pool_physical + PAGE_SIZE * tables++) | PAGE_PRESENT |
             PAGE_WRITE | PAGE_USER; /* the leaf alone decides */
    if (of_efi(entry)) {
        links[links_count].entry = entry;
        links[links_count++].value = *entry;
    }
    return true;
}

const char *page_lay(uint64_t va, uint64_t entry)
{
    uint64_t *e = 0, link = handoff.cr3_test | PAGE_PRESENT;

    for (unsigned level = handoff.levels; level; level--) {
        uint64_t *t;

        if (e && !(*e & PAGE_PRESENT) && !link_table(e))
            return "its page tables do not fit their pool";
        link = e ? *e : link;
        t = link & PAGE_LARGE ? 0 : page_table(link);
        if (!t)
            return "the harness has something there";
        e = &t[va >> (12 + 9 * (level - 1)) & 511];
    }
    if (*e)
        return "something is there already";
    *e = entry;
    return 0;
}

void page_lay_again(void)
{
    for (unsigned i = 0; i < links_count; i++)
        *links[i].entry = links[i].value;
}
