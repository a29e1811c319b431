/* SPDX-License-Identifier: MIT */
/*
 * The memory map.  Called by machine.c (how much there is), bootb.c (may the
 * journal's address be read at all) and exit.c (the key, and what the runtime
 * services need).
 */
#include "memmap.h"

#include "firmware.h"

#define SPARE_DESCRIPTORS 64 /* our own allocations split regions */

EFI_STATUS memmap_open(struct memmap *m)
{
    EFI_STATUS s;

    *m = (struct memmap){.buffer = NULL};
    s = BS->GetMemoryMap(&m->size, NULL, &m->key, &m->step, &m->version);
    if (s != EFI_BUFFER_TOO_SMALL)
        return EFI_ERROR(s) ? s : EFI_DEVICE_ERROR;
    if (m->step < sizeof(EFI_MEMORY_DESCRIPTOR) || m->step > EFI_PAGE)
        return EFI_INCOMPATIBLE_VERSION;
    m->capacity = m->size + SPARE_DESCRIPTORS * m->step;
    s = BS->AllocatePool(EfiLoaderData, m->capacity, (void **)&m->buffer);
    if (EFI_ERROR(s)) {
        m->buffer = NULL;
        return s;
    }
    return memmap_read(m);
}

EFI_STATUS memmap_read(struct memmap *m)
{
    EFI_STATUS s;

    m->size = m->capacity;
    s = BS->GetMemoryMap(&m->size, (EFI_MEMORY_DESCRIPTOR *)m->buffer, &m->key,
                         &m->step, &m->version);
    if (EFI_ERROR(s))
        m->size = 0;
    return s;
}

void memmap_close(struct memmap *m)
{
    if (m->buffer)
        BS->FreePool(m->buffer);
    m->buffer = NULL;
    m->size = 0;
}

const EFI_MEMORY_DESCRIPTOR *memmap_at(const struct memmap *m, unsigned i)
{
    if ((i + 1ull) * m->step > m->size)
        return NULL;
    return (const EFI_MEMORY_DESCRIPTOR *)(m->buffer + i * m->step);
}

uint64_t memmap_free_bytes(const struct memmap *m)
{
    const EFI_MEMORY_DESCRIPTOR *d;
    uint64_t pages = 0;

    for (unsigned i = 0; (d = memmap_at(m, i)); i++)
        if (d->Type == EfiConventionalMemory)
            pages += d->NumberOfPages;
    return pages * EFI_PAGE;
}

static bool is_ram(UINT32 type)
{
    switch (type) {
    case EfiLoaderCode:
    case EfiLoaderData:
    case EfiBootServicesCode:
    case EfiBootServicesData:
    case EfiRuntimeServicesCode:
    case EfiRuntimeServicesData:
    case EfiConventionalMemory:
    case EfiACPIReclaimMemory:
    case EfiACPIMemoryNVS:
        return true;
    }
    return false;
}

/* The map need not be sorted, so each step looks for what covers base. */
bool memmap_is_ram(const struct memmap *m, uint64_t base, uint64_t size)
{
    const EFI_MEMORY_DESCRIPTOR *d;

    while (size > 0) {
        uint64_t covered = 0;

        for (unsigned i = 0; (d = memmap_at(m, i)); i++) {
            uint64_t length = d->NumberOfPages * EFI_PAGE;

            if (is_ram(d->Type) && base >= d->PhysicalStart &&
                base - d->PhysicalStart < length)
                covered = length - (base - d->PhysicalStart);
        }
        if (covered == 0)
            return false;
        if (covered >= size)
            return true;
        base += covered;
        size -= covered;
    }
    return true;
}
