/* SPDX-License-Identifier: MIT */
/*
 * LSTAR and CSTAR point to where nothing can be fetched.
 *
 * SYSCALL itself succeeds: the #PF comes after it, in ring 0, at the new RIP,
 * and on the stack that the caller left in RSP.  A kernel survives that only
 * if #PF has an IST, or if the caller's RSP happens to be writable; else it is
 * a #DF.  So a fault in the first instruction of a SYSCALL stub is a user's to
 * steer, which is why such stubs are never paged out, and why none of them may
 * fault before it has its stack.
 */
#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

RING3(lstar_syscall3, "", "syscall", "");
RING0(lstar_syscall0, "", "syscall", "");
COMPAT(lstar_syscall32, "", "syscall", "");

#define UNMAPPED_HIGH 0xffffffffa0000000ull
#define UNMAPPED_LOW 0x20000000ull
#define NOWHERE 0x20010000ull /* an RSP with nothing below it */

static const uint64_t some_data; /* on a page that must not be executed */

static const struct {
    const char *name;
    enum { PLAIN, NO_EXECUTE, WIDE } kind;
    uint64_t target;
} targets[] = {
    {"unmapped-high", PLAIN, UNMAPPED_HIGH},
    {"unmapped-low", PLAIN, UNMAPPED_LOW},
    {"no-execute", NO_EXECUTE, (uint64_t)&some_data},
    /* Canonical for 57 bits, not for 48. */
    {"la57-low", WIDE, 1ull << 47},
    {"la57-high", WIDE, 0xff00000000000000ull},
};
#define TARGETS (COUNT(targets))

/* argument: the target's index, and how the fault is to be survived. */
#define IST 0x100
#define NO_STACK 0x200
#define INDEX 0xff

static const char *unfit(const struct stimulus *s)
{
    unsigned kind = targets[s->argument & INDEX].kind;

    if (kind == NO_EXECUTE && !(rdmsr(MSR_EFER) & EFER_NXE))
        return "this processor has no EFER.NXE";
    if (kind == WIDE && !cpu_has(FEATURE_LA57))
        return "this processor has no LA57";
    if (kind == WIDE && read_cr4() & CR4_LA57)
        return "five-level paging is in use: the address is canonical";
    return s->from == FROM_COMPAT ? unless_entered(s) : 0;
}

static unsigned fault(const struct stimulus *s)
{
    return targets[s->argument & INDEX].kind == WIDE ? VEC_gp : VEC_pf;
}

static void point(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();

    lend_msr(s->vector == VEC_SYSCALL64 ? MSR_LSTAR : MSR_CSTAR,
             targets[s->argument & INDEX].target);
    if (s->argument & IST)
        lend_ist(fault(s), IST_spare);
    if (s->argument & NO_STACK)
        c->rsp = NOWHERE;
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    unsigned k = s->argument & INDEX, error = 0, vector = fault(s);
    struct trapframe c = *stimulus_context();

    (void)amd;
    do_syscall(&c, s->vector);
    if (s->argument & NO_STACK)
        vector = VEC_df;
    if (vector == VEC_pf)
        error = fetch_bit() | (targets[k].kind == NO_EXECUTE ? PF_PRESENT : 0);
    want_event(w, 0, vector, error, c.rip, &c);
    if (vector == VEC_df) /* what it saves is not defined */
        w->event[0].any |= ANY_FRAME | ANY(cr2) | ANY(rflags) | ANY(ss);
    want_back(w, 1, vector == VEC_df ? stimulus_context() : &c);
}

static const struct {
    const char *name;
    struct stimulus s;
} callers[] = {
    {"ring3",
     {.from = FROM_RING3, CODE(lstar_syscall3), .vector = VEC_SYSCALL64}},
    {"ring0",
     {.from = FROM_RING0, CODE(lstar_syscall0), .vector = VEC_SYSCALL64}},
    {"compat",
     {.from = FROM_COMPAT, CODE(lstar_syscall32), .vector = VEC_SYSCALL32}},
};

static void row(unsigned target, unsigned caller, uint64_t how,
                const char *how_name)
{
    struct stimulus s = callers[caller].s;
    bool wide = targets[target].kind == WIDE;
    char id[44];

    s.id = id;
    s.argument = target | how;
    s.before = point;
    s.expect = expect;
    s.unfit = unfit;
    s.confidence = wide ? CONFIDENCE_VALUE : CONFIDENCE_HIGH;
    s.facts = wide ? "SC31" : "SC14";
    s.why = wide ? "LSTAR holds 57-bit addresses wherever LA57 exists; what a "
                   "SYSCALL to one does with four levels is not said"
                 : "SYSCALL to an address that cannot be fetched is a #PF in "
                   "ring 0 on the caller's RSP, unless #PF has an IST";
    fmt(id, sizeof(id), "syscall%s.to.%s.%s.%s",
        s.vector == VEC_SYSCALL64 ? "64" : "32", targets[target].name, how_name,
        callers[caller].name);
    fastcall_run(&s);
}

void case_syscall_lstar(void)
{
    for (unsigned t = 0; t < TARGETS; t++)
        for (unsigned k = 0; k < COUNT(callers); k++) {
            row(t, k, IST, "ist");
            row(t, k, 0, "no-ist");
            if (targets[t].kind == PLAIN)
                row(t, k, NO_STACK, "no-stack");
        }
}
