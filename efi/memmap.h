/* SPDX-License-Identifier: MIT */
/*
 * The firmware's memory map, in a buffer that is allocated once so that it
 * can be read again when nothing may be allocated any more.
 */
#ifndef RINGSIDE_MEMMAP_H
#define RINGSIDE_MEMMAP_H

#include <stdbool.h>
#include <stdint.h>

#include <efi.h>

struct memmap {
    uint8_t *buffer;
    UINTN capacity, size; /* bytes */
    UINTN key, step;      /* step: of one descriptor, often not sizeof */
    UINT32 version;
};

#define EFI_PAGE 4096ull

/* Allocates the buffer with room to spare and reads the map. */
EFI_STATUS memmap_open(struct memmap *m);
/* Reads the map again, allocating nothing. */
EFI_STATUS memmap_read(struct memmap *m);
void memmap_close(struct memmap *m);

/* Descriptor i, or NULL past the last. */
const EFI_MEMORY_DESCRIPTOR *memmap_at(const struct memmap *m, unsigned i);

/* Bytes of free memory, as the firmware counts. */
uint64_t memmap_free_bytes(const struct memmap *m);

/* Is [base, base + size) all ordinary memory, free or in use? */
bool memmap_is_ram(const struct memmap *m, uint64_t base, uint64_t size);

#endif
