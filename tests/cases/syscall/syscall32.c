/* SPDX-License-Identifier: MIT */
/*
 * SYSCALL from compatibility mode: AMD's processors enter 64-bit ring 0 at
 * CSTAR; Intel's raise #UD.  An emulator that takes its behaviour from
 * feature bits alone gets one of the two wrong.
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
        .facts = "2.3 SC5",
        .why =
            "SYSCALL outside 64-bit mode is #UD on Intel and enters at CSTAR "
            "on AMD; SDM vol 2 SYSCALL, APM vol 3 SYSCALL",
    };

    stimulus_run(&s);
}
