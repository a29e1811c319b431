/* SPDX-License-Identifier: MIT */
/*
 * Three deviations that would show in nearly every entry, each asked about
 * once, before all else: a machine that has one is told so here, and the
 * other checks leave those bits out.
 *
 * RF: a fault saves RF set, so that an instruction breakpoint on the faulting
 * instruction does not fire again on the way back.  Traps save it clear.
 *
 * SYSCALL: the handler's RFLAGS are the caller's but for FMASK's bits; the
 * arithmetic flags are among them, and so is DF where FMASK leaves it: an
 * emulator that keeps those apart from the others loses them here.
 */
#include "case.h"
#include "fastcall.h"
#include "msr.h"
#include "vectors.h"

RING3(flags_fault, "", "ud2", "");
RING3(flags_syscall, "", "syscall", "");

static void df_left(struct trapframe *c)
{
    c->rflags |= FLAG_DF;
    lend_msr(MSR_FMASK, FLAG_IF);
}

static const struct stimulus stimuli[] = {
    {
        .id = "fault.rf-image",
        .from = FROM_RING3,
        CODE(flags_fault),
        .vector = VEC_ud,
        .saved = SAVED_AT,
        .tells = TELLS_FAULT_RF,
        .facts = "IV18 A18 C21",
        .why = "every fault saves RF set; other checks leave it out once told "
               "here; SDM vol 3, Instruction-Breakpoint Exception Condition",
    },
    {
        .id = "syscall64.arithmetic-flags",
        .from = FROM_RING3,
        CODE(flags_syscall),
        .vector = VEC_SYSCALL64,
        .tells = TELLS_SYSCALL_FLAGS,
        .facts = "2.1 SC1 SC2",
        .why = "SYSCALL clears the flags that FMASK names and no others; other "
               "checks leave these out once told here; SDM vol 2 SYSCALL",
    },
    {
        .id = "syscall64.direction-flag",
        .from = FROM_RING3,
        CODE(flags_syscall),
        .vector = VEC_SYSCALL64,
        .tells = TELLS_SYSCALL_DF,
        .before = df_left,
        .expect = expect_call,
        .facts = "2.1 SC1 SC2",
        .why = "SYSCALL clears the flags that FMASK names and no others; other "
               "checks leave DF out once told here; SDM vol 2 SYSCALL",
    },
};

void case_flags(void)
{
    for (unsigned i = 0; i < sizeof(stimuli) / sizeof(stimuli[0]); i++)
        fastcall_run(&stimuli[i]);
}
