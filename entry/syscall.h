/* SPDX-License-Identifier: MIT */
/* The MSRs of SYSCALL and SYSENTER. */
#ifndef RINGSIDE_SYSCALL_H
#define RINGSIDE_SYSCALL_H

#include <stdint.h>

#include "msr.h"

/* What SYSCALL clears: TF (or the user single-steps ring 0), IF, DF (C's
 * convention), IOPL, NT (or the kernel's own IRETQ faults), AC. */
#define SYSCALL_FMASK                                                          \
    (FLAG_TF | FLAG_IF | FLAG_DF | FLAG_IOPL | FLAG_NT | FLAG_AC)

/* Points the MSR entries to three stubs.  Returns NULL, or the name of the
 * first MSR that did not read back as written. */
const char *syscall_point(const void *syscall64, const void *syscall32,
                          const void *sysenter);

/* The same, with other values of the MSRs that name no stub. */
struct call_msrs {
    uint64_t star, fmask, sysenter_cs;
};
extern const struct call_msrs syscall_ours;
const char *syscall_point_as(const void *syscall64, const void *syscall32,
                             const void *sysenter, const struct call_msrs *m);

/* The harness's own MSR entries (entry/capture.S). */
extern const char capture_syscall64[], capture_syscall32[], capture_sysenter[];

#endif
