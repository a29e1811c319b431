/* SPDX-License-Identifier: MIT */
/*
 * The journal's memory.  Called by boota.c, which chooses the place, and by
 * bootb.c, which finds it again.
 */
#include "journal_place.h"

#include <efi.h>

#include "firmware.h"
#include "macros.h"
#include "memmap.h"
#include "record/journal.h"

/* Addresses that survived every reset that was tried, best first. */
static const uint64_t usual[] = {
    64ull << 20, 128ull << 20, 32ull << 20, 48ull << 20, 96ull << 20,
};

static UINTN pages(uint32_t size)
{
    return (size + EFI_PAGE - 1) / EFI_PAGE;
}

static EFI_STATUS take(uint64_t base, uint32_t size, EFI_MEMORY_TYPE type)
{
    EFI_PHYSICAL_ADDRESS at = base;

    return BS->AllocatePages(AllocateAddress, type, pages(size), &at);
}

uint64_t journal_place(uint32_t size)
{
    EFI_PHYSICAL_ADDRESS at = 0;

    for (unsigned i = 0; i < COUNT(usual); i++)
        if (!EFI_ERROR(take(usual[i], size, EfiReservedMemoryType)) ||
            !EFI_ERROR(take(usual[i], size, EfiLoaderData)))
            return usual[i];
    if (EFI_ERROR(BS->AllocatePages(AllocateAnyPages, EfiReservedMemoryType,
                                    pages(size), &at)))
        return 0;
    return at;
}

void journal_release(uint64_t base, uint32_t size)
{
    BS->FreePages(base, pages(size));
}

uint64_t journal_hold(uint64_t base, uint32_t size)
{
    return take(base, size, EfiLoaderData);
}

uint64_t journal_usual(unsigned i)
{
    return i < COUNT(usual) ? usual[i] : 0;
}

void journal_forget(uint64_t base)
{
    uint64_t *magic = (uint64_t *)base;

    *magic = 0;
    journal_flush(magic, sizeof(*magic));
}

int journal_place_is_usual(uint64_t base)
{
    for (unsigned i = 0; i < COUNT(usual); i++)
        if (usual[i] == base)
            return 1;
    return 0;
}

void journal_places_take(uint32_t size)
{
    for (unsigned i = 0; i < COUNT(usual); i++)
        take(usual[i], size, EfiLoaderData);
}
