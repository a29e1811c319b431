/* SPDX-License-Identifier: MIT */
/*
 * What machine this is, asked while the firmware can still be asked.
 */
#ifndef RINGSIDE_MACHINE_H
#define RINGSIDE_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff.h"
#include "madt.h"
#include "record.h"

/*
 * Fills *m except for the options and the reason for live mode, and the parts
 * of *h that come from the machine: TSC rate, control registers, APIC, paging
 * levels, serial port, screen.  Takes about 40 ms.
 */
void machine_ask(struct record_machine *m, struct handoff *h);

/* The processors of the firmware's MADT, one by one; *h gets the I/O APIC.
 * False: the MADT ends within an entry. */
bool acpi_ask(struct handoff *h, madt_processor *processor, void *context);

/* TSC cycles per second; 0 if the firmware cannot wait. */
uint64_t tsc_rate(void);

/* The screen: a kind for the record, the framebuffer for the core. */
enum screen_kind gop_ask(struct record_machine *m, struct framebuffer *f);

#endif
