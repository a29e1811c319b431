/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_RUNTIME_CALL_H
#define RINGSIDE_RUNTIME_CALL_H

#include <stdint.h>

#define RUNTIME_ARGS 5 /* no service that is called takes more */

/*
 * Calls the service whose address stands at `pointer` in the address space
 * cr3, by the Microsoft calling convention, and comes back to the caller's
 * space.  Interrupts are off and the FPU is usable meanwhile; CR0, CR4 and
 * RFLAGS are the caller's again afterwards.
 */
uint64_t runtime_call(uint64_t cr3, uint64_t pointer, const uint64_t args[]);

#endif
