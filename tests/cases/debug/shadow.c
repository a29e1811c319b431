/* SPDX-License-Identifier: MIT */
/*
 * The shadow matrix: {nothing, STI, MOV SS, POP SS} x {INT n, INT3, ICEBP,
 * SYSCALL, SYSENTER, LCALL, a fault} x {data breakpoint, TF, IRQ, NMI}.
 *
 * MOV SS and POP SS hold off interrupts and debug traps until the next
 * instruction is through, so that SS and RSP can be loaded as a pair.  If that
 * next instruction enters ring 0, a data breakpoint that the MOV SS itself hit
 * is delivered there, before the handler's first instruction: with the user's
 * GS base, after SYSCALL on the user's stack, and with a frame that says
 * "kernel".  That was CVE-2018-8897, in nearly every kernel at once.
 *
 * What the followers do with a pending debug trap: INT n, INT3, SYSCALL,
 * SYSENTER and a call gate carry it into ring 0; ICEBP has it merged; a fault
 * loses it.  A single-step trap that MOV SS holds off is gone, for the
 * follower's own comes next: none of INT n, which clears TF, but one of
 * SYSENTER and of the call gate, which do not.
 *
 * STI holds off maskable interrupts alone, and only if IF was 0.  Whether it
 * holds off an NMI, or MOV SS does, is the processor's own business, and so is
 * STI before MOV SS: those cells are reported, not judged.  An IRQ cannot be
 * made pending by MOV SS itself, so the cells of MOV SS with IRQ are all of
 * that kind; shadow_row.c has the plain question.
 */
#include "lib/shadow.h"
#include "lib/origin.h"

#include "apic.h"
#include "engine/persona.h"
#include "fmt.h"
#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "judge/trial.h"
#include "layout.h"
#include "lib/debug.h"
#include "lib/sequence.h"
#include "stacks.h"
#include "vectors.h"

#define SHADOWS 4
#define EVENTS 4

static const char *const shadow_names[] = {"none", "sti", "mov-ss", "pop-ss"};
static const char *const event_names[] = {"watch", "tf", "irq", "nmi", "alone"};
static const char *const follower_names[] = {
    "int80", "int3", "icebp", "syscall", "sysenter", "lcall", "ud"};

struct shadow_cell shadow_cell;

static enum shadow_lead lead(void)
{
    static const enum shadow_lead leads[SHADOWS][EVENTS + 1] = {
        {LEAD_LOAD, LEAD_NOTHING, LEAD_NOTHING, LEAD_NOTHING, LEAD_NOTHING},
        {LEAD_STI_LOAD, LEAD_STI, LEAD_STI, LEAD_NMI_STI},
        {LEAD_MOV_SS, LEAD_MOV_SS, LEAD_STI_MOV_SS, LEAD_NMI_MOV_SS},
        {LEAD_POP_SS, LEAD_POP_SS, LEAD_STI_POP_SS, LEADS},
    };

    return leads[shadow_cell.shadow][shadow_cell.event];
}

/* --- the machine, before and after ------------------------------------------
 */

#define ICR_NMI (APIC_DELIVER_NMI | 1u << 14 /* level: assert */)

void shadow_gate_set(void)
{
    uint64_t target = (uint64_t)shadow_lcall_target;

    gdt[SHADOW_GATE / 8] = (target & 0xffff) | (uint64_t)SEL_KERNEL_CS << 16 |
                           0xecull << 40 | (target >> 16 & 0xffff) << 48;
    gdt[SHADOW_GATE / 8 + 1] = target >> 32;
}

void shadow_gate_clear(void)
{
    gdt[SHADOW_GATE / 8] = gdt[SHADOW_GATE / 8 + 1] = 0;
}

static void request_irq(void)
{
    apic_request(VEC_self_ipi);
}

static void before(struct trapframe *c)
{
    uint64_t watched = (uint64_t)&shadow_watched;

    shadow_gate_set();
    shadow_watched =
        shadow_cell.from == FROM_RING0 ? SEL_KERNEL_SS : SEL_USER_SS;
    if (shadow_pops()) {
        c->rsp -= 4;
        watched = c->rsp;
        *(volatile uint32_t *)watched = SEL_USER_SS;
    }
    if (shadow_cell.shadow == SHADOW_STI || shadow_cell.event == EVENT_IRQ) {
        c->rflags |= FLAG_IOPL; /* ring 3 may STI */
        if (shadow_cell.shadow != SHADOW_NONE)
            c->rflags &= ~(uint64_t)FLAG_IF;
    }
    switch (shadow_cell.event) {
    case EVENT_WATCH:
        debug_arm(0, watched, DEBUG_ACCESS, 2);
        break;
    case EVENT_TF:
        debug_step(c);
        break;
    case EVENT_IRQ:
        request_irq();
        break;
    case EVENT_NOTHING:
        break;
    case EVENT_NMI:
        if (shadow_cell.shadow == SHADOW_NONE)
            break; /* the engine's own */
        apic_write(APIC_ICR_HIGH, apic_read(APIC_ID));
        c->rbx = VA_APIC + APIC_ICR;
        c->rax = ICR_NMI;
    }
}

static void after(void)
{
    debug_off();
    shadow_gate_clear();
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    sequence_mend(nth, o, f);
    if (o->frame.vector == VEC_SYSENTER) { /* it has saved no flags */
        f->rflags = (f->rflags | FLAG_IF) & ~(uint64_t)FLAG_TF;
        f->rsp += shadow_pops() ? 4 : 0;
    }
}

/* --- the matrix --------------------------------------------------------------
 */

static const char why_watch[] =
    "a data breakpoint on MOV SS waits for the next instruction, even into "
    "ring "
    "0 (CVE-2018-8897); SDM vol 3, Masking Exceptions and Interrupts";
static const char why_tf[] =
    "MOV SS holds a single-step trap off for one instruction, STI does not; "
    "INT n "
    "clears TF, a call gate does not; SDM vol 3, Single-Step Exception";
static const char why_irq[] =
    "STI lets interrupts in after the instruction behind it, unless that masks "
    "them again; SDM vol 2 STI";
static const char why_nmi[] =
    "an NMI is taken between two instructions; whether STI or MOV SS holds it "
    "off "
    "for one is the processor's business; SDM vol 2 STI, MOV";
static const char why_alone[] = "a call gate to the caller's own level "
                                "switches no stack, and RSP keeps its "
                                "64 bits; SDM vol 2 CALL, 64-Bit Mode";
static const char *const whys[] = {why_watch, why_tf, why_irq, why_nmi,
                                   why_alone};
static const char *const facts[] = {"DB1 DB2 DB3 CG9", "DB8 DB9",
                                    "IR11 AP3 AP2", "NM6 NM1", "CG1"};

static enum confidence confidence(void)
{
    bool pending = shadow_cell.shadow >= SHADOW_MOV_SS;

    if (pending && shadow_cell.event == EVENT_IRQ)
        return CONFIDENCE_VALUE;
    if (shadow_cell.event == EVENT_NMI && shadow_cell.shadow != SHADOW_NONE)
        return CONFIDENCE_VALUE;
    if (shadow_cell.event == EVENT_IRQ && shadow_cell.shadow == SHADOW_NONE)
        return CONFIDENCE_MEDIUM;
    if (pending && shadow_cell.event == EVENT_WATCH &&
        (shadow_cell.follower == FOLLOWER_LCALL ||
         shadow_cell.vector == VEC_ud))
        return CONFIDENCE_MEDIUM;
    if (pending && shadow_cell.event == EVENT_WATCH && !persona.intel &&
        shadow_cell.follower == FOLLOWER_SYSCALL)
        return CONFIDENCE_MEDIUM; /* what DR6 and RIP then are, APM leaves */
    if (shadow_cell.event == EVENT_TF && shadow_cell.follower == FOLLOWER_ICEBP)
        return CONFIDENCE_MEDIUM;
    return CONFIDENCE_HIGH;
}

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    if (shadow_cell.follower == FOLLOWER_ICEBP && shadow_cell.vector != VEC_db)
        return "ICEBP raises no #DB here: int1.db tells";
    if (shadow_cell.follower == FOLLOWER_LCALL &&
        shadow_cell.event != EVENT_NOTHING && shadow_cell.vector != VEC_gate)
        return "the call gate fails by itself: see shadow.none.lcall.alone";
    if (shadow_cell.event == EVENT_NMI && shadow_cell.shadow != SHADOW_NONE &&
        apic_is_x2apic())
        return "made for an APIC in xAPIC mode";
    return 0;
}

unsigned shadow_probe(enum origin from, enum shadow_follower f)
{
    static struct trial t;
    struct stimulus s = shadow_stimulus(from, LEAD_NOTHING, f, VEC_ud);

    s.before = before;
    s.after = after;
    shadow_cell = (struct shadow_cell){from, SHADOW_NONE, f, EVENT_NOTHING, 0};
    trial_begin(&t, &s, 0);
    trial_capture(&t);
    return (unsigned)t.seen.event[0].frame.vector;
}

static void run(void)
{
    char id[44];
    struct stimulus s = shadow_stimulus(
        shadow_cell.from, lead(), shadow_cell.follower, shadow_cell.vector);

    if (!s.start)
        return;
    s.id = id;
    s.nmi = shadow_cell.event == EVENT_NMI && shadow_cell.shadow == SHADOW_NONE;
    s.confidence = confidence();
    s.by_vendor = confidence() == CONFIDENCE_VALUE;
    s.expect = shadow_expect;
    s.unfit = unfit;
    s.before = before;
    s.after = after;
    s.mend = mend;
    s.facts = facts[shadow_cell.event];
    s.why = whys[shadow_cell.event];
    fmt(id, sizeof(id), "shadow.%s.%s.%s.%s", shadow_names[shadow_cell.shadow],
        follower_names[shadow_cell.follower], event_names[shadow_cell.event],
        origin_ids[shadow_cell.from]);
    check_run(&s);
}

void case_shadow(void)
{
    for (unsigned o = 0; o < FROM_COUNT; o++)
        for (unsigned f = 0; f < FOLLOWERS; f++) {
            shadow_cell.vector = shadow_probe(o, f);
            if (f == FOLLOWER_LCALL)
                run(); /* nothing else asks of a gate at the same level */
            for (unsigned n = 0; n < SHADOWS * EVENTS; n++) {
                shadow_cell.shadow = n / EVENTS;
                shadow_cell.event = n % EVENTS;
                if (lead() != LEADS)
                    run();
            }
        }
}
