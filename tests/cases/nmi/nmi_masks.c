/* SPDX-License-Identifier: MIT */
/*
 * What does not hold an NMI off, and what it comes before.
 *
 * Not IF, not the task priority, not an interrupt in service, and not the local
 * APIC being switched off by software: an NMI goes past all of it.  And with a
 * maskable interrupt pending at the same boundary it is the first; the
 * interrupt comes behind its handler, or, if the NMI's gate is a trap gate and
 * leaves IF set, before that handler's first instruction.
 */
#include "apic.h"
#include "engine/engine.h"
#include "idt.h"
#include "insn.h"
#include "judge/diff.h"
#include "lib/lapic.h"
#include "lib/nmi_own.h"
#include "lib/sequence.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

#define TPR_HIGHEST 0xf0
#define SVR_ENABLE (1u << 8)

RING3(masks_nop3, "", "nop", "nop");
COMPAT(masks_nopc, "", "nop", "nop");
RING0(masks_nop0, "", "nop", "nop");

enum what {
    NO_IF,
    PRIORITY,
    DISABLED,
    IN_SERVICE,
    WITH_IRQ,
    IRQ_INSIDE,
    IRQ_AT_ONCE
};

/* Switching it off masks every LVT; the one that is not masked is put back. */
static uint32_t svr, lint0, lint1;

static void request(void)
{
    apic_request(VEC_self_ipi);
}

static volatile unsigned irqs;
static unsigned irqs_inside;

/* In the own NMI handler, with IF as its gate left it. */
static void wait_for_irq(void)
{
    WAIT_UNTIL(lapic_a_moment(), irqs);
    irqs_inside = irqs;
}

static void before(struct trapframe *c)
{
    switch ((enum what)stimulus_now()->argument) {
    case NO_IF:
        c->rflags &= ~(uint64_t)FLAG_IF;
        break;
    case PRIORITY:
        apic_write(APIC_TPR, TPR_HIGHEST);
        break;
    case DISABLED:
        svr = apic_read(APIC_SVR);
        lint0 = apic_read(APIC_LVT_LINT0);
        lint1 = apic_read(APIC_LVT_LINT1);
        apic_write(APIC_SVR, svr & ~SVR_ENABLE);
        break;
    case IRQ_INSIDE:
        nmi_own_use(IST_nmi, wait_for_irq, nmi_exit_iretq, IST_spare);
        idt[VEC_nmi].low |= (uint64_t)GATE_TRAP << 40;
        irqs = irqs_inside = 0;
        request();
        break;
    case IRQ_AT_ONCE:
        idt[VEC_nmi] = gate_make(capture_stubs[VEC_nmi], GATE_TRAP, IST_nmi, 0);
        request();
        break;
    case IN_SERVICE:
    case WITH_IRQ:
        request();
        break;
    }
}

static void after(void)
{
    apic_write(APIC_TPR, 0);
    if (stimulus_now()->argument == DISABLED) {
        apic_write(APIC_SVR, svr);
        apic_write(APIC_LVT_LINT0, lint0);
        apic_write(APIC_LVT_LINT1, lint1);
    }
    idt[VEC_nmi] =
        gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, IST_nmi, 0);
}

/* The interrupt gets no EOI until the NMI has been. */
static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    irqs += o->frame.vector == VEC_self_ipi;
    if (stimulus_now()->argument != IN_SERVICE)
        return;
    if (o->frame.vector == VEC_self_ipi)
        engine_go_with_nmi(f);
    apic_eoi();
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    if (s->argument == IN_SERVICE)
        sequence_event(&q, VEC_self_ipi, s->at);
    if (s->argument == IRQ_INSIDE) {
        q.c = nmi_own_context(&q.c, IST_nmi);
        q.c.rflags |= FLAG_IF;
        sequence_event(&q, VEC_self_ipi, s->at)->any |=
            ANY_GENERAL | ANY(rip) | ANY(rsp) | ANY(saved_rsp) |
            ANY(saved_rflags) | ANY(rflags) | ANY(saved_ss) | ANY(ss);
        q.c = *stimulus_context();
        sequence_end(&q);
        return;
    }
    sequence_event(&q, VEC_nmi, s->at);
    if (s->argument == IRQ_AT_ONCE)
        sequence_in_handler(&q, VEC_self_ipi, 0);
    if (s->argument == WITH_IRQ)
        sequence_event(&q, VEC_self_ipi, s->at);
    sequence_end(&q);
}

static void also(const struct stimulus *s, struct diff *d)
{
    if (s->argument == IRQ_INSIDE)
        diff_hex(d, "IRQs inside the handler", 1, irqs_inside);
}

static const char why[] =
    "an NMI is held off by nothing but another NMI, and comes before maskable "
    "interrupts; SDM vol 3, Nonmaskable Interrupt, and 6.9";

#define MASK(name, ring, origin, mode, what, ...)                              \
    {                                                                          \
        .id = "nmi-mask." name "." ring, .from = origin,                       \
        CODE(masks_nop##mode), .vector = VEC_nmi, .argument = what,            \
        .before = before, .after = after, .mend = mend, .expect = expect,      \
        .also = also, .why = why, __VA_ARGS__                                  \
    }
#define IN_ALL(name, what, ...)                                                \
    MASK(name, "ring3", FROM_RING3, 3, what, __VA_ARGS__),                     \
        MASK(name, "compat", FROM_COMPAT, c, what, __VA_ARGS__),               \
        MASK(name, "ring0", FROM_RING0, 0, what, __VA_ARGS__)

static const struct stimulus stimuli[] = {
    IN_ALL("if", NO_IF, .nmi = true, .facts = "NM7"),
    IN_ALL("tpr", PRIORITY, .nmi = true, .facts = "NM7 AP4"),
    IN_ALL("apic-disabled", DISABLED, .nmi = true, .facts = "NM7 AP9"),
    IN_ALL("in-service", IN_SERVICE, .no_eoi = true, .facts = "NM7 AP4"),
    IN_ALL("irq", WITH_IRQ, .nmi = true, .facts = "NM11 EV1"),
    IN_ALL("irq.trap-gate", IRQ_INSIDE, .nmi = true, .facts = "NM11 EV1"),
    IN_ALL("irq.at-once", IRQ_AT_ONCE, .nmi = true, .facts = "NM11 EV1",
           .confidence = CONFIDENCE_MEDIUM),
};

void case_nmi_masks(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
