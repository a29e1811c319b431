/* SPDX-License-Identifier: MIT */
/*
 * Loading the core: it is carried in this file as one block whose head says
 * how much memory it wants.  Everything is below 4 GiB, where a processor
 * that has just been started can reach it.  Called by boota.c.
 */
#include "load.h"

#include <efi.h>

#include "firmware.h"
#include "inflate.h"
#include "mem.h"
#include "memmap.h"
#include "record/journal.h"
#include "space.h"

#define BELOW_4G 0xffffffffull
#define CORE_HEAD 512 /* the Makefile has it, too */

/* From the Makefile's embed.o: the image's head as it is, and all of it
 * deflated; and what crc32() says of both as they were packed. */
extern const uint8_t core_head[] __attribute__((visibility("hidden")));
extern const uint8_t core_image[] __attribute__((visibility("hidden")));
extern const uint8_t core_image_end[] __attribute__((visibility("hidden")));
extern const uint32_t core_head_crc __attribute__((visibility("hidden")));
extern const uint32_t core_crc __attribute__((visibility("hidden")));

static UINTN pages(uint64_t size)
{
    return (size + EFI_PAGE - 1) / EFI_PAGE;
}

static EFI_STATUS allocate(uint64_t *base, uint64_t size)
{
    EFI_PHYSICAL_ADDRESS at = BELOW_4G;
    EFI_STATUS s =
        BS->AllocatePages(AllocateMaxAddress, EfiLoaderData, pages(size), &at);

    *base = EFI_ERROR(s) ? 0 : at;
    return s;
}

uint32_t core_build(void)
{
    return core_crc;
}

bool core_find(struct core *c)
{
    const struct core_header *h = (const struct core_header *)core_head;

    c->header = h;
    c->base = 0;
    return crc32(0, core_head, CORE_HEAD) == core_head_crc &&
           h->magic == CORE_MAGIC && h->file_size <= h->memory_size &&
           h->memory_size >= sizeof(struct handoff) &&
           h->handoff_offset <= h->memory_size - sizeof(struct handoff);
}

enum core_load core_load(struct core *c, struct handoff *handoff)
{
    const struct core_header *h = c->header;

    handoff->tables_size = SPACE_POOL_PAGES * EFI_PAGE;
    if (EFI_ERROR(allocate(&c->base, h->memory_size)) ||
        EFI_ERROR(allocate(&handoff->tables, handoff->tables_size))) {
        core_unload(c, handoff);
        return CORE_NO_MEMORY;
    }
    if (!inflate_whole((uint8_t *)c->base, h->file_size, core_image,
                       (uint32_t)(core_image_end - core_image), core_crc)) {
        core_unload(c, handoff);
        return CORE_DAMAGED;
    }
    memset((void *)(c->base + h->file_size), 0, h->memory_size - h->file_size);
    return CORE_LOADED;
}

void core_unload(struct core *c, struct handoff *h)
{
    if (c->base)
        BS->FreePages(c->base, pages(c->header->memory_size));
    if (h->tables)
        BS->FreePages(h->tables, pages(h->tables_size));
    c->base = 0;
    h->tables = 0;
}

void core_hand_over(const struct core *c, const struct handoff *h)
{
    memcpy((void *)(c->base + c->header->handoff_offset), h, sizeof(*h));
}
