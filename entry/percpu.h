/* SPDX-License-Identifier: MIT */
/*
 * What a specimen's stubs find through GS, as a kernel's would.  The kernel
 * GS base points to the processor's own, and no two have the same; user GS
 * bases may point to a decoy of the same shape, so that a wrong decision is
 * survived and leaves a trace.
 */
#ifndef RINGSIDE_PERCPU_H
#define RINGSIDE_PERCPU_H

#define PERCPU_USER_RSP 8
#define PERCPU_KERNEL_RSP 16

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

struct percpu {
    uint64_t self; /* its own address: which one is it? */
    uint64_t user_rsp;
    uint64_t kernel_rsp;
};

_Static_assert(offsetof(struct percpu, user_rsp) == PERCPU_USER_RSP, "");
_Static_assert(offsetof(struct percpu, kernel_rsp) == PERCPU_KERNEL_RSP, "");

extern struct percpu *percpu;      /* the kernel's, of this processor */
extern struct percpu percpu_decoy; /* on a ring-3 page */

#endif
#endif
