/* SPDX-License-Identifier: MIT */
/* What must come of each cell of the shadow matrix; see shadow.c. */
#include "debug.h"
#include "selectors.h"
#include "sequence.h"
#include "shadow.h"
#include "stacks.h"
#include "vectors.h"

/* In the call gate's target: no frame, but a stack of its own. */
static void through_gate(struct sequence *q)
{
    bool inner = shadow_cell.from == FROM_RING0;

    q->c.rip = (uint64_t)shadow_lcall_target;
    q->c.cs = SEL_KERNEL_CS;
    q->c.ss = inner ? SEL_KERNEL_SS : 0;
    q->c.rsp = inner ? q->c.rsp - 16 : STACK_TOP(STACK_rsp0) - 32;
}

static void event_in_gate(struct sequence *q, unsigned vector, uint64_t causes)
{
    struct trapframe code = q->c;

    through_gate(q);
    if (vector == VEC_db)
        sequence_db(q, shadow_lcall_target, causes);
    else
        sequence_event(q, vector, shadow_lcall_target);
    q->c = code;
}

/* The follower's own entry, if it is one that is seen. */
static struct wanted *follow(struct sequence *q)
{
    const struct stimulus *s = q->s;

    if (shadow_cell.follower == FOLLOWER_LCALL)
        return 0;
    return sequence_event(q, shadow_cell.vector,
                          shadow_cell.vector == VEC_ud ? s->at : s->resume);
}

/* A data breakpoint pends: with the follower's completion, or not at all. */
static void follow_watched(struct sequence *q)
{
    struct wanted *e = follow(q);

    if (!e)
        event_in_gate(q, VEC_db, DR6_B(0));
    else if (shadow_cell.follower == FOLLOWER_ICEBP)
        e->any |= ANY(dr6); /* one #DB; does it tell of the breakpoint? */
    else if (shadow_cell.vector != VEC_ud)
        sequence_in_handler(q, VEC_db, DR6_B(0));
}

/* TF is set when the follower starts. */
static void follow_stepped(struct sequence *q)
{
    struct wanted *e = follow(q);

    if (!e) { /* it stays set through the gate */
        event_in_gate(q, VEC_db, DR6_BS);
        return;
    }
    if (shadow_cell.vector == VEC_SYSENTER) {
        sequence_in_handler(q, VEC_db, DR6_BS);
        e = &q->want->event[q->want->count - 1]; /* the mend cleared it */
        want_flags(e, 0, FLAG_TF);
        return;
    }
    if (shadow_cell.follower == FOLLOWER_ICEBP)
        return;
    /* IRETQ restores TF: a trap after one instruction. */
    sequence_db(q, q->s->resume + SHADOW_NOP, DR6_BS);
}

static void follow_requested(struct sequence *q)
{
    if (!follow(q)) {
        event_in_gate(q, VEC_self_ipi, 0);
        return;
    }
    if (shadow_cell.vector == VEC_ud) /* in the image of a fault, and so back */
        q->c.rflags |= FLAG_RF;
    sequence_event(q, VEC_self_ipi, q->s->resume);
}

static void expect_watch(struct sequence *q)
{
    if (shadow_cell.shadow >= SHADOW_MOV_SS) {
        follow_watched(q);
        return;
    }
    q->c.rax = shadow_watched;
    sequence_db(q, q->s->at, DR6_B(0));
    follow(q);
}

static void expect_tf(struct sequence *q)
{
    if (shadow_cell.shadow == SHADOW_STI) {
        sequence_db(q, q->s->at, DR6_BS);
        q->c.rflags &= ~(uint64_t)FLAG_TF;
        follow(q);
    } else {
        follow_stepped(q);
    }
}

/* first: before the follower, as where nothing holds it off. */
static void expect_irq(struct sequence *q, bool first)
{
    if (!first) {
        follow_requested(q);
        return;
    }
    sequence_event(q, VEC_self_ipi, q->s->at);
    follow(q);
}

static void expect_nmi(struct sequence *q, bool first)
{
    uint64_t any =
        shadow_cell.shadow == SHADOW_NONE ? 0 : ANY(rip) | ANY(saved_rflags);

    if (first)
        sequence_event(q, VEC_nmi, q->s->at)->any |= any;
    follow(q);
    if (!first)
        sequence_event(q, VEC_nmi, q->s->resume)->any |= any;
}

/* amd: asked for the sake of the cells where either order is allowed. */
void shadow_expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    if (shadow_pops())
        q.c.rsp += 4;
    if (shadow_cell.shadow == SHADOW_STI || shadow_cell.event == EVENT_IRQ)
        q.c.rflags |= FLAG_IF;
    switch (shadow_cell.event) {
    case EVENT_NOTHING:
        follow(&q);
        break;
    case EVENT_WATCH:
        expect_watch(&q);
        break;
    case EVENT_TF:
        expect_tf(&q);
        break;
    case EVENT_IRQ:
        expect_irq(&q, shadow_cell.shadow == SHADOW_NONE ||
                           (shadow_cell.shadow != SHADOW_STI && amd));
        break;
    case EVENT_NMI:
        expect_nmi(&q, shadow_cell.shadow == SHADOW_NONE || amd);
    }
    sequence_end(&q);
}
