/* SPDX-License-Identifier: MIT */
/*
 * The page that processors start in; see low.h.  Where the firmware has none
 * to give, one that its boot services use serves as well: nothing is written
 * there before they are gone.  Page 0 is the real mode's own.
 */
#include "low.h"

#include <efi.h>

#include "firmware.h"
#include "memmap.h"

#define LOW_END 0xa0000ull

static bool ours;

/* The last page of that memory below the end; 0: none, or it is page 0. */
static uint64_t last_page(const EFI_MEMORY_DESCRIPTOR *d)
{
    uint64_t end = d->PhysicalStart + d->NumberOfPages * EFI_PAGE;

    if (d->PhysicalStart >= LOW_END || end <= d->PhysicalStart)
        return 0;
    return (end < LOW_END ? end : LOW_END) - EFI_PAGE;
}

static bool is_boot_services(const EFI_MEMORY_DESCRIPTOR *d)
{
    return d->Type == EfiBootServicesCode || d->Type == EfiBootServicesData;
}

/* The highest page for which the map says that; 0: none is. */
static uint64_t highest(const struct memmap *m,
                        bool (*wanted)(const EFI_MEMORY_DESCRIPTOR *d))
{
    const EFI_MEMORY_DESCRIPTOR *d;
    uint64_t found = 0;

    for (unsigned i = 0; (d = memmap_at(m, i)); i++)
        if (wanted(d) && last_page(d) > found)
            found = last_page(d);
    return found;
}

static bool is_free(const EFI_MEMORY_DESCRIPTOR *d)
{
    return d->Type == EfiConventionalMemory;
}

/* Where the map has what the firmware did not think of. */
static uint64_t from_map(void)
{
    struct memmap map;
    EFI_PHYSICAL_ADDRESS at = 0;

    if (!EFI_ERROR(memmap_open(&map))) {
        at = highest(&map, is_free);
        ours = at && !EFI_ERROR(BS->AllocatePages(AllocateAddress,
                                                  EfiLoaderData, 1, &at));
        if (!ours)
            at = highest(&map, is_boot_services);
    }
    memmap_close(&map);
    return at;
}

uint32_t low_page(bool *given)
{
    EFI_PHYSICAL_ADDRESS at = LOW_END - 1;

    ours = !EFI_ERROR(
        BS->AllocatePages(AllocateMaxAddress, EfiLoaderData, 1, &at));
    if (ours && !at) {
        BS->FreePages(at, 1);
        ours = false;
    }
    if (!ours)
        at = from_map();
    *given = ours;
    return (uint32_t)at;
}

void low_release(uint32_t page)
{
    if (ours && page)
        BS->FreePages(page, 1);
    ours = false;
}
