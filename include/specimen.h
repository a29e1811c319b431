/* SPDX-License-Identifier: MIT */
/* A complete set of entry and exit stubs, as the C side knows it. */
#ifndef RINGSIDE_SPECIMEN_H
#define RINGSIDE_SPECIMEN_H

#include "record.h"

struct specimen {
    const char *name;
    const void *const *gates; /* 256 */
    const void *syscall64, *syscall32, *sysenter;
    const void *sysretq;      /* the SYSRETQ itself: last instruction */
    enum gs_rule call, paranoid; /* gates without IST are by-cs in all */
};

extern const struct specimen specimen_linux;
/* Wrong on purpose, for --self-test. */
extern const struct specimen specimen_twice, specimen_never,
    specimen_bycs;

/* Points the IDT and the MSRs to its stubs, or back to the capture stubs. */
void specimen_install(const struct specimen *s);
void specimen_remove(void);

/* The rule of its stub for a vector or MSR entry. */
enum gs_rule specimen_rule(const struct specimen *s, unsigned vector);

#endif
