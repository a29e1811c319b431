/* SPDX-License-Identifier: MIT */
/*
 * An NMI at the first instruction of every handler.
 *
 * That is where it hurts: its frame says "ring 0", the GS base is still the
 * user's, and behind SYSCALL so is the stack.  An NMI without an IST is pushed
 * onto that; so the gate of a kernel that uses SYSCALL has one.  The way there:
 * an instruction breakpoint on the handler, whose context is gone back into
 * with an NMI latched.
 */
#include "apic.h"
#include "engine/engine.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/origin.h"
#include "lib/sequence.h"
#include "lib/shadow.h"
#include "macros.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

static const struct way {
    const char *id;
    enum shadow_follower follower; /* FOLLOWERS: an IRQ, or nothing */
    bool irq;
} ways[] = {
    {"code", FOLLOWERS, false},
    {"int80", FOLLOWER_INT80, false},
    {"int3", FOLLOWER_INT3, false},
    {"syscall", FOLLOWER_SYSCALL, false},
    {"sysenter", FOLLOWER_SYSENTER, false},
    {"lcall", FOLLOWER_LCALL, false},
    {"ud", FOLLOWER_UD, false},
    {"irq", FOLLOWERS, true},
};
static const struct way *way;
static bool ist;

static const char *landing(const struct stimulus *s)
{
    if (way->follower == FOLLOWER_LCALL)
        return shadow_lcall_target;
    return s->nmi ? s->at : sequence_handler(s->vector);
}

static void before(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();

    shadow_gate_set();
    idt[VEC_nmi] =
        gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, ist ? IST_nmi : 0, 0);
    if (s->nmi)
        return;
    if (way->irq) {
        apic_request(VEC_self_ipi);
    }
    debug_arm(0, (uint64_t)landing(s), DEBUG_EXECUTE, 1);
}

static void after(void)
{
    debug_off();
    shadow_gate_clear();
    idt[VEC_nmi] =
        gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, IST_nmi, 0);
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    if (o->frame.vector != VEC_db)
        return;
    write_dr7(DR7_CLEAR);
    write_dr6(DR6_CLEAR);
    f->rflags &= ~(uint64_t)FLAG_RF;
    engine_go_with_nmi(f);
}

/* The breakpoint's #DB, and the NMI at the very same place. */
static void land(struct sequence *q)
{
    bool inner = q->s->from == FROM_RING0;

    if (way->follower == FOLLOWER_LCALL) {
        struct trapframe code = q->c;

        q->c.cs = SEL_KERNEL_CS;
        q->c.ss = inner ? SEL_KERNEL_SS : 0;
        q->c.rsp = inner ? q->c.rsp - 16 : STACK_TOP(STACK_rsp0) - 32;
        sequence_db(q, shadow_lcall_target, DR6_B(0));
        sequence_event(q, VEC_nmi, shadow_lcall_target)->any |= ANY(dr7);
        q->c = code;
        return;
    }
    sequence_event(q, q->s->vector,
                   q->s->saved == SAVED_AT ? q->s->at : q->s->resume)
        ->any |= ANY(dr7);
    sequence_in_handler(q, VEC_db, DR6_B(0));
    sequence_in_handler(q, VEC_nmi, 0)->any |= ANY(dr7);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    if (s->nmi)
        sequence_event(&q, VEC_nmi, s->at);
    else
        land(&q);
    sequence_end(&q)->any |= ANY(dr7);
}

static void run(enum origin from)
{
    bool outside = way->follower == FOLLOWERS;
    unsigned vector = way->irq  ? VEC_self_ipi
                      : outside ? VEC_nmi
                                : shadow_probe(from, way->follower);
    struct stimulus s =
        shadow_stimulus(from, LEAD_NOTHING, way->follower, vector);
    char id[44];

    fmt(id, sizeof(id), "nmi-window.%s.%s%s", way->id, ist ? "" : "no-ist.",
        origin_ids[from]);
    s.id = id;
    s.saved = outside || vector == VEC_ud ? SAVED_AT : SAVED_RESUME;
    s.nmi = vector == VEC_nmi;
    s.before = before;
    s.after = after;
    s.expect = expect;
    s.unfit = shadow_unfit;
    s.mend = mend;
    s.facts = "NM1 GS10 IV41";
    s.why = "an NMI can come before a handler's first instruction: frame from "
            "ring 0, the user's GS base, behind SYSCALL the user's stack; SDM "
            "vol 3, 6.7";
    check_run(&s);
}

void case_nmi_window(void)
{
    for (unsigned i = 0; i < 2 * COUNT(ways); i++)
        for (unsigned o = 0; o < FROM_COUNT; o++) {
            way = &ways[i / 2];
            ist = !(i % 2);
            run(o);
        }
}
