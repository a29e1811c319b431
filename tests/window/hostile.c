/* SPDX-License-Identifier: MIT */
/*
 * Calls by a ring 3 that wants to harm: SYSCALL and SYSENTER leave it more than
 * a gate does.
 *
 * RSP.  SYSCALL comes on ring 3's: until the stub has its own, every PUSH, CALL
 * and memory operand goes where ring 3 likes.  So RSP is put on a page that is
 * not there, and whatever touches it faults, on a stack of the harness's.  One
 * access may be meant (Linux's compat entry reads an argument there): then the
 * address is in the kernel's exception table, and the walk goes on where that
 * says.
 *
 * RFLAGS.  FMASK clears what its author has put in it.  What it leaves, ring 3
 * has set here, and the stub must have dealt with: DF before any C (System V
 * ABI, 3.2.1), AC likewise (it opens ring 3's pages, SMAP or not), NT before an
 * IRETQ, which faults with it (SDM vol 2 IRET).  TF cannot be stepped and is
 * judged by FMASK alone: its #DB comes in front of SYSCALL's first instruction,
 * on whatever stack #DB has there.
 */
#include "hostile.h"

#include "code.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "judge.h"
#include "msr.h"
#include "page.h"
#include "stacks.h"
#include "vectors.h"
#include "walking.h"

#define NO_STACK 0x20000800ull /* in the middle of a page that is not there */
#define LEFT_SET (FLAG_DF | FLAG_NT | FLAG_AC)

static struct {
    const struct walk *w;
    struct trapframe f; /* where; its rip is 0: nowhere */
    uint64_t flags;     /* that ring 3 has set */
    uint64_t found;     /* of them, what is still set there */
    bool entered;       /* it has been in ring 0 */
    bool excused;       /* the kernel's gate has seen to the access itself */
} hostile;

/* The stop of the undisturbed walk for a place that this one has come to. */
static unsigned stop_of(const struct walk *w, uint64_t rip)
{
    for (unsigned n = 0; n < w->stops; n++)
        if (w->stop[n].f.rip == rip)
            return n;
    return 0;
}

static bool is_call(const struct walk *w)
{
    const struct subject *s = w->subject;

    return s->first == NO_EVENT && !s->fault && s->s.vector >= VEC_SYSCALL64 &&
           s->s.vector <= VEC_SYSENTER;
}

static void astray(unsigned vector, uint64_t rip, uint64_t gs_base)
{
    (void)gs_base;
    engine_abandon("%s at %llx", vector_info(vector)->mnemonic,
                   (unsigned long long)rip);
}

static bool on_no_stack(uint64_t address)
{
    return address / PAGE_SIZE - NO_STACK / PAGE_SIZE + 1 <= 2;
}

static void no_stack(struct trapframe *c)
{
    c->rsp = NO_STACK;
}

static void step(unsigned n, const struct outcome *o, struct trapframe *f)
{
    (void)n;
    (void)o;
    (void)f;
}

static struct trapframe *on_access(const struct outcome *o, struct trapframe *f)
{
    const struct specimen_fixup *fixup = walking_fixup(f->rip);

    if (f->vector != VEC_pf || f->cs & 3 || !on_no_stack(o->cr2))
        return 0;
    step_disarm();
    hostile.excused = fixup && !fixup->to;
    if (!fixup)
        hostile.f = *f;
    if (!fixup || !fixup->to)
        engine_abandon("ring 0 has touched ring 3's stack");
    f->rip = (uint64_t)fixup->to;
    step_from(f);
    return f;
}

void hostile_stack(struct diff *d, const struct walk *w)
{
    static const struct visitor visitor = {.stop = step,
                                           .context = no_stack,
                                           .first = on_access,
                                           .astray = astray};
    struct gate was = idt[VEC_pf];
    struct calls calls;
    enum run_end end;

    if (!is_call(w) || diff_any(d))
        return;
    hostile.f.rip = 0;
    hostile.excused = false;
    idt[VEC_pf] =
        gate_make(capture_stubs[VEC_pf], GATE_INTERRUPT, IST_spare, 0);
    walk_once(w, &visitor, &end, &calls);
    idt[VEC_pf] = was;
    if (hostile.f.rip)
        judge_differ_at(d, w, stop_of(w, hostile.f.rip),
                        "nothing of ring 3's stack", "an access to it");
    else if (end != RUN_GATE && !hostile.excused)
        diff_text(d, "with RSP on no page", "returns", engine_trouble());
}

static void set_flags(struct trapframe *c)
{
    c->rflags |= hostile.flags;
}

/* The body is called, or IRETQ comes next: what is left?  It is then cleared,
 * for the harness's own C, and for the walk to go on. */
static void look(unsigned n, const struct outcome *o, struct trapframe *f)
{
    uint64_t left = 0;

    (void)n;
    (void)o;
    if (f->cs & 3)
        return;
    if (!hostile.entered) /* QEMU's SYSCALL loses DF, whatever FMASK says */
        f->rflags |= hostile.flags;
    hostile.entered = true;
    if (engine_under_test(f->rip))
        hostile.f = hostile.found ? hostile.f : *f; /* mostly the CALL */
    if (!engine_under_test(f->rip))
        left = f->rflags & hostile.flags & (FLAG_DF | FLAG_AC);
    else if (code_is_iretq(f->rip))
        left = f->rflags & hostile.flags & FLAG_NT;
    if (!hostile.found)
        hostile.found = left;
    f->rflags &= ~left;
}

/* The first stop in ring 0. */
static unsigned first_in_ring0(const struct walk *w)
{
    unsigned n = 0;

    while (n + 1 < w->stops && w->stop[n].f.cs & 3)
        n++;
    return n;
}

void hostile_flags(struct diff *d, const struct walk *w)
{
    static const struct visitor visitor = {
        .stop = look, .context = set_flags, .astray = astray};
    uint64_t left = ~rdmsr(MSR_FMASK);
    struct diff flags = {"", ""};
    struct calls calls;
    enum run_end end;

    if (!is_call(w) || diff_any(d) || w->subject->s.vector == VEC_SYSENTER)
        return;
    if (left & FLAG_TF && !own_stack(w->specimen, VEC_db))
        judge_differ_at(d, w, first_in_ring0(w), "TF in FMASK",
                        "a #DB of ring 3's, with no stack of its own");
    hostile.flags = left & LEFT_SET;
    hostile.found = 0;
    hostile.entered = false;
    if (!hostile.flags || diff_any(d))
        return;
    walk_once(w, &visitor, &end, &calls);
    if (hostile.found) {
        diff_flags(&flags, "ring 3's", 0, hostile.found);
        judge_differ_at(d, w, stop_of(w, hostile.f.rip), flags.expected,
                        flags.seen);
    } else if (end != RUN_GATE) {
        diff_text(d, "with FMASK's flags set", "returns", engine_trouble());
    }
}
