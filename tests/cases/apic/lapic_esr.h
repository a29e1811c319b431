/* SPDX-License-Identifier: MIT */
/* The error status register, for the cases about the local APIC. */
#ifndef RINGSIDE_LAPIC_ESR_H
#define RINGSIDE_LAPIC_ESR_H

#include <stdint.h>

#define ESR_ILLEGAL_VECTOR 0x60u   /* sent, received */
#define ESR_ILLEGAL_REGISTER 0x80u /* of none there is; xAPIC alone */

/* Two writes: what was logged, and what they have shown, is gone. */
void lapic_esr_clear(void);
/* A write, which shows what was logged since the last, and a read. */
uint32_t lapic_esr(void);
/* Logs an access to a reserved register, where that is possible. */
void lapic_esr_reserved(void);

struct diff;
/* For CONFIDENCE_VALUE: what was seen. */
void lapic_value(struct diff *d, const char *name, uint64_t seen);

#endif
