/* SPDX-License-Identifier: MIT */
/*
 * SYSEXIT: who may execute it, and which selectors it loads.
 *
 * It derives all from SYSENTER_CS: CS is that + 16 for 32-bit code, + 32 for
 * 64-bit code, SS the next one, RPL 3 in both.  RIP comes from RDX, RSP from
 * RCX.  In ring 3, or with a null SYSENTER_CS, it is #GP(0).  AMD's
 * processors have neither SYSENTER nor SYSEXIT in long mode: #UD; CPUID's SEP
 * bit does not say so.
 *
 * No descriptor is read: a GDT that does not have the two in the right places
 * is found out by the next IRET to ring 3.
 */
#include "fmt.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"

RING0(sysexit_q0, "", "sysexitq", "");
RING0(sysexit_l0, "", "sysexitl", "");
RING3(sysexit_q3, "", "sysexitq", "");
RING3(sysexit_l3, "", "sysexitl", "");
COMPAT(sysexit_l32, "", "sysexit", "");

static bool is_wide(const struct stimulus *s)
{
    return s->start != sysexit_l0;
}

static void set(struct trapframe *c)
{
    sysexit_to_landing(c, is_wide(stimulus_now()));
    lend_msr(MSR_SYSENTER_CS, stimulus_now()->argument);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();

    if (amd && s->by_vendor) {
        want_vector(w, VEC_ud);
        return;
    }
    do_sysexit(&c, is_wide(s));
    want_landed(w, 0, &c, is_wide(s));
}

static const char refused[] =
    "SYSEXIT in ring 3, or with SYSENTER_CS null, is #GP(0) on Intel; #UD in "
    "long mode on AMD; SDM vol 2 SYSEXIT, APM vol 3 SYSEXIT";
static const char leaves[] =
    "SYSEXIT: CS = SYSENTER_CS + 16 (REX.W: + 32) | 3, SS = CS + 8, no "
    "descriptor is read; #UD in long mode on AMD; SDM vol 2 SYSEXIT";

#define REFUSED(name, origin, code, cs)                                        \
    {                                                                          \
        .id = name, .from = origin, CODE(code), .vector = VEC_gp,              \
        .error_code = true, .saved = SAVED_AT, .argument = cs, .before = set,  \
        .expect = refused_or_ud, .by_vendor = true, .facts = "SE5",            \
        .why = refused,                                                        \
    }

static void refused_or_ud(const struct stimulus *s, struct want *w, bool amd)
{
    struct stimulus t = *s;

    if (amd) {
        t.vector = VEC_ud;
        t.error_code = false;
        want_as(w, &t);
    }
}

static const struct stimulus not_here[] = {
    REFUSED("sysexitq.ring3", FROM_RING3, sysexit_q3, SEL_KERNEL_CS),
    REFUSED("sysexitl.ring3", FROM_RING3, sysexit_l3, SEL_KERNEL_CS),
    REFUSED("sysexit.compat", FROM_COMPAT, sysexit_l32, SEL_KERNEL_CS),
    REFUSED("sysexitq.ring3.cs0", FROM_RING3, sysexit_q3, 0),
    REFUSED("sysexitq.cs0", FROM_RING0, sysexit_q0, 0),
    REFUSED("sysexitq.cs1", FROM_RING0, sysexit_q0, 1),
    REFUSED("sysexitq.cs2", FROM_RING0, sysexit_q0, 2),
    REFUSED("sysexitq.cs3", FROM_RING0, sysexit_q0, 3),
    REFUSED("sysexitl.cs0", FROM_RING0, sysexit_l0, 0),
    REFUSED("sysexitl.cs1", FROM_RING0, sysexit_l0, 1),
    REFUSED("sysexitl.cs2", FROM_RING0, sysexit_l0, 2),
    REFUSED("sysexitl.cs3", FROM_RING0, sysexit_l0, 3),
};

static const struct {
    const char *name;
    uint16_t cs;
} selectors[] = {
    {"usual", SEL_KERNEL_CS}, /* by vendor; the others where it works */
    {"rpl1", SEL_KERNEL_CS | 1},  {"rpl2", SEL_KERNEL_CS | 2},
    {"rpl3", SEL_KERNEL_CS | 3},  {"not-present", SEL_NOT_PRESENT_R0 - 32},
    {"no-descriptor", SEL_SPARE}, {"beyond-gdt", 0x400},
    {"ldt", SEL_KERNEL_CS | 4},
};

void case_sysexit_who(void)
{
    char id[44];

    for (unsigned i = 0; i < COUNT(not_here); i++)
        fastcall_run(&not_here[i]);
    for (unsigned wide = 0; wide < 2; wide++)
        for (unsigned i = 0; i < COUNT(selectors); i++) {
            struct stimulus s = {
                .id = id,
                .from = FROM_RING0,
                CODE(sysexit_l0),
                .vector = VEC_gate,
                .saved = SAVED_AT,
                .argument = selectors[i].cs,
                .before = set,
                .expect = expect,
                .by_vendor = !i,
                .unfit = i ? unless_sysexit : 0,
                .facts = "SE6",
                .why = leaves,
            };

            if (wide) {
                s.start = sysexit_q0;
                s.at = sysexit_q0_at;
                s.resume = sysexit_q0_resume;
            }
            fmt(id, sizeof(id), "sysexit%s.cs.%s", wide ? "q" : "l",
                selectors[i].name);
            fastcall_run(&s);
        }
}
