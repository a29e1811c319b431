/* SPDX-License-Identifier: MIT */
/*
 * One IST slot, entered twice: the second frame overwrites the first.
 *
 * The processor starts at the top of the slot's stack each time and keeps no
 * count.  So a handler on an IST stack that lets another event of the same
 * slot in has lost its way back: this is what makes NMI handlers that fault
 * (and IRET, and thereby unmask NMI) so delicate, and why Linux copies the
 * NMI's frame before anything else.
 *
 * The first handler here goes on in ring 0, on the slot's own stack, as
 * handlers do, and raises the second event from there.
 */
#include "fmt.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "macros.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

RING0(stack_nested_int, "", "int $0x42", "");
RING0(stack_nested_ud, "", "ud2", "");

#define NESTED_VECTOR 0x42
#define HANDLER_BYTES 0x200 /* of the stack, that the first one has in use */
#define FRAME_WORDS 5

static const struct trigger *trigger;
static const struct stimulus nested_int = {.from = FROM_RING0,
                                           CODE(stack_nested_int),
                                           .vector = NESTED_VECTOR,
                                           .software = true,
                                           .saved = SAVED_RESUME};
static const struct stimulus nested_ud = {.from = FROM_RING0,
                                          CODE(stack_nested_ud),
                                          .vector = VEC_ud,
                                          .saved = SAVED_AT};
static const struct stimulus *nested;
static struct trapframe first, inside;
static bool overwritten;

static void lend(struct trapframe *c)
{
    trigger_start(trigger, c);
    gate_lend(trigger->vector, gate_make(capture_stubs[trigger->vector],
                                         GATE_INTERRUPT, IST_spare, 3));
    gate_lend(nested->vector, gate_make(capture_stubs[nested->vector],
                                        GATE_INTERRUPT, IST_spare, 0));
    overwritten = false;
}

static void undo(void)
{
    trigger_stop(trigger);
}

static bool frame_is(uint64_t rsp, const struct trapframe *f)
{
    const uint64_t *word = (const uint64_t *)rsp;

    for (unsigned i = 0; i < FRAME_WORDS; i++)
        if (word[i] != (&f->rip)[i])
            return false;
    return true;
}

static void go_on(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    static struct trapframe back;
    static uint64_t rsp;

    if (nth == 0) {
        rsp = o->rsp;
        first = o->frame;
        back = *f;
        f->rip = (uint64_t)nested->start;
        f->cs = SEL_KERNEL_CS;
        f->ss = SEL_KERNEL_SS;
        f->rsp = o->rsp - HANDLER_BYTES;
        inside = *f;
        return;
    }
    overwritten = frame_is(rsp, &o->frame) && !frame_is(rsp, &first);
    *f = back;
}

static void then_the_second(const struct stimulus *s, struct want *w, bool amd)
{
    struct wanted gate = w->event[1];

    (void)s, (void)amd;
    want_at(w, 1, nested, &inside);
    w->event[1].any |= ANY_GENERAL & w->event[0].any;
    w->event[1].any_flags |= w->event[0].any_flags;
    if (!overwritten) /* then not even this can be */
        w->event[1].o.rsp = 0;
    w->event[2] = gate;
    w->count = 3;
}

static void run(const struct trigger *w, enum origin from,
                const struct stimulus *second, const char *name)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = lend,
        .after = undo,
        .mend = go_on,
        .expect = then_the_second,
        .facts = "IV13",
        .why = "an IST stack is entered at its top each time: the second frame "
               "overwrites the first; SDM vol 3, Interrupt Stack Table",
    };

    trigger = w;
    nested = second;
    trigger_fill(&s, w, from);
    fmt(id, sizeof(id), "stack.nested.%s.%s.%s", w->name, name,
        origin_ids[from]);
    check_run(&s);
}

void case_stack_nested(void)
{
    static const enum trigger_id events[] = {TRIGGER_INT, TRIGGER_IRQ,
                                             TRIGGER_NMI};

    for (unsigned e = 0; e < COUNT(events); e++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            run(&triggers[events[e]], from, &nested_int, "int");
            run(&triggers[events[e]], from, &nested_ud, "ud");
        }
}
