/* SPDX-License-Identifier: MIT */
/*
 * What efi/ leaves for the core.  Everything that the core knows of the
 * machine beyond what it reads from the processor itself stands here; all
 * addresses are physical unless they say otherwise.
 */
#ifndef RINGSIDE_HANDOFF_H
#define RINGSIDE_HANDOFF_H

#define HANDOFF_CR3_TEST 8 /* offsets that entry/head.S needs */

#ifndef __ASSEMBLER__
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "processors.h"

#define HANDOFF_MAGIC 0x46464f444e414852ull /* "RHANDOFF" */

struct framebuffer {
    uint64_t base, size;            /* bytes; base 0: no linear framebuffer */
    uint32_t width, height, stride; /* pixels; stride >= width */
    uint32_t red, green, blue;      /* masks in a 32-bit pixel */
};

struct handoff {
    uint64_t magic;
    uint64_t cr3_test; /* the core and ring 3 alone */
    uint64_t cr3_rt;   /* the core and the runtime services, identity-mapped */
    uint64_t tables, tables_size; /* page-table pool, mapped at VA_TABLES */
    uint64_t journal;
    uint32_t journal_size;
    uint32_t journal_sent; /* of it, what an earlier boot has sent; 0: none */
    uint32_t levels;       /* 4 or 5 */
    uint64_t nonce;
    uint64_t tsc_hz, tsc_start; /* start: read just before ExitBootServices */
    uint64_t fw_cr0, fw_cr4, fw_efer;
    uint64_t apic;         /* of the local APIC's registers: IA32_APIC_BASE */
    uint64_t ioapic;       /* of the one with the RTC's line; 0: none */
    uint8_t rtc_pin;       /* its input there ... */
    bool rtc_low;          /* ... which is active low */
    uint64_t runtime;      /* EFI_RUNTIME_SERVICES *, 0 where unusable */
    bool two_boots;        /* state and BootNext are armed: reset at the end */
    bool goes_on;          /* a check that takes the machine down costs itself
                            * alone: the journal outlives it, in memory or
                            * with whoever listens to --stream */
    uint16_t serial;       /* I/O base of a UART that answered, 0 for none */
    uint32_t resume_after; /* number of the check that took the machine down
                            * in an earlier boot of this run; 0: begin */
    struct framebuffer screen;
    struct options options;
    struct processors processors;
    uint32_t cpu;        /* whose hand-over this is: a number, 0 is the first */
    uint32_t trampoline; /* a page below 1 MiB to start others in; 0: none */
    uint32_t worlds;     /* of other processors; they are numbers 1 to that */
    uint32_t world[PROCESSORS_MAX]; /* where they lie; [0] is not used */
};

_Static_assert(offsetof(struct handoff, cr3_test) == HANDOFF_CR3_TEST, "");

extern struct handoff handoff; /* the core's copy, filled in by efi/ */

#endif
#endif
