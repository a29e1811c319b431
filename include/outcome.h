/* SPDX-License-Identifier: MIT */
/*
 * What one entry was.  The capture stubs see all of it.  Of an entry through a
 * specimen's stub only frame, rsp and the GS bases are filled in, as the stub
 * left them, and the last two; all else is 0.
 */
#ifndef RINGSIDE_OUTCOME_H
#define RINGSIDE_OUTCOME_H

#include <stdbool.h>

#include "trapframe.h"

struct outcome {
    struct trapframe frame; /* as interrupted; an MSR entry has no rip and cs */
    bool error_code;        /* was one pushed? by RSP, not by assumption */
    uint64_t rsp, rflags;   /* in the handler, at its first instruction */
    uint16_t cs, ss, ds, es, fs, gs;
    uint64_t gs_base, kernel_gs_base, fs_base, cr2, dr6, dr7;
    bool in_service; /* the APIC's ISR bit of its vector, before the EOI ... */
    bool stuck;      /* ... and after it */
};

#endif
