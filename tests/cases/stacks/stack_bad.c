/* SPDX-License-Identifier: MIT */
/*
 * Stacks that cannot be pushed to: not canonical, not there, read-only.
 *
 * RSP0, an IST slot or ring 0's own RSP may be bad when an event needs it.
 * The push then faults, #SS or #PF, in the old context; a #PF has U clear
 * even from ring 3, for it was the processor that wrote.  If the fault's own
 * handler is to run on the same bad stack, or if the event was an exception
 * that composes so, #DF is what comes: that is why #DF has an IST slot, and
 * what a kernel's stack overflow looks like.
 *
 * #SS's error code is told only: Intel's pseudo-code has EXT in it, the prose
 * and AMD have 0 or the new SS selector, which is null.
 */
#include "fmt.h"
#include "gdt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "macros.h"
#include "page.h"
#include "stacks.h"
#include "vectors.h"

#define NONCANONICAL 0xaaaaaaaaaaaaaaa0
#define PF_PRESENT 1
#define PF_WRITE 2

enum badness { NOT_CANONICAL, ABSENT, READ_ONLY, BADNESSES };
enum where { RSP0, IST, OWN, WHERES };

static const char *const badness_names[] = {"noncanon", "absent", "readonly"};
static const char *const where_names[] = {"rsp0", "ist", "own"};

static const struct trigger *trigger;
static enum badness badness;
static enum where where;
static bool handler_ist; /* the fault's handler has a good stack of its own */
static uint64_t top;     /* the bad stack's */
static uint64_t page;

static unsigned fault_vector(void)
{
    return badness == NOT_CANONICAL ? VEC_ss : VEC_pf;
}

static void spoil(struct trapframe *c)
{
    static const enum stack stacks[WHERES] = {STACK_rsp0, STACK_harness_db,
                                              STACK_ring0};
    enum stack s = stacks[where];

    trigger_start(trigger, c);
    top = badness == NOT_CANONICAL ? NONCANONICAL
          : badness == ABSENT      ? STACK_BOTTOM(s)
                                   : STACK_TOP(s);
    if (badness == READ_ONLY) {
        page = *page_entry(top - 1);
        page_set(top - 1, page & ~PAGE_WRITE);
    }
    if (where == RSP0)
        tss.rsp[0] = top;
    if (where == OWN)
        c->rsp = top;
    if (where == IST) {
        tss.ist[IST_harness_db - 1] = top;
        gate_lend_ist(trigger->vector, IST_harness_db);
    }
    if (handler_ist)
        gate_lend_ist(fault_vector(), IST_spare);
}

static void undo(void)
{
    trigger_stop(trigger);
    tss.rsp[0] = STACK_TOP(STACK_rsp0);
    tss.ist[IST_harness_db - 1] = STACK_TOP(STACK_harness_db);
    if (badness == READ_ONLY)
        page_set(top - 1, page);
}

static void what_is_open(const struct stimulus *s, struct want *w, bool amd)
{
    (void)amd;
    push_want(s, w, top);
}

static void fill(struct stimulus *s, const struct trigger *w, enum origin from)
{
    bool serial = w->class == BENIGN ||
                  (w->class == CONTRIBUTORY && badness != NOT_CANONICAL);
    uint64_t error = badness == NOT_CANONICAL ? !w->software
                     : badness == ABSENT      ? PF_WRITE
                                              : PF_WRITE | PF_PRESENT;

    trigger = w;
    s->before = spoil;
    s->after = undo;
    s->mend = push_note_cr2;
    s->expect = what_is_open;
    if (serial && (handler_ist || where == IST)) {
        trigger_fails(s, w, from, fault_vector(), error);
    } else {
        trigger_fails(s, w, from, VEC_df, 0);
        s->saved = SAVED_ANY;
    }
}

static void run(const struct trigger *w, enum origin from)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .facts = "IV14",
        .why = "a push to a bad stack is #SS or #PF (U=0) in the old context, "
               "#DF if its handler has no other stack; SDM vol 3, Interrupt 8",
    };

    fill(&s, w, from);
    fmt(id, sizeof(id), "stack.%s.%s.%s.%s%s", badness_names[badness],
        where_names[where], origin_ids[from], w->name,
        handler_ist ? ".ist" : "");
    check_run(&s);
}

static void tell_error(const struct trigger *w)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .confidence = CONFIDENCE_VALUE,
        .facts = "IV14",
        .why = "#SS for a non-canonical new stack: EXT alone by INT's "
               "pseudo-code, 0 by the prose; seen is what this one pushes",
    };

    where = RSP0;
    badness = NOT_CANONICAL;
    handler_ist = true;
    fill(&s, w, FROM_RING3);
    fmt(id, sizeof(id), "stack.noncanon.%s.error-code", w->name);
    check_run(&s);
}

static void run_all(enum origin from)
{
    static const enum trigger_id events[] = {
        TRIGGER_INT, TRIGGER_UD, TRIGGER_IRQ, TRIGGER_GP, TRIGGER_PF};

    for (unsigned e = 0; e < COUNT(events); e++)
        /* With a stack of its own, #PF is not to fault at all. */
        if (!handler_ist || triggers[events[e]].vector != fault_vector())
            run(&triggers[events[e]], from);
}

void case_stack_bad(void)
{
    for (badness = 0; badness < BADNESSES; badness++)
        for (unsigned ist = 0; ist < 2; ist++) {
            handler_ist = ist;
            where = RSP0;
            run_all(FROM_RING3);
            run_all(FROM_COMPAT);
            where = OWN;
            run_all(FROM_RING0);
            where = IST; /* the handler's stack is a good one either way */
            for (enum origin from = 0; from < FROM_COUNT && !ist; from++)
                run_all(from);
        }
    tell_error(&triggers[TRIGGER_INT]);
    tell_error(&triggers[TRIGGER_UD]);
}
