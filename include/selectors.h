/* SPDX-License-Identifier: MIT */
/*
 * The GDT's layout: one that SYSCALL, SYSRET, SYSENTER and SYSEXIT can all
 * share, each of which derives its selectors from one MSR by adding 8, 16,
 * 24, 32 or 40.
 */
#ifndef RINGSIDE_SELECTORS_H
#define RINGSIDE_SELECTORS_H

#define SEL_KERNEL_CS 0x08      /* STAR[47:32], SYSENTER_CS */
#define SEL_KERNEL_SS 0x10      /* +8 */
#define SEL_USER_CS32 0x1b      /* STAR[63:48]; SYSEXIT: +16 */
#define SEL_USER_SS 0x23        /* SYSRET: +8; SYSEXIT: +24 */
#define SEL_USER_CS64 0x2b      /* SYSRETQ: +16; SYSEXITQ: +32 */
#define SEL_SYSEXIT_SS 0x33     /* SYSEXITQ: +40, its own copy of the user SS */
#define SEL_TSS 0x38            /* 16 bytes */
#define SEL_NOT_PRESENT 0x4b    /* P=0 data, DPL 3: provokes #NP and #SS */
#define SEL_NOT_PRESENT_R0 0x50 /* P=0 data, DPL 0 */
#define SEL_SPARE 0x60          /* from here up: a case's own, while it runs */
#define GDT_SLOTS 32

#endif
