/* SPDX-License-Identifier: MIT */
/*
 * SYSCALL with something pending: a single step, an interrupt, NT.
 *
 * TF is looked at after the instruction, as it then stands: masked by FMASK
 * there is no #DB; left alone there is one at LSTAR, in ring 0, with the
 * user's RSP and GS base.  It steps each instruction of the kernel until the
 * handler clears TF in the image.  (XSA-204: an emulated SYSCALL stepped the
 * guest's kernel.)  Likewise IF: unmasked, a pending interrupt is taken at
 * LSTAR.  NT survives if FMASK lets it, and then the kernel's IRETQ is #GP(0).
 *
 * With an IST the #DB survives any stack; without one it is pushed below the
 * user's RSP.
 */
#include "apic.h"
#include "fmt.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

RING3(syscall_step3, "", "syscall", "");
RING0(syscall_step0, "", "syscall", "");
COMPAT(syscall_step32, "", "syscall", "");
RING3(syscall_sti3, "sti", "syscall", "");
RING0(syscall_sti0, "sti", "syscall", "");
COMPAT(syscall_sti32, "sti", "syscall", "");

static const struct {
    const char *name;
    struct stimulus step, sti;
} callers[] = {
    {"ring3",
     {.from = FROM_RING3, CODE(syscall_step3), .vector = VEC_SYSCALL64},
     {.from = FROM_RING3, CODE(syscall_sti3), .vector = VEC_SYSCALL64}},
    {"ring0",
     {.from = FROM_RING0, CODE(syscall_step0), .vector = VEC_SYSCALL64},
     {.from = FROM_RING0, CODE(syscall_sti0), .vector = VEC_SYSCALL64}},
    {"compat",
     {.from = FROM_COMPAT, CODE(syscall_step32), .vector = VEC_SYSCALL32},
     {.from = FROM_COMPAT, CODE(syscall_sti32), .vector = VEC_SYSCALL32}},
};

static void tf_masked(struct trapframe *c)
{
    c->rflags |= FLAG_TF;
}

static void tf_left(struct trapframe *c)
{
    c->rflags |= FLAG_TF;
    lend_msr(MSR_FMASK, 0);
}

static void tf_left_no_ist(struct trapframe *c)
{
    tf_left(c);
    lend_ist(VEC_db, NO_IST);
}

/* STI's shadow covers the SYSCALL itself, not what comes after it. */
static void irq_pending(struct trapframe *c)
{
    c->rflags = (c->rflags & ~(uint64_t)FLAG_IF) | FLAG_IOPL;
    lend_msr(MSR_FMASK, 0);
    apic_request(VEC_self_ipi);
}

static void irq_pending_ist(struct trapframe *c)
{
    irq_pending(c);
    lend_ist(VEC_self_ipi, IST_spare);
}

static void irq_at_lstar(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();

    (void)amd;
    c.rflags |= FLAG_IF; /* by the STI */
    do_syscall(&c, s->vector);
    want_event(w, 0, VEC_self_ipi, 0, 0, &c);
    want_call(w, 1, s->vector, &c);
    want_back(w, 2, &c);
}

static void row(const struct stimulus *caller, const char *name,
                const char *what, void (*before)(struct trapframe *),
                void (*expect)(const struct stimulus *, struct want *, bool),
                const char *facts, const char *why)
{
    struct stimulus s = *caller;
    char id[44];

    s.id = id;
    s.before = before;
    s.expect = expect;
    s.facts = facts;
    s.why = why;
    if (s.from == FROM_COMPAT)
        s.unfit = unless_entered;
    fmt(id, sizeof(id), "syscall%s.%s.%s",
        s.vector == VEC_SYSCALL64 ? "64" : "32", what, name);
    fastcall_run(&s);
}

/* NT: a stub that goes back with IRETQ, as the caller's NT left it. */
RING0(syscall_nt_stub, "push $0\npush $0\npush $0\npush $0\npush $0", "iretq",
      "");

static void nt_left(struct trapframe *c)
{
    c->rflags |= FLAG_NT;
    lend_msr(MSR_FMASK, FLAG_IF);
    lend_msr(MSR_LSTAR, (uint64_t)syscall_nt_stub);
}

static void gp_at_iretq(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();

    (void)amd;
    do_syscall(&c, s->vector);
    c.rip = (uint64_t)syscall_nt_stub_at;
    c.rsp -= 5 * 8;
    want_event(w, 0, VEC_gp, 0, 0, &c);
    w->event[0].after_syscall = true;
    want_back(w, 1, &c);
}

void case_syscall_step(void)
{
    static const char
        masked[] = "TF cleared by FMASK: no #DB in ring 0 (XSA-204); it is "
                   "judged after SYSCALL; SDM vol 3, Single-Step Exception",
        left[] = "TF left by FMASK: #DB at LSTAR with CPL 0 and the user's RSP "
                 "and GS; SDM vol 3, Single-Step Exception Condition",
        irq[] = "IF left by FMASK: a pending interrupt is taken at LSTAR, CPL "
                "0, on the user's RSP without IST; SDM vol 2 SYSCALL, STI",
        nt[] = "NT left by FMASK is still set in ring 0, where IRETQ with NT "
               "is #GP(0); SDM vol 2 IRET; found as Linux's syscall_nt";

    for (unsigned i = 0; i < COUNT(callers); i++) {
        const struct stimulus *step = &callers[i].step, *sti = &callers[i].sti;
        const char *name = callers[i].name;

        row(step, name, "tf-masked", tf_masked, expect_call, "SC11", masked);
        row(step, name, "tf-left.ist", tf_left, expect_call, "SC12", left);
        row(step, name, "tf-left.no-ist", tf_left_no_ist, expect_call, "SC12",
            left);
        row(sti, name, "irq-at-lstar.no-ist", irq_pending, irq_at_lstar, "SC26",
            irq);
        row(sti, name, "irq-at-lstar.ist", irq_pending_ist, irq_at_lstar,
            "SC26", irq);
        if (step->vector == VEC_SYSCALL64)
            row(step, name, "nt-left", nt_left, gp_at_iretq, "SC15 IR1", nt);
    }
}
