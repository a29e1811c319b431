/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_SWITCH_H
#define RINGSIDE_SWITCH_H

#include <stdint.h>

/*
 * Leaves the firmware's address space for good: interrupts off, CET off,
 * EFER.NXE on (if nx), CR3 = cr3, jump to entry.  The code of this function
 * must be mapped where it is in the new space too (cr3_rt maps the image).
 */
_Noreturn void core_switch(uint64_t cr3, uint64_t entry, uint64_t nx)
    __attribute__((sysv_abi));

#endif
