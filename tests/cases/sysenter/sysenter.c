/* SPDX-License-Identifier: MIT */
/*
 * SYSENTER in long mode: works on Intel, from 64-bit as from compat code, and
 * is #UD on AMD in either (legacy mode only).  It saves nothing and clears
 * only IF: where to return to is a convention, here that of SYSEXIT itself,
 * EDX for RIP and ECX for RSP.  RSP comes from an MSR, so the stub has a
 * stack before it has its GS.
 */
#include "engine/persona.h"
#include "judge/stimulus.h"
#include "vectors.h"

RING3(sysenter_code64, "mov %rsp, %rcx\nlea sysenter_code64_resume(%rip), %rdx",
      "sysenter", "");
COMPAT(sysenter_code32, "mov %esp, %ecx\nmov $sysenter_code32_resume, %edx",
       "sysenter", "");

static void by_vendor(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s;
    want_vector(w, amd ? VEC_ud : VEC_SYSENTER);
}

static struct stimulus make(const char *id, const char *path, enum origin from,
                            leave how)
{
    return (struct stimulus){
        .id = id,
        .path = path,
        .from = from,
        .vector = persona.amd ? VEC_ud : VEC_SYSENTER,
        .by_vendor = from != FROM_COMPAT || !persona.sysenter32,
        .expect = by_vendor,
        .saved = SAVED_AT,
        .clobbers = REG_RCX | REG_RDX,
        .leave_by = how,
        .facts = "SE1 SE2",
        .why =
            "SYSENTER enters 64-bit ring 0 from its MSRs on Intel and is #UD "
            "in long mode on AMD; SDM vol 2 SYSENTER, APM vol 3 SYSENTER",
    };
}

void case_sysenter(void)
{
    struct stimulus s32 =
        make("sysenter32.compat", "sysenter32", FROM_COMPAT, LEAVE_AS_ENTERED);
    struct stimulus s64 =
        make("sysenter64.ring3", "sysenter64", FROM_RING3, LEAVE_64);

    s32.start = sysenter_code32;
    s32.at = sysenter_code32_at;
    s32.resume = sysenter_code32_resume;
    s64.start = sysenter_code64;
    s64.at = sysenter_code64_at;
    s64.resume = sysenter_code64_resume;
    stimulus_run(&s32);
    stimulus_run(&s64);
}
