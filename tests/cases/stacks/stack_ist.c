/* SPDX-License-Identifier: MIT */
/*
 * IST: seven stacks that an event gets whatever it interrupts.
 *
 * A gate with a slot of the Interrupt Stack Table takes its stack from there,
 * always at the top, from ring 3 and from ring 0 alike; RSP0 is not even
 * read, so it may be as bad as it likes.  That is why NMI, #DB and #DF can be
 * survived in the window where a kernel still stands on the user's stack, and
 * also why the same slot must not be entered twice (stack_nested).
 *
 * What SS holds afterwards where the privilege level does not change is a
 * question that Intel's manual answers twice: NULL (vol 3, Stack Switching in
 * IA-32e Mode) and unchanged (vol 2, INT n).  It is told, not judged.
 */
#include "fmt.h"
#include "gdt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

#define IST_SLOTS 7
#define NONCANONICAL 0xaaaaaaaaaaaaaaa0

static const enum trigger_id events[] = {TRIGGER_INT, TRIGGER_INT1,
                                         TRIGGER_UD,  TRIGGER_GP,
                                         TRIGGER_IRQ, TRIGGER_NMI};
#define EVENTS (COUNT(events))

static const struct trigger *trigger;
static unsigned slot;
static bool bad_rsp0;
static uint16_t seen_ss;

static void lend_slot(struct trapframe *c)
{
    trigger_start(trigger, c);
    gate_lend_ist(trigger->vector, slot);
    if (bad_rsp0)
        tss.rsp[0] = NONCANONICAL;
}

static void undo(void)
{
    trigger_stop(trigger);
    tss.rsp[0] = STACK_TOP(STACK_rsp0);
}

static void run(const struct trigger *w, enum origin from)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = lend_slot,
        .after = undo,
        .facts = bad_rsp0 ? "IV38 IV12" : "IV12 IV41",
        .why = bad_rsp0 ? "a gate with an IST slot does not read RSP0, which "
                          "may be non-canonical; SDM vol 2 INT n, Operation"
                        : "a gate's IST slot gives the stack from any CPL, at "
                          "its top; SDM vol 3, Interrupt Stack Table",
    };

    trigger = w;
    trigger_fill(&s, w, from);
    fmt(id, sizeof(id), "stack.ist%u.%s.%s%s", slot, origin_ids[from], w->name,
        bad_rsp0 ? ".bad-rsp0" : "");
    check_run(&s);
}

static void note_ss(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    (void)f;
    if (nth == 0)
        seen_ss = o->ss;
}

/* As the other text says, so that what was seen is told. */
static void the_other_way(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    w->event[0].any &= ~ANY(ss);
    w->event[0].o.ss = seen_ss ? 0 : SEL_KERNEL_SS;
}

static void tell_ss(void)
{
    struct stimulus s = {
        .id = "stack.ist.ring0.ss",
        .before = lend_slot,
        .after = undo,
        .mend = note_ss,
        .expect = the_other_way,
        .confidence = CONFIDENCE_VALUE,
        .facts = "IV11 IV12 IV42",
        .why = "SS after an IST gate at the same CPL: vol 3 says NULL, vol 2 "
               "INT n leaves it alone; seen is what this processor does",
    };

    slot = IST_spare;
    trigger = &triggers[TRIGGER_INT];
    trigger_fill(&s, trigger, FROM_RING0);
    check_run(&s);
}

void case_stack_ist(void)
{
    for (slot = 1; slot <= IST_SLOTS; slot++)
        for (unsigned e = 0; e < EVENTS; e++)
            for (enum origin from = 0; from < FROM_COUNT; from++) {
                run(&triggers[events[e]], from);
                bad_rsp0 = from != FROM_RING0;
                if (bad_rsp0)
                    run(&triggers[events[e]], from);
                bad_rsp0 = false;
            }
    tell_ss();
}
