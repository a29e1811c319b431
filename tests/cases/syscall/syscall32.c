/* SPDX-License-Identifier: MIT */
/*
 * SYSCALL from compatibility mode: a way in on one vendor's processors, an
 * undefined instruction on the other's.
 *
 * Intel's raise #UD wherever CS.L is clear, and CSTAR is never used.  AMD's
 * enter 64-bit ring 0 at CSTAR, all else as for LSTAR: RCX and R11 hold RIP
 * and RFLAGS, FMASK clears flags, and the stack is the program's.  So a kernel
 * that takes 32-bit programs has an entry at CSTAR that half of the machines
 * never reach, and its programs ask it how to call (Linux's vDSO has SYSCALL
 * there on AMD's, SYSENTER on Intel's).
 *
 * Good is either, where it belongs.  Bad is a hypervisor or an emulator that
 * has one vendor's name and the other's behaviour, which CPUID's SYSCALL bit
 * cannot tell: a program that trusts the name dies of #UD, or falls through
 * an entry that its kernel had left empty.
 */
#include "engine/persona.h"
#include "judge/stimulus.h"
#include "vectors.h"

COMPAT(syscall32_code, "", "syscall", "");

static void by_vendor(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s;
    want_vector(w, amd ? VEC_SYSCALL32 : VEC_ud);
}

void case_syscall32(void)
{
    struct stimulus s = {
        .id = "syscall32.compat",
        .path = "syscall32",
        .from = FROM_COMPAT,
        CODE(syscall32_code),
        .vector = persona.amd ? VEC_SYSCALL32 : VEC_ud,
        .by_vendor = true,
        .expect = by_vendor,
        .saved = SAVED_AT,
        .facts = "SC5",
        .why =
            "SYSCALL outside 64-bit mode is #UD on Intel and enters at CSTAR "
            "on AMD; SDM vol 2 SYSCALL, APM vol 3 SYSCALL",
    };

    stimulus_run(&s);
}
