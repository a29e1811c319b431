/* SPDX-License-Identifier: MIT */
/*
 * An event on the first instruction behind a call gate.
 *
 * A call gate leaves IF and TF on.  So between the CALL and the handler's own
 * CLI and SWAPGS there is room for any event, an ordinary interrupt too: its
 * frame says ring 0, while GS is the user's.  This is the one path where even
 * a maskable interrupt's stub must not decide by CS, and where a user who
 * single-steps is in ring 0 with a debug trap, on the user's GS.
 *
 * Each event is made to land exactly there: the interrupt is pending and held
 * by STI's shadow until the CALL is done; breakpoint and NMI come at the
 * target's address; TF, and a watchpoint on the pointer that the CALL reads,
 * trap when it is done, as one #DB.
 */
#include "apic.h"
#include "engine/engine.h"
#include "fmt.h"
#include "insn.h"
#include "lib/callgate.h"
#include "lib/origin.h"
#include "lib/triggers.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

RING3(event_irq3, "sti", "lcall *(%rsp)", "");
COMPAT(event_irqc, "sti", "lcall *(%esp)", "");

#define DR7_WATCH0                                                             \
    (DR7_L0 | 3 << 16 | 3 << 18) /* reads and writes, 4 bytes                  \
                                  */
#define RSP_BEHIND (STACK_TOP(STACK_rsp0) - CALL_FRAME_INNER)

/* A user's base that looks like one, and one that looks like a kernel's. */
static const struct gs_state states[] = {
    {0, 0, FS_POSITIVE, GS_POSITIVE, GS_NEGATIVE},
    {0, 0, FS_POSITIVE, GS_NEGATIVE, GS_POSITIVE},
};

enum event { IRQ, BREAKPOINT, NMI, STEP, STEP_AND_WATCH, EVENTS };
static const struct {
    const char *name;
    unsigned vector;
    uint64_t causes; /* in DR6 */
    enum confidence confidence;
    const char *facts;
} events[EVENTS] = {
    [IRQ] = {"irq", TRIGGER_VECTOR, 0, CONFIDENCE_HIGH, "CG5"},
    [BREAKPOINT] = {"breakpoint", VEC_db, 1, CONFIDENCE_HIGH, "CG5 DB5"},
    [NMI] = {"nmi", VEC_nmi, 0, CONFIDENCE_HIGH, "CG5 GS15"},
    [STEP] = {"step", VEC_db, DR6_BS, CONFIDENCE_HIGH, "CG9 DB9"},
    [STEP_AND_WATCH] = {"step-and-watch", VEC_db, DR6_BS | 1, CONFIDENCE_MEDIUM,
                        "CG9"},
};

static struct {
    enum event event;
    const struct gs_state *g;
} now;

static void request(void)
{
    apic_request(TRIGGER_VECTOR);
}

static void before(struct trapframe *c)
{
    callgate_put(CALL_GATE_ACCESS(3), SEL_KERNEL_CS, (uint64_t)callgate_inner);
    callgate_pointer(c, SEL_CALL_GATE | 3);
    switch (now.event) {
    case IRQ: /* STI in ring 3 takes IOPL 3 */
        c->rflags = (c->rflags & ~(uint64_t)FLAG_IF) | FLAG_IOPL;
        request();
        break;
    case BREAKPOINT:
    case NMI: /* the breakpoint brings the harness there; see mend() */
        write_dr0((uint64_t)callgate_inner);
        write_dr7(DR7_CLEAR | DR7_L0);
        break;
    case STEP_AND_WATCH:
        write_dr0(c->rsp);
        write_dr7(DR7_CLEAR | DR7_WATCH0);
        c->rflags |= FLAG_TF;
        break;
    default:
        c->rflags |= FLAG_TF;
        break;
    }
    gs_set(now.g);
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)o;
    write_dr7(DR7_CLEAR);
    write_dr6(DR6_CLEAR);
    if (now.event == NMI && nth == 0)
        engine_go_with_nmi(f);
}

/* In ring 0 at the target's first instruction, on the frame of the CALL. */
static void behind_gate(struct wanted *e, bool ist)
{
    struct outcome *o = &e->o;

    o->frame.rip = (uint64_t)callgate_inner;
    o->frame.cs = SEL_KERNEL_CS;
    o->frame.rsp = RSP_BEHIND;
    o->frame.ss = 0;
    o->ss = 0;
    if (!ist)
        o->rsp = (RSP_BEHIND & ~15ull) - 40;
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct wanted *gate;

    (void)amd;
    if (now.event == NMI) { /* the breakpoint first */
        struct stimulus db = *s;

        db.vector = VEC_db;
        db.address = 1;
        db.entries = 2;
        want_as(w, &db);
        behind_gate(&w->event[0], true);
        w->event[1].o.frame.vector = VEC_nmi;
        w->event[1].o.dr6 = DR6_CLEAR;
        w->event[1].o.dr7 = DR7_CLEAR;
        w->event[1].o.rsp = STACK_TOP(STACK_nmi) - 40;
        w->event[1].any_flags |= FLAG_RF; /* over the breakpoint */
        behind_gate(&w->event[1], true);
    } else {
        behind_gate(&w->event[0], now.event != IRQ);
    }
    gate = &w->event[w->count - 1];
    gate->o.dr7 = DR7_CLEAR;
    if (now.event == IRQ) {
        w->event[0].o.frame.rflags |= FLAG_IF;
        gate->o.frame.rflags |= FLAG_IF;
    }
    callgate_want_inner(w, s, 0, SEL_KERNEL_CS, STACK_TOP(STACK_rsp0));
    gs_want(w, 0, now.g);
}

static void run(enum event e, enum origin from, bool negative)
{
    static const struct snippet irq[FROM_COUNT] = {
        [FROM_RING3] = SNIPPET(event_irq3),
        [FROM_COMPAT] = SNIPPET(event_irqc)};
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = from,
        .vector = events[e].vector,
        .address = events[e].causes,
        .saved = SAVED_RESUME,
        .confidence = events[e].confidence,
        .before = before,
        .expect = expect,
        .mend = mend,
        .after = callgate_after,
        .facts = events[e].facts,
        .why = "a call gate leaves IF and TF: an event may land behind it, its "
               "frame's CS ring 0's and GS the user's; SDM vol 2 CALL, vol 3 "
               "17.3.1.4",
    };

    now.event = e;
    now.g = &states[negative];
    fmt(id, sizeof(id), "callgate.%s.%s%s", events[e].name, origin_ids[from],
        negative ? ".negative-gs" : "");
    stimulus_code(&s, e == IRQ ? &irq[from] : &far_codes[FAR_CALL][from]);
    check_run(&s);
}

void case_callgate_event(void)
{
    for (enum event e = 0; e < EVENTS; e++)
        for (enum origin from = FROM_RING3; from <= FROM_COMPAT; from++)
            for (unsigned negative = 0; negative <= 1; negative++)
                run(e, from, negative);
}
