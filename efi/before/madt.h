/* SPDX-License-Identifier: MIT */
/* The MADT (ACPI 6.5, 5.2.12), walked; plain C over memory. */
#ifndef RINGSIDE_MADT_H
#define RINGSIDE_MADT_H

#include <stdbool.h>
#include <stdint.h>

#define RTC_IRQ 8

struct madt {
    uint32_t line, flags; /* of the RTC, among all I/O APICs' */
    uint32_t first;       /* line of the I/O APIC at .. */
    uint64_t ioapic;      /* .. this address; 0: none */
    bool cut;             /* it ends within an entry */
};

/* Gets a processor's id, in the table's order; one that could only be brought
 * online later is not enabled. */
typedef void madt_processor(void *context, uint32_t id, bool enabled);

/*
 * Reads a table of so many bytes, whose header has been believed: entries with
 * an impossible length end it, and one without an id is none.
 */
void madt_read(struct madt *m, const uint8_t *table, uint32_t bytes,
               madt_processor *processor, void *context);

#endif
