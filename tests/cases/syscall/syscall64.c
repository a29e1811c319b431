/* SPDX-License-Identifier: MIT */
/*
 * SYSCALL from 64-bit code.
 *
 * The processor does almost nothing: RIP goes to RCX, RFLAGS to R11, FMASK's
 * bits are cleared, CS and SS come from STAR.  No stack is switched, no
 * memory is touched, GS stays the user's.  So the first instruction of the
 * kernel's stub has to be SWAPGS, and up to there an NMI, #MC or #DB finds a
 * frame that says "kernel" with the user's GS base live (see window.c).
 *
 * Good: RCX, R11 and the flags as said; the stub has swapped once; back in
 * ring 3, by SYSRETQ as by IRETQ, only RCX and R11 have changed.
 */
#include "judge/stimulus.h"
#include "vectors.h"

RING3(syscall64_code, "", "syscall", "");

static const struct stimulus sysretq = {
    .id = "syscall64.sysretq",
    .path = "syscall64",
    .from = FROM_RING3,
    CODE(syscall64_code),
    .vector = VEC_SYSCALL64,
    .leave_by = LEAVE_AS_ENTERED,
    .facts = "SC1 SC6 SC8",
    .why =
        "SYSCALL saves RIP in RCX and RFLAGS in R11 and clears FMASK's bits; "
        "SDM vol 2 SYSCALL",
};

void case_syscall64(void)
{
    struct stimulus iretq = sysretq;

    iretq.id = "syscall64.iretq";
    iretq.leave_by = LEAVE_BY_IRETQ;
    stimulus_run(&sysretq);
    stimulus_run(&iretq);
}
