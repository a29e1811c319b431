/* SPDX-License-Identifier: MIT */
/* The IDT: 256 gates, each of which a case may change and must restore. */
#ifndef RINGSIDE_IDT_H
#define RINGSIDE_IDT_H

#include <stdint.h>

struct gate {
    uint64_t low, high;
};

#define GATE_INTERRUPT 0xe        /* clears IF */
#define GATE_TRAP 0xf             /* leaves IF */
#define GATE_PRESENT (1ull << 47) /* in the low half */

/* A present 64-bit gate to the kernel's CS, as gdt.h has it; ist 0 to 7, dpl 0
 * to 3. SDM vol 3, "64-Bit Mode IDT". */
struct gate gate_make(const void *entry, unsigned type, unsigned ist,
                      unsigned dpl);

extern struct gate idt[256];

/* All gates to the given stubs, with vectors.def's IST slots; #BP, #OF and
 * INT 0x80 may be called from ring 3, and so may the harness's own gate,
 * which always leads to the capture stubs. */
void idt_point(const void *const stubs[256]);
/* The array has been filled anew since it was last pointed to. */
void idt_forget(const void *const stubs[256]);

void idt_init(void); /* idt_point(capture_stubs), and LIDT */

/* LIDT with another limit (sizeof(idt) - 1 is the usual one). */
void idt_load(uint16_t limit);

extern const void *const capture_stubs[256];

#endif
