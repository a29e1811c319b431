/* SPDX-License-Identifier: MIT */
/*
 * What each further processor has of its own (include/shared.h), in one block:
 * its part of the core's image, its page tables, its slice of the journal.
 * Called by boota.c and exit.c.
 */
#include <efi.h>

#include "firmware.h"
#include "load.h"
#include "mem.h"
#include "memmap.h"
#include "record/journal.h"
#include "space.h"

#define LARGE 0x200000ull
#define BELOW_4G 0xffffffffull
/* The firmware goes on to need some itself. */
#define LEFT_FREE (8ull << 20)

static EFI_STATUS allocate(uint64_t size, uint64_t below,
                           EFI_PHYSICAL_ADDRESS *at)
{
    *at = below;
    return BS->AllocatePages(AllocateMaxAddress, EfiLoaderData, size / EFI_PAGE,
                             at);
}

/* One block, aligned to a large page; 0: there is none.  Right below the block
 * before it nothing has to be cut off. */
static uint32_t take(uint64_t before)
{
    EFI_PHYSICAL_ADDRESS at, spare, begin;

    if (EFI_ERROR(allocate(LEFT_FREE, BELOW_4G, &spare)))
        return 0;
    BS->FreePages(spare, LEFT_FREE / EFI_PAGE);
    if (before && !EFI_ERROR(allocate(WORLD_SIZE, before - 1, &at))) {
        if (!(at & (LARGE - 1)))
            return (uint32_t)at;
        BS->FreePages(at, WORLD_SIZE / EFI_PAGE);
    }
    if (EFI_ERROR(allocate(WORLD_SIZE + LARGE, BELOW_4G, &at)))
        return 0;
    begin = (at + LARGE - 1) & ~(LARGE - 1);
    if (begin > at)
        BS->FreePages(at, (begin - at) / EFI_PAGE);
    if (begin < at + LARGE)
        BS->FreePages(begin + WORLD_SIZE, (at + LARGE - begin) / EFI_PAGE);
    return (uint32_t)begin;
}

static uint64_t private_size(const struct core_header *h)
{
    return h->private_end - h->private_offset;
}

unsigned worlds_load(const struct core *c, struct handoff *h, unsigned wanted)
{
    const struct core_header *head = c->header;

    if (private_size(head) + SPACE_POOL_OTHER * EFI_PAGE + SLICE_MIN >
        WORLD_SIZE)
        return 0;
    for (h->worlds = 0; h->worlds < wanted; h->worlds++) {
        uint32_t at = take(h->worlds ? h->world[h->worlds] : 0);

        if (!at)
            break;
        h->world[h->worlds + 1] = at;
        memcpy((void *)(uint64_t)at, (void *)(c->base + head->private_offset),
               private_size(head));
    }
    return h->worlds;
}

const char *worlds_build(const struct core *c, const struct handoff *h, bool nx)
{
    const struct core_header *head = c->header;
    uint64_t used = private_size(head) + SPACE_POOL_OTHER * EFI_PAGE;
    const char *trouble = NULL;

    for (unsigned n = 1; n <= h->worlds && !trouble; n++) {
        uint64_t at = h->world[n];
        struct handoff *w = (struct handoff *)(at + head->handoff_offset -
                                               head->private_offset);
        struct journal slice;

        memcpy(w, h, sizeof(*w));
        w->cpu = n;
        w->tables = at + private_size(head);
        w->tables_size = SPACE_POOL_OTHER * EFI_PAGE;
        w->journal = at + used;
        w->journal_size = (uint32_t)(WORLD_SIZE - used);
        w->journal_sent = 0;
        w->runtime = 0;
        w->two_boots = w->goes_on = false;
        w->serial = 0;
        w->resume_after = 0;
        w->screen = (struct framebuffer){0};
        w->options.stream = w->options.list_checks = false;
        w->options.inject = false;
        journal_create(&slice, (void *)w->journal, w->journal_size, w->nonce);
        trouble = space_build_other(w, head, c->base, at, nx);
    }
    return trouble;
}

void worlds_unload(struct handoff *h)
{
    for (; h->worlds; h->worlds--)
        BS->FreePages(h->world[h->worlds], WORLD_SIZE / EFI_PAGE);
}
