/* SPDX-License-Identifier: MIT */
/*
 * Who may execute SYSCALL and SYSRET, and when.
 *
 * With EFER.SCE clear both are #UD, wherever; that is tested before the
 * privilege level.  With it set SYSRET is #GP(0) outside ring 0, but in compat
 * code Intel's processors do not know it at all: #UD, where AMD's test the
 * privilege level alone.
 *
 * A kernel that relies on SYSCALL being #UD before it has set the MSRs up, or
 * a sandbox that counts on SYSRET faulting, is what breaks.
 */
#include "insn.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

RING3(who_syscall3, "", "syscall", "");
RING0(who_syscall0, "", "syscall", "");
COMPAT(who_syscall32, "", "syscall", "");
RING3(who_sysretq3, "", "sysretq", "");
RING0(who_sysretq0, "", "sysretq", "");
RING3(who_sysretl3, "", "sysretl", "");
RING0(who_sysretl0, "", "sysretl", "");
COMPAT(who_sysretl32, "", "sysretl", "");

/* Where it is not refused it has a place to go to. */
static void refused(struct trapframe *c)
{
    c->rcx = (uint64_t)landing(stimulus_now()->start != who_sysretl0);
    c->r11 = c->rflags;
}

static void disabled(struct trapframe *c)
{
    refused(c);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) & ~(uint64_t)EFER_SCE);
}

static void compat_sysret(const struct stimulus *s, struct want *w, bool amd)
{
    struct stimulus t = *s;

    t.vector = amd ? VEC_gp : VEC_ud;
    t.error_code = amd;
    want_as(w, &t);
}

static const char sce[] =
    "EFER.SCE=0: SYSCALL and SYSRET are #UD, before any test of the privilege "
    "level; SDM vol 2 SYSCALL, SYSRET; APM vol 3";
static const char cpl[] =
    "SYSRET outside ring 0 is #GP(0) at the instruction; SDM vol 2 SYSRET, APM "
    "vol 3 SYSRET";

#define ROW(name, origin, code, what, number, hook, fact, rule)                \
    {                                                                          \
        .id = name "." what, .from = origin, CODE(code), .vector = number,     \
        .error_code = number == VEC_gp, .saved = SAVED_AT, .before = hook,     \
        .facts = fact, .why = rule,                                            \
    }
#define OFF(name, origin, code)                                                \
    ROW(name, origin, code, "sce-off", VEC_ud, disabled, "SC3", sce)
#define RING(name, origin, code)                                               \
    ROW(name, origin, code, "cpl3", VEC_gp, refused, "SC4", cpl)

static const struct stimulus stimuli[] = {
    OFF("syscall64.ring3", FROM_RING3, who_syscall3),
    OFF("syscall64.ring0", FROM_RING0, who_syscall0),
    OFF("syscall32.compat", FROM_COMPAT, who_syscall32),
    OFF("sysretq.ring3", FROM_RING3, who_sysretq3),
    OFF("sysretq.ring0", FROM_RING0, who_sysretq0),
    OFF("sysretl.ring3", FROM_RING3, who_sysretl3),
    OFF("sysretl.ring0", FROM_RING0, who_sysretl0),
    OFF("sysretl.compat", FROM_COMPAT, who_sysretl32),
    RING("sysretq.ring3", FROM_RING3, who_sysretq3),
    RING("sysretl.ring3", FROM_RING3, who_sysretl3),
    {
        .id = "sysretl.compat.cpl3",
        .from = FROM_COMPAT,
        CODE(who_sysretl32),
        .vector = VEC_ud,
        .saved = SAVED_AT,
        .before = refused,
        .expect = compat_sysret,
        .by_vendor = true,
        .confidence = CONFIDENCE_MEDIUM,
        .facts = "SC19",
        .why = "SYSRET in ring-3 compat code: Intel tests CS.L first, #UD; AMD "
               "the privilege level alone, #GP(0); SDM vol 2, APM vol 3",
    },
};

void case_syscall_who(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        fastcall_run(&stimuli[i]);
}
