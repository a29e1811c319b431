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

static uint32_t of_boot_services(void)
{
    struct memmap map;
    const EFI_MEMORY_DESCRIPTOR *d;
    uint64_t found = 0;

    if (EFI_ERROR(memmap_open(&map)))
        return 0;
    for (unsigned i = 0; (d = memmap_at(&map, i)); i++) {
        uint64_t end = d->PhysicalStart + d->NumberOfPages * EFI_PAGE;

        if ((d->Type == EfiBootServicesCode ||
             d->Type == EfiBootServicesData) &&
            d->PhysicalStart < LOW_END && end > EFI_PAGE)
            found = (end < LOW_END ? end : LOW_END) - EFI_PAGE;
    }
    memmap_close(&map);
    return (uint32_t)found;
}

uint32_t low_page(void)
{
    EFI_PHYSICAL_ADDRESS at = LOW_END - 1;

    ours = !EFI_ERROR(
        BS->AllocatePages(AllocateMaxAddress, EfiLoaderData, 1, &at));
    if (ours && at)
        return (uint32_t)at;
    if (ours) /* page 0 */
        BS->FreePages(at, 1);
    ours = false;
    return of_boot_services();
}

void low_release(uint32_t page)
{
    if (ours && page)
        BS->FreePages(page, 1);
    ours = false;
}
