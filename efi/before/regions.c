/* SPDX-License-Identifier: MIT */
/*
 * From the memory map to the list that space_build() maps in cr3_rt.
 * Called by exit.c.
 */
#include "regions.h"

/* Adds a region, or lengthens the last one that it continues. */
static void add(struct identity *r, unsigned *n, uint64_t base, uint64_t size,
                enum identity_kind kind, bool optional)
{
    struct identity *last = *n ? &r[*n - 1] : NULL;

    if (size == 0)
        return;
    if (last && last->kind == kind && last->optional == optional &&
        last->base + last->size == base)
        last->size += size;
    else
        r[(*n)++] = (struct identity){base, size, kind, optional};
}

static enum identity_kind kind_of(UINT32 type)
{
    switch (type) {
    case EfiRuntimeServicesCode:
    case EfiBootServicesCode:
        return IDENTITY_CODE;
    case EfiRuntimeServicesData:
    case EfiBootServicesData:
    case EfiACPIMemoryNVS:
    case EfiACPIReclaimMemory:
    case EfiReservedMemoryType:
        return IDENTITY_DATA;
    default:
        return IDENTITY_MMIO;
    }
}

static bool is_boot_services(const EFI_MEMORY_DESCRIPTOR *d)
{
    return d->Type == EfiBootServicesCode || d->Type == EfiBootServicesData;
}

unsigned regions_collect(struct identity *r, const struct memmap *m,
                         uint64_t image, uint64_t image_size)
{
    const EFI_MEMORY_DESCRIPTOR *d;
    uint64_t end = (image + image_size + EFI_PAGE - 1) & ~(EFI_PAGE - 1);
    unsigned n = 0;

    image &= ~(EFI_PAGE - 1);
    add(r, &n, image, end - image, IDENTITY_CODE, false);
    for (unsigned i = 0; (d = memmap_at(m, i)); i++)
        if (d->Attribute & EFI_MEMORY_RUNTIME)
            add(r, &n, d->PhysicalStart, d->NumberOfPages * EFI_PAGE,
                kind_of(d->Type), false);
    for (unsigned i = 0; (d = memmap_at(m, i)); i++)
        if (!(d->Attribute & EFI_MEMORY_RUNTIME) && is_boot_services(d))
            add(r, &n, d->PhysicalStart, d->NumberOfPages * EFI_PAGE,
                kind_of(d->Type), true);
    return n;
}
