/* SPDX-License-Identifier: MIT */
/*
 * The machine that specimen_own's author has written its stubs for, where that
 * is not the harness's: gates, IST stacks, selectors, MSRs, page tables.
 */
#ifndef RINGSIDE_AUTHOR_H
#define RINGSIDE_AUTHOR_H

#include "idt.h"
#include "specimen.h"
#include "syscall.h"

/* author_slots.c: the slots of the TSS for the author's IST numbers, 1 to 7; 0:
 * none has that number, or no slot is left for it. */
#define IST_NUMBERS 8
void author_slots(const struct specimen_stub *stubs, unsigned count,
                  uint8_t slot[IST_NUMBERS]);

/* NULL; or what of it cannot be had here, in a sentence. */
const char *author_unfit(const struct specimen *s);

/*
 * Of any specimen.  The slot in the TSS whose stack a vector's gate names, or
 * 0; and that gate, to the specimen's stub for it, or to the capture stub.
 */
unsigned author_ist(const struct specimen *s, unsigned vector);
struct gate author_gate(const struct specimen *s, unsigned vector);

/* Are all of its gates and stacks the harness's, but for the stubs? */
bool author_plain(const struct specimen *s);

/* What does not do for specimen_install() with the harness's machine: GDT,
 * TSS, IDT and page tables; and back again. */
void author_install(const struct specimen *s);
void author_remove(void);
struct call_msrs author_msrs(const struct specimen *s);

/* Its memory, where that is the machine's to fill: TSS, and CR3's values. */
void author_fill(const struct specimen *s);

/* CR3 in ring 0, or in ring 3, of what is installed. */
uint64_t author_cr3(bool ring3);

#endif
