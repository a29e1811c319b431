/* SPDX-License-Identifier: MIT */
/*
 * Page tables for the two address spaces of a run; see space.h.
 * SDM vol 3, "4-Level Paging and 5-Level Paging".
 */
#include "space.h"

#include "pte.h"
#include "stacks.h"

#define UNCACHED (PAGE_CACHE_DISABLE | PAGE_WRITE_THROUGH)
#define WRITE_COMBINING                                                        \
    PAGE_WRITE_THROUGH /* entry 1 of the PAT that the core loads */

#define UPPER_HALF 256 /* first entry of the top-level table's upper half */

static const char overlap[] = "two regions overlap in the page tables";

struct builder {
    uint64_t next, end; /* free pages of the pool */
    unsigned levels;
    uint64_t nx; /* PAGE_NX, or 0 where the processor has none */
    const char *error;
};

static uint64_t *table(uint64_t physical)
{
    return (uint64_t *)(uintptr_t)physical;
}

static uint64_t new_table(struct builder *b)
{
    uint64_t t = b->next;

    if (t + PAGE_SIZE > b->end) {
        b->error = "the page tables do not fit their pool";
        return 0;
    }
    b->next += PAGE_SIZE;
    for (unsigned i = 0; i < 512; i++)
        table(t)[i] = 0;
    return t;
}

/* The entry that maps va at the given level (1: 4 KiB, 2: 2 MiB). */
static uint64_t *entry_for(struct builder *b, uint64_t root, uint64_t va,
                           unsigned level)
{
    uint64_t *e = &table(root)[va >> (12 + 9 * (b->levels - 1)) & 511];

    for (unsigned l = b->levels - 1; l >= level; l--) {
        if (!(*e & PAGE_PRESENT)) {
            uint64_t t = new_table(b);
            if (!t)
                return 0;
            /* The leaf alone decides; upper levels allow everything. */
            *e = t | PAGE_PRESENT | PAGE_WRITE | PAGE_USER;
        } else if (*e & PAGE_LARGE) {
            b->error = overlap;
            return 0;
        }
        e = &table(*e & PAGE_ADDRESS)[va >> (12 + 9 * (l - 1)) & 511];
    }
    return e;
}

/* Maps size bytes (rounded up to pages); 2 MiB pages where all aligns. */
static void map(struct builder *b, uint64_t root, uint64_t va, uint64_t pa,
                uint64_t size, uint64_t flags)
{
    uint64_t end = va + ((size + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1));

    while (va < end && !b->error) {
        bool large =
            !((va | pa) & (LARGE_PAGE_SIZE - 1)) && end - va >= LARGE_PAGE_SIZE;
        uint64_t *e = entry_for(b, root, va, large ? 2 : 1);

        if (e && *e)
            b->error = overlap;
        else if (e)
            *e = pa | flags | PAGE_PRESENT | (large ? PAGE_LARGE : 0);
        va += large ? LARGE_PAGE_SIZE : PAGE_SIZE;
        pa += large ? LARGE_PAGE_SIZE : PAGE_SIZE;
    }
}

/* One page table for all: who changes an entry changes it for everybody. */
static void link_shared(struct builder *b, uint64_t root, uint64_t table)
{
    uint64_t *e = entry_for(b, root, VA_USER_SHARED, 2);

    if (e)
        *e = table | PAGE_PRESENT | PAGE_WRITE | PAGE_USER;
}

/* core, and own: where the image and the private part of it lie. */
static void map_core(struct builder *b, uint64_t root, uint64_t core,
                     uint64_t own, bool first, const struct core_header *h)
{
    uint64_t private = own - h->private_offset;

    for (unsigned i = 0; i < CORE_SEGMENTS; i++) {
        const struct core_segment *s = &h->segment[i];
        uint64_t base = s->flags & SEGMENT_PRIVATE ? private : core;
        uint64_t flags = (s->flags & SEGMENT_WRITE ? PAGE_WRITE : 0) |
                         (s->flags & SEGMENT_USER ? PAGE_USER : 0) |
                         (s->flags & SEGMENT_EXECUTE ? 0 : b->nx);
        if (s->size && (first || !(s->flags & SEGMENT_FIRST)))
            map(b, root, s->va, base + s->offset, s->size, flags);
    }
    for (unsigned i = 0; i < STACK_COUNT; i++)
        map(b, root, STACK_BOTTOM(i),
            private + h->stacks_offset + i * STACK_SIZE, STACK_SIZE,
            PAGE_WRITE | b->nx);
    link_shared(b, root, core + h->shared_table);
}

static void map_devices(struct builder *b, uint64_t root,
                        const struct handoff *h)
{
    const struct framebuffer *f = &h->screen;

    map(b, root, VA_JOURNAL, h->journal, h->journal_size, PAGE_WRITE | b->nx);
    if (!h->cpu && h->trampoline)
        map(b, root, VA_TRAMPOLINE, h->trampoline, PAGE_SIZE,
            PAGE_WRITE | b->nx);
    for (unsigned n = 1; !h->cpu && n <= h->worlds; n++)
        map(b, root, VA_WORLD(n), h->world[n], WORLD_SIZE, PAGE_WRITE | b->nx);
    map(b, root, VA_TABLES, h->tables, h->tables_size, PAGE_WRITE | b->nx);
    map(b, root, VA_APIC, h->apic & PAGE_ADDRESS, PAGE_SIZE,
        PAGE_WRITE | UNCACHED | b->nx);
    if (h->ioapic)
        map(b, root, VA_IOAPIC, h->ioapic & PAGE_ADDRESS, PAGE_SIZE,
            PAGE_WRITE | UNCACHED | b->nx);
    if (f->base)
        map(b, root, VA_SCREEN, f->base & PAGE_ADDRESS,
            f->size < VA_SCREEN_MAX ? f->size : VA_SCREEN_MAX,
            PAGE_WRITE | WRITE_COMBINING | b->nx);
}

static void map_runtime(struct builder *b, uint64_t root,
                        const struct identity *r)
{
    /* Runtime code writes its own data sections: W and X, as the firmware
     * had it.  Only cr3_rt has such pages. */
    uint64_t flags = r->kind == IDENTITY_CODE   ? PAGE_WRITE
                     : r->kind == IDENTITY_DATA ? PAGE_WRITE | b->nx
                                                : PAGE_WRITE | UNCACHED | b->nx;

    map(b, root, r->base, r->base, r->size, flags);
}

/* cr3_test, and the upper half of the other: what the core maps there it finds
 * in both. */
static struct builder begin(struct handoff *handoff,
                            const struct core_header *h, uint64_t core,
                            uint64_t own, bool nx)
{
    struct builder b = {
        .next = handoff->tables,
        .end = handoff->tables + handoff->tables_size,
        .levels = handoff->levels,
        .nx = nx ? PAGE_NX : 0,
    };
    uint64_t test = new_table(&b), other = new_table(&b);

    handoff->cr3_test = test;
    handoff->cr3_rt = other;
    if (b.error)
        return b;
    map_core(&b, test, core, own, !handoff->cpu, h);
    map_devices(&b, test, handoff);
    for (unsigned i = UPPER_HALF; i < 512; i++)
        table(other)[i] = table(test)[i];
    return b;
}

const char *space_build_other(struct handoff *handoff,
                              const struct core_header *h, uint64_t core,
                              uint64_t own, bool nx)
{
    struct builder b = begin(handoff, h, core, own, nx);

    if (!b.error)
        map(&b, handoff->cr3_rt, handoff->trampoline, handoff->trampoline,
            PAGE_SIZE, PAGE_WRITE);
    return b.error;
}

const char *space_build(struct handoff *handoff, const struct core_header *h,
                        uint64_t core, bool nx, const struct identity *rt,
                        unsigned n, unsigned *left_out)
{
    struct builder b = begin(handoff, h, core, core + h->private_offset, nx);

    *left_out = 0;
    for (unsigned i = 0; i < n && !b.error; i++) {
        map_runtime(&b, handoff->cr3_rt, &rt[i]);
        if (b.error && rt[i].optional) {
            b.error = 0;
            ++*left_out;
        }
    }
    return b.error;
}
