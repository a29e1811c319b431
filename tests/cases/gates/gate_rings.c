/* SPDX-License-Identifier: MIT */
/*
 * Gates that lead to ring 1, to ring 2, or to ring 3 itself.
 *
 * The handler's CPL is the DPL of the gate's CS.  To ring 1 or 2 the stack is
 * RSP1 or RSP2, and SS is NULL with that RPL; to ring 3 from ring 3 there is
 * no switch at all: the frame goes to the program's own stack (aligned), SS
 * stays, and an interrupt gate clears IF at CPL 3, which CLI could not.
 * Conforming code keeps the CPL that it interrupts, so its IST slot, if the
 * gate has one, must lead to a page that ring 3 may write.
 *
 * No kernel has done this for long, and therefore nobody notices when it
 * breaks.  Such a handler cannot look about for itself; it enters ring 0 by
 * one more gate at its first instruction, which shows all of its state, and
 * the run goes on with the frame that the first gate had pushed.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "gdt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

#define RELAY 0x43 /* the second gate */
#define FRAME_WORDS 5
#define WORD 8
#define USER_IST_BYTES                                                         \
    0x1000 /* below the program's RSP: a page for the IST                      \
            */
RING0(gate_rings_supervisor, "", "int $0x43", "");
RING3(gate_rings_user, "", "int $0x43", "");

static const struct target {
    const char *name;
    uint16_t selector; /* RPL: the CPL that it leads to from ring 3 */
    unsigned ist;
    unsigned type;
    const char *facts, *why;
} targets[] = {
    {"dpl1", SEL_CODE_DPL1 | 1, 0, GATE_INTERRUPT, "IV27",
     "a gate to ring n takes RSPn, SS becomes NULL with RPL n; SDM vol 2 INT "
     "n, "
     "Operation"},
    {"dpl2", SEL_CODE_DPL2 | 2, 0, GATE_TRAP, "IV27",
     "a gate to ring n takes RSPn, SS becomes NULL with RPL n; SDM vol 2 INT "
     "n, "
     "Operation"},
    {"dpl3", SEL_USER_CS64, 0, GATE_INTERRUPT, "IV28",
     "a gate to the same CPL keeps stack and SS; its interrupt gate clears IF "
     "even at CPL 3; SDM vol 2 INT n, Operation"},
    {"dpl3.trap", SEL_USER_CS64, 0, GATE_TRAP, "IV28",
     "a gate to the same CPL keeps stack and SS, a trap gate IF too; SDM vol 2 "
     "INT n, Operation"},
    {"conforming", SEL_CODE_CONFORMING | 3, 0, GATE_INTERRUPT, "IV29",
     "a gate to conforming code keeps the CPL, and with it stack and SS; SDM "
     "vol 2 INT n, Operation"},
    {"conforming.ist", SEL_CODE_CONFORMING | 3, IST_spare, GATE_INTERRUPT,
     "IV29",
     "a gate to conforming code keeps the CPL, yet takes its IST stack; SDM "
     "vol 2 INT n, Operation"},
};

static const struct target *target;
static const struct trigger *trigger;
static struct trapframe start, pushed;
static uint64_t top;

static unsigned cpl(void)
{
    return target->selector & 3;
}

static const struct stimulus *relay(void)
{
    static const struct stimulus inner = {.from = FROM_RING3,
                                          CODE(gate_rings_supervisor),
                                          .vector = RELAY,
                                          .software = true,
                                          .saved = SAVED_RESUME};
    static const struct stimulus user = {.from = FROM_RING3,
                                         CODE(gate_rings_user),
                                         .vector = RELAY,
                                         .software = true,
                                         .saved = SAVED_RESUME};

    return cpl() == 3 ? &user : &inner;
}

static void prepare(struct trapframe *c)
{
    struct gate g = gate_make(relay()->start, target->type, target->ist, 3);

    trigger_start(trigger, c);
    gate_descriptors();
    g.low = (g.low & ~GATE_SELECTOR(0xffff)) |
            GATE_SELECTOR(target->selector & ~3u);
    gate_lend(trigger->vector, g);
    gate_lend(RELAY, gate_make(capture_stubs[RELAY], GATE_INTERRUPT, 0, 3));
    top = cpl() < 3 ? STACK_TOP(STACK_spare) : c->rsp;
    if (target->ist) {
        top = c->rsp - USER_IST_BYTES;
        tss.ist[target->ist - 1] = top;
    } else if (cpl() < 3) {
        tss.rsp[cpl()] = top;
    }
    start = *c;
}

static void undo(void)
{
    trigger_stop(trigger);
    gdt_clear_spare();
    tss.rsp[1] = tss.rsp[2] = 0;
    tss.ist[IST_spare - 1] = STACK_TOP(STACK_spare);
}

/* On with the frame that lies on the first handler's stack. */
static void go_back(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    const struct stimulus *s = stimulus_now();
    const uint64_t *word = (const uint64_t *)o->frame.rsp;

    if (nth || o->frame.vector != RELAY)
        return;
    for (unsigned i = 0; i < FRAME_WORDS; i++)
        (&pushed.rip)[i] = word[i];
    f->rip = (uint64_t)s->resume;
    f->cs = pushed.cs;
    f->rflags = pushed.rflags & ~(uint64_t)FLAG_RF;
    f->rsp = pushed.rsp;
    f->ss = pushed.ss;
}

/* The state in the first handler is what the second entry saves. */
static void through_the_relay(const struct stimulus *s, struct want *w,
                              bool amd)
{
    struct wanted gate = w->event[1];
    struct trapframe c = start;
    uint64_t cleared = FLAG_TF | FLAG_NT | FLAG_RF;

    (void)amd;
    if (target->type == GATE_INTERRUPT)
        cleared |= FLAG_IF;
    c.cs = target->selector;
    c.rflags &= ~cleared;
    c.rsp = (top & ~15ull) - FRAME_WORDS * WORD;
    c.ss = cpl() < 3 ? cpl() : start.ss;
    c.rip = (uint64_t)relay()->start;
    want_at(w, 0, relay(), &c);
    /* The frame's RIP, too: pushed, it decides where this goes on. */
    if (pushed.rip != (uint64_t)(s->saved == SAVED_AT ? s->at : s->resume))
        w->event[0].o.frame.rip = 0;
    if (target->ist) /* at the same CPL: the manuals disagree */
        w->event[0].any |= ANY(saved_ss);
    w->event[1] = gate;
    w->count = 2;
}

static void run(const struct trigger *w, enum origin from)
{
    bool conforming = target->selector == (SEL_CODE_CONFORMING | 3);
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = prepare,
        .after = undo,
        .mend = go_back,
        .expect = through_the_relay,
        .confidence =
            conforming || !persona.intel ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
        .facts = target->facts,
        .why = target->why,
    };

    trigger = w;
    trigger_fill(&s, w, from);
    fmt(id, sizeof(id), "gate.to-%s.%s.%s", target->name, origin_ids[from],
        w->name);
    check_run(&s);
}

void case_gate_rings(void)
{
    for (unsigned i = 0; i < COUNT(targets); i++) {
        target = &targets[i];
        run(&triggers[TRIGGER_INT], FROM_RING3);
        run(&triggers[TRIGGER_INT], FROM_COMPAT);
        run(&triggers[TRIGGER_UD], FROM_RING3);
        run(&triggers[TRIGGER_UD], FROM_COMPAT);
    }
}
