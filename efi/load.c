/* SPDX-License-Identifier: MIT */
/*
 * Loading the core: it is carried in this file as one block whose head says
 * how much memory it wants.  Everything is below 4 GiB, where a processor
 * that has just been started can reach it.  Called by boota.c.
 */
#include "load.h"

#include <efilib.h>

#include "fmt.h"
#include "memmap.h"
#include "space.h"

#define BELOW_4G 0xffffffffull

/* From the Makefile's embed.o. */
extern const uint8_t core_image[] __attribute__((visibility("hidden")));
extern const uint8_t core_image_end[] __attribute__((visibility("hidden")));

static UINTN pages(uint64_t size)
{
    return (size + EFI_PAGE - 1) / EFI_PAGE;
}

static EFI_STATUS allocate(uint64_t *base, uint64_t size)
{
    EFI_PHYSICAL_ADDRESS at = BELOW_4G;
    EFI_STATUS s = BS->AllocatePages(AllocateMaxAddress, EfiLoaderData,
                                     pages(size), &at);

    *base = EFI_ERROR(s) ? 0 : at;
    return s;
}

static bool header_good(const struct core_header *h)
{
    return h->magic == CORE_MAGIC && h->file_size <= h->memory_size &&
           h->file_size <= (uint64_t)(core_image_end - core_image) &&
           h->handoff_offset <= h->memory_size - sizeof(struct handoff);
}

const char *core_load(struct core *c, struct boot *b)
{
    static char why[160];
    const struct core_header *h = (const struct core_header *)core_image;
    uint64_t pool = SPACE_POOL_PAGES * EFI_PAGE;

    c->header = h;
    c->base = 0;
    b->handoff.tables_size = pool;
    if (!header_good(h))
        return "this file is damaged: the core in it has no good header";
    if (EFI_ERROR(allocate(&c->base, h->memory_size)) ||
        EFI_ERROR(allocate(&b->handoff.tables, pool))) {
        core_unload(c, b);
        fmt(why, sizeof(why), "not enough memory: %llu KiB in one piece and "
            "%llu KiB more are needed below 4 GiB; the firmware has %llu KiB "
            "free", (unsigned long long)h->memory_size >> 10,
            (unsigned long long)pool >> 10,
            (unsigned long long)b->machine.memory_bytes >> 10);
        return why;
    }
    CopyMem((void *)c->base, core_image, h->file_size);
    SetMem((void *)(c->base + h->file_size), h->memory_size - h->file_size, 0);
    return NULL;
}

void core_unload(struct core *c, struct boot *b)
{
    if (c->base)
        BS->FreePages(c->base, pages(c->header->memory_size));
    if (b->handoff.tables)
        BS->FreePages(b->handoff.tables, pages(b->handoff.tables_size));
    c->base = 0;
    b->handoff.tables = 0;
}

void core_hand_over(const struct core *c, const struct handoff *h)
{
    CopyMem((void *)(c->base + c->header->handoff_offset), h, sizeof(*h));
}
