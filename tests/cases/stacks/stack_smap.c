/* SPDX-License-Identifier: MIT */
/*
 * The kernel's stack on a page of the user's, with SMAP on.
 *
 * SMAP forbids a supervisor the user's pages unless AC is set.  The frame
 * that an event pushes is written by a supervisor, too: so with AC clear the
 * push is #PF (present, write, U clear), and #DF if the #PF wants the same
 * stack.  That is what saves a kernel whose RSP was left to the user: SYSCALL
 * loads none.  AC is still the program's own at that moment; whether a set
 * one opens the page to the push the manual does not say, so that is told.
 */
#include "cpu.h"
#include "engine/payload.h"
#include "fmt.h"
#include "gdt.h"
#include "insn.h"
#include "lib/gate_defects.h"
#include "lib/origin.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

#define USER_PAGE 0x1000 /* below the program's own RSP */
#define PF_PRESENT 1
#define PF_WRITE 2

RING0(stack_smap_relay, "", "int $0x43", "");
#define RELAY 0x43 /* away from the user's page, where C code cannot run */

static const struct trigger *trigger;
static bool ist, ac;
static uint64_t top;
static struct trapframe start;

static void prepare(struct trapframe *c)
{
    trigger_start(trigger, c);
    if (ist)
        gate_lend_ist(VEC_pf, IST_spare);
    gate_lend(RELAY,
              gate_make(capture_stubs[RELAY], GATE_INTERRUPT, IST_spare, 0));
    gate_lend(trigger->vector,
              gate_make(stack_smap_relay, GATE_INTERRUPT, 0, 3));
    top = payload_context(FROM_RING3, stack_smap_relay).rsp & ~15ull;
    top -= USER_PAGE;
    if (c->cs & 3)
        tss.rsp[0] = top;
    else
        c->rsp = top;
    if (ac)
        c->rflags |= FLAG_AC;
    start = *c;
    write_cr4(read_cr4() | CR4_SMAP);
}

static void smap_off(void)
{
    write_cr4(read_cr4() & ~(uint64_t)CR4_SMAP);
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    smap_off();
    push_note_cr2(nth, o, f);
    if (o->frame.vector == RELAY) {
        *f = start;
        f->rip = (uint64_t)stimulus_now()->resume;
    }
}

static void undo(void)
{
    smap_off();
    trigger_stop(trigger);
    tss.rsp[0] = STACK_TOP(STACK_rsp0);
}

static void in_the_frame(const struct stimulus *s, struct want *w, bool amd)
{
    (void)amd;
    push_want(s, w, top);
}

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_SMAP) ? 0 : "the processor has no SMAP";
}

static void run(const struct trigger *w, enum origin from)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .before = prepare,
        .after = undo,
        .mend = mend,
        .expect = in_the_frame,
        .unfit = unfit,
        .confidence = ac ? CONFIDENCE_VALUE : CONFIDENCE_MEDIUM,
        .facts = "IV19",
        .why =
            ac ? "whether AC=1 opens a user page to the frame's push under "
                 "SMAP is not said: seen is what this one does; SDM vol 3, "
                 "Access Rights"
               : "the frame is pushed by a supervisor: with SMAP a user page "
                 "is #PF(3), U=0; SDM vol 3, Access Rights",
    };

    trigger = w;
    trigger_fails(&s, w, from, VEC_pf, PF_PRESENT | PF_WRITE);
    s.in_handler = 0; /* it would write to the user's data */
    if (!ist) {
        s.vector = VEC_df;
        s.error = 0;
        s.saved = SAVED_ANY;
    }
    fmt(id, sizeof(id), "stack.smap%s.%s.%s%s", ac ? ".ac" : "",
        origin_ids[from], w->name, ist ? ".ist" : "");
    check_run(&s);
}

void case_stack_smap(void)
{
    for (unsigned i = 0; i < 4; i++) {
        ac = i & 1;
        ist = i & 2;
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            run(&triggers[TRIGGER_INT], from);
            if (!ac)
                run(&triggers[TRIGGER_UD], from);
        }
    }
}
