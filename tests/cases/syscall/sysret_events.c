/* SPDX-License-Identifier: MIT */
/*
 * What is waiting when SYSRET gets to ring 3: a breakpoint, an interrupt.
 *
 * SYSRET clears RF whatever R11 has in it, so an instruction breakpoint on
 * the target fires.  An emulator that takes RF from R11 lets one instruction
 * through: the debugger's user sees a breakpoint that is not hit after a
 * system call.
 *
 * SYSRET with IF in R11 has no shadow: an interrupt that was pending in ring 0
 * with IF clear is taken at the target, with CS of ring 3, and never in ring
 * 0.  Between SWAPGS and SYSRET it would find ring 0 with the user's GS base.
 */
#include "apic.h"
#include "insn.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

RING0(sysret_events_q, "", "sysretq", "");
RING0(sysret_events_l, "", "sysretl", "");

#define DR6_B0 1

static bool is_wide(void)
{
    return stimulus_now()->start == sysret_events_q;
}

static void set(struct trapframe *c)
{
    c->rcx = (uint64_t)landing(is_wide());
    c->r11 = c->rflags | stimulus_now()->argument;
    c->rsp = user_stack_top();
}

static void set_breakpoint(struct trapframe *c)
{
    set(c);
    write_dr0(c->rcx);
    write_dr7(DR7_CLEAR | DR7_L0);
}

static void set_irq(struct trapframe *c)
{
    c->rflags &= ~(uint64_t)FLAG_IF;
    set(c);
    apic_request(VEC_self_ipi);
}

static void set_irq_ist(struct trapframe *c)
{
    set_irq(c);
    lend_ist(VEC_self_ipi, IST_spare);
}

/* The breakpoint's #DB is a fault, but its image has RF clear. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();

    do_sysret(&c, is_wide(), amd);
    if (s->before == set_breakpoint)
        want_event(w, 0, VEC_db, 0, DR6_B0, &c);
    else
        want_event(w, 0, VEC_self_ipi, 0, 0, &c);
    want_landed(w, 1, &c, is_wide());
}

static const char rf[] =
    "SYSRET clears RF, so a breakpoint on its target fires whatever R11 holds; "
    "SDM vol 2 SYSRET, APM vol 3 SYSRET";
static const char irq[] =
    "an interrupt pending at SYSRET with IF in R11 is taken at the target, in "
    "ring 3: SYSRET has no shadow; SDM vol 2 SYSRET, STI";

#define ROW(form, name, hook, r11, trust, fact, rule)                          \
    {                                                                          \
        .id = "sysret" #form "." name, .from = FROM_RING0,                     \
        CODE(sysret_events_##form), .vector = VEC_gate, .argument = r11,       \
        .before = hook, .expect = expect, .confidence = trust, .facts = fact,  \
        .why = rule,                                                           \
    }
#define ROWS(form)                                                             \
    ROW(form, "breakpoint.rf0", set_breakpoint, 0, CONFIDENCE_HIGH,            \
        "SC30 SC6", rf),                                                       \
        ROW(form, "breakpoint.rf1", set_breakpoint, FLAG_RF, CONFIDENCE_HIGH,  \
            "SC30 SC6", rf),                                                   \
        ROW(form, "irq-pending.no-ist", set_irq, FLAG_IF, CONFIDENCE_MEDIUM,   \
            "SC27", irq),                                                      \
        ROW(form, "irq-pending.ist", set_irq_ist, FLAG_IF, CONFIDENCE_MEDIUM,  \
            "SC27", irq)

static const struct stimulus stimuli[] = {ROWS(q), ROWS(l)};

void case_sysret_events(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        fastcall_run(&stimuli[i]);
}
