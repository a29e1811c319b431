/* SPDX-License-Identifier: MIT */
/*
 * The I/O APIC that the RTC's line leads to: where LINT0 is not wired to the
 * 8259s, or knows no NMI, an entry of its redirection table can send one.
 * 82093AA; the line and the polarity are the MADT's.
 */
#ifndef RINGSIDE_IOAPIC_H
#define RINGSIDE_IOAPIC_H

#include <stdbool.h>

/* Is there one, with that line?  Its entry is saved then. */
bool ioapic_answers(void);

/* The RTC's interrupt is an NMI of this processor; or masked. */
void ioapic_send_nmi(void);
void ioapic_mask(void);

/* The entry as ioapic_answers() found it, if it did. */
void ioapic_restore(void);

#endif
