/* SPDX-License-Identifier: MIT */
/*
 * RF in the image: what tells a fault from a trap.
 *
 * RF suppresses an instruction breakpoint for one instruction.  A fault saves
 * it set, so that its handler returns past a breakpoint on the faulting
 * instruction, which has fired already; a software interrupt saves it clear,
 * even if it was set before (it is cleared when the instruction starts); an
 * interrupt or NMI between two instructions saves it as it stood.  In the
 * handler it is always clear.  A debugger on a machine that gets this wrong
 * sees breakpoints twice, or loses them.
 */
#include "fmt.h"
#include "lib/origin.h"
#include "lib/triggers.h"
#include "msr.h"

static const struct trigger *trigger;
static bool set;

static void prepare(struct trapframe *c)
{
    trigger_start(trigger, c);
    if (set)
        c->rflags |= FLAG_RF;
}

static void undo(void)
{
    trigger_stop(trigger);
}

static void cleared_at_its_start(const struct stimulus *s, struct want *w,
                                 bool amd)
{
    (void)amd;
    if (s->saved == SAVED_RESUME)
        w->event[0].o.frame.rflags &= ~(uint64_t)FLAG_RF;
}

static void run(const struct trigger *w, enum origin from)
{
    bool between = w->nmi || w->saved == SAVED_WITHIN;
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = prepare,
        .after = undo,
        .expect = cleared_at_its_start,
        .in_full = true,
        .confidence = between ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
        .facts = "IV18 IV1",
        .why = "RF is saved set by faults, clear by INT n, INT3, INT1, and as "
               "it stands by IRQ, NMI; SDM vol 3, Instruction-Breakpoint "
               "Exception Condition",
    };

    trigger = w;
    trigger_fill(&s, w, from);
    if (between)
        s.saved = SAVED_AT; /* before the first instruction, or RF is gone */
    if (between && !set)
        s.skipped_after = deviation_of_rf(w->vector, from != FROM_RING0);
    fmt(id, sizeof(id), "rf.%s.%s.%s", set ? "set" : "clear", origin_ids[from],
        w->name);
    check_run(&s);
}

void case_int_rf(void)
{
    for (unsigned w = 0; w < TRIGGER_COUNT; w++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            if (!triggers[w].code[from].start)
                continue;
            set = false;
            run(&triggers[w], from);
            set = true; /* for those that are the first instruction */
            if (triggers[w].code[from].start == triggers[w].code[from].at)
                run(&triggers[w], from);
        }
}
