/* SPDX-License-Identifier: MIT */
/*
 * A case leaves the machine as it found it: what that means, and who looks.
 */
#ifndef RINGSIDE_MACHINE_STATE_H
#define RINGSIDE_MACHINE_STATE_H

/* Remembers tables, control registers, MSRs and the APIC as they are. */
void machine_remember(void);

/* Compares with what was remembered, and puts back what is not the same.
 * Returns NULL, or the name of the first thing that was not. */
const char *machine_restore(void);

#endif
