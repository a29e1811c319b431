/* SPDX-License-Identifier: MIT */
/*
 * A debug trap and an interrupt at the same boundary: which comes first?
 *
 * A POPF that sets IF lets a pending interrupt in at once, there is no shadow
 * behind it.  If it is single-stepped too, or read its word from under a data
 * breakpoint, the trap comes first.  The interrupt follows behind the handler,
 * or, if #DB's gate is a trap gate and leaves IF set, before the handler's
 * first instruction: from ring 0, with the user's GS base.
 */
#include "apic.h"
#include "idt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/sequence.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

RING3(pending_popf3, "", "popf", "nop");
COMPAT(pending_popfc, "", "popf", "nop");
RING0(pending_popf0, "", "popf", "nop");

enum { TRAP_GATE = 1, WATCHED = 2 };

static void request(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();
    unsigned size = s->from == FROM_COMPAT ? 4 : 8;

    apic_request(VEC_self_ipi);
    c->rsp -= size;
    *(volatile uint32_t *)c->rsp = (uint32_t)(c->rflags | FLAG_IF | FLAG_IOPL);
    if (size == 8)
        *(volatile uint32_t *)(c->rsp + 4) = 0;
    c->rflags = (c->rflags | FLAG_IOPL) & ~(uint64_t)FLAG_IF;
    if (s->argument & WATCHED)
        debug_arm(0, c->rsp, DEBUG_ACCESS, 4);
    else
        debug_step(c);
    if (s->argument & TRAP_GATE)
        idt[VEC_db] = gate_make(capture_stubs[VEC_db], GATE_TRAP, IST_db, 0);
}

static void after(void)
{
    debug_off();
    idt[VEC_db] = gate_make(capture_stubs[VEC_db], GATE_INTERRUPT, IST_db, 0);
}

/* An interrupt's frame may lie where the watched word was. */
static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    sequence_mend(nth, o, f);
    if (o->frame.vector == VEC_db)
        write_dr7(DR7_CLEAR);
}

static void expect_both(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    q.c.rsp += s->from == FROM_COMPAT ? 4 : 8;
    q.c.rflags = (q.c.rflags | FLAG_IF) & ~(uint64_t)FLAG_TF;
    sequence_db(&q, s->resume, s->argument & WATCHED ? DR6_B(0) : DR6_BS);
    if (s->argument & TRAP_GATE) {
        /* There DR6 has been written, but nobody has read it. */
        sequence_in_handler(&q, VEC_self_ipi, 0)->any |= ANY(dr6);
    } else {
        sequence_event(&q, VEC_self_ipi, s->resume)->any |= ANY(dr7);
    }
    sequence_end(&q)->any |= ANY(dr7);
}

static const char why[] =
    "a debug trap comes before an interrupt at the same boundary; the IRQ "
    "comes "
    "at #DB's first instruction if its gate leaves IF set; SDM vol 3, 6.9";

#define BOTH(name, ring, origin, mode, setup)                                  \
    {                                                                          \
        .id = "pending." name "." ring, .from = origin,                        \
        CODE(pending_popf##mode), .vector = VEC_db, .argument = setup,         \
        .before = request, .after = after, .expect = expect_both,              \
        .mend = mend, .facts = "DB12 EV1 IR11", .why = why,                    \
    }
#define IN_ALL(name, setup)                                                    \
    BOTH(name, "ring3", FROM_RING3, 3, setup),                                 \
        BOTH(name, "compat", FROM_COMPAT, c, setup),                           \
        BOTH(name, "ring0", FROM_RING0, 0, setup)

static const struct stimulus stimuli[] = {
    IN_ALL("step-irq", 0),
    IN_ALL("step-irq.trap-gate", TRAP_GATE),
    IN_ALL("watch-irq", WATCHED),
    IN_ALL("watch-irq.trap-gate", WATCHED | TRAP_GATE),
};

void case_db_pending(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
