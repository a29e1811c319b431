/* SPDX-License-Identifier: MIT */
/*
 * #MC where it is worst: between SYSCALL and SWAPGS, and among NMIs.
 *
 * A machine check can land behind SYSCALL, on the user's GS base and with a
 * frame that says "ring 0".  An NMI being handled does not hold it off; but
 * its IRET ends the blocking of NMIs, so one that is held comes in the middle
 * of the first one's handler.  The other way round, #MC holds off no NMI.
 *
 * None of that can be made by an instruction: the run script injects, as in
 * mc.c.  With CR4.MCE clear, or MCIP still set, a machine check is a shutdown:
 * not tried at all.
 */
#include "engine/persona.h"
#include "engine/watchdog.h"
#include "handoff.h"
#include "idt.h"
#include "insn.h"
#include "judge/diff.h"
#include "lib/inject.h"
#include "lib/nmi_own.h"
#include "lib/sequence.h"
#include "macros.h"
#include "msr.h"
#include "patience.h"
#include "record/result.h"
#include "stacks.h"
#include "syscall.h"
#include "vectors.h"

#define BANK_STATUS(n) (0x401 + 4 * (n))
#define BANK_COUNT 0xff /* bits of MCG_CAP */
#define SECONDS 10      /* as in mc.c */
#define GRANTED 20      /* by the watchdog, for that */

RING3(nested_syscall, "", "syscall", "nop");
RING3(nested_nop3, "", "nop", "");
RING0(nested_nop0, "", "nop", "");
RING3(nested_wait3, "", WAIT, "");

/* SYSCALL leads here: the capture stub, but not before the machine check. */
RING0(nested_window, "push %rax\npush %rdx", WAIT,
      "pop %rdx\npop %rax\njmp capture_syscall64");

static volatile unsigned machine_checks, nmis;
static unsigned inside; /* of what is asked for, before the handler's IRET */

static void ask(void)
{
    machine_checks = nmis = inside = 0;
    stimulus_deadline = rdtsc() + SECONDS * handoff.tsc_hz;
    inject_ask();
}

static void lead_to_window(struct trapframe *c)
{
    wrmsr(MSR_LSTAR, (uint64_t)nested_window);
    watchdog_grant(GRANTED);
}

/* In an NMI's handler, another NMI held: the #MC comes, and then that. */
static void hook_nmi(void)
{
    nmi_own_send();
    ask();
    WAIT_UNTIL(SECONDS * handoff.tsc_hz, machine_checks);
    inside = nmis;
}

static void ask_in_nmi(struct trapframe *c)
{
    watchdog_grant(GRANTED);
    nmi_own_use(IST_nmi, hook_nmi, nmi_exit_iretq, IST_spare);
}

/* In #MC's handler: an NMI is not held off. */
static void hook_mc(void)
{
    machine_checks++;
    inject_came();
    wrmsr(MSR_MCG_STATUS, 0);
    nmi_own_send();
    WAIT_UNTIL(handoff.tsc_hz, nmis);
    inside = nmis;
    stimulus_stop = 1;
}

static void take_as_nmi(struct trapframe *c)
{
    nmi_own_use(IST_mc, hook_mc, nmi_exit_iretq, IST_spare);
    idt[VEC_mc] = idt[VEC_nmi];
    watchdog_grant(GRANTED);
}

static void after(void)
{
    uint64_t cap = 0;
    unsigned banks = msr_read(MSR_MCG_CAP, &cap) ? cap & BANK_COUNT : 0;

    wrmsr(MSR_LSTAR, (uint64_t)capture_syscall64);
    wrmsr(MSR_MCG_STATUS, 0);
    for (unsigned i = 0; i < banks; i++)
        wrmsr(BANK_STATUS(i), 0);
    nmi_own_done();
    idt[VEC_mc] = gate_make(capture_stubs[VEC_mc], GATE_INTERRUPT, IST_mc, 0);
}

static void mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    machine_checks += o->frame.vector == VEC_mc;
    nmis += o->frame.vector == VEC_nmi;
    if (o->frame.vector == VEC_mc) {
        inject_came();
        stimulus_stop_spinning(nth);
    }
}

/* In harness code, or waiting: what is there is no business of the check. */
#define SOMEWHERE                                                              \
    (ANY_GENERAL | ANY(rip) | ANY(saved_rsp) | ANY(saved_rflags) |             \
     ANY(rflags) | ANY(saved_ss) | ANY(ss))

static void expect_in_window(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;
    struct wanted *e;

    sequence_begin(&q, s, w);
    sequence_event(&q, VEC_SYSCALL64, s->resume)->any_flags |= ARITHMETIC_FLAGS;
    e = sequence_in_handler(&q, VEC_mc, 0);
    e->o.frame.rsp -= 16; /* the waiting has pushed two */
    e->any |= ANY(rip) | ANY(rax) | ANY(rdx);
    sequence_end(&q);
}

static void expect_in_nmi(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;
    struct wanted *e;

    sequence_begin(&q, s, w);
    q.c = nmi_own_context(&q.c, IST_nmi);
    e = sequence_event(&q, VEC_mc, s->at);
    e->any |= SOMEWHERE;
    e = sequence_event(&q, VEC_nmi, s->at);
    e->any |= SOMEWHERE;
    e->o.rsp = STACK_TOP(STACK_spare) - sizeof(nmi_own_frame);
    q.c = *stimulus_context();
    sequence_end(&q);
}

static void expect_nmi_inside(const struct stimulus *s, struct want *w,
                              bool amd)
{
    struct sequence q;
    struct wanted *e;

    sequence_begin(&q, s, w);
    q.c = nmi_own_context(&q.c, IST_mc);
    e = sequence_event(&q, VEC_nmi, s->at);
    e->any |= SOMEWHERE;
    e->o.rsp = STACK_TOP(STACK_spare) - sizeof(nmi_own_frame);
    q.c = *stimulus_context();
    sequence_end(&q);
}

static void also(const struct stimulus *s, struct diff *d)
{
    if (s->before != lead_to_window)
        diff_hex(d, "NMIs inside the handler", 1, inside);
}

static const char *not_sent(const struct stimulus *s)
{
    (void)s;
    return machine_checks ? 0 : "no machine check came in time";
}

static const char *unfit(const struct stimulus *s)
{
    return !persona.qemu ? "nothing here can inject a machine check"
           : !handoff.options.inject || !handoff.serial
               ? "no run script listens on the serial line"
               : 0;
}

static const char why_window[] =
    "a machine check can come before SWAPGS: frame from ring 0, the user's GS "
    "base "
    "and stack; SDM vol 3, Machine-Check Architecture";
static const char why_nmi[] = "an NMI being handled holds no #MC off, and its "
                              "IRET lets the held NMI in; SDM "
                              "vol 3, Handling Multiple NMIs";

#define NESTED(name, origin, code, setup, wants, ...)                          \
    {                                                                          \
        .id = "mc." name, .from = origin, CODE(nested_##code),                 \
        .before = setup, .after = after, .mend = mend, .expect = wants,        \
        .also = also, .unfit = unfit, .missed = not_sent,                      \
        .confidence = CONFIDENCE_MEDIUM, __VA_ARGS__                           \
    }

static const struct stimulus stimuli[] = {
    NESTED("window", FROM_RING3, syscall, lead_to_window, expect_in_window,
           .vector = VEC_SYSCALL64, .clobbers = REG_RCX | REG_R11, .send = ask,
           .facts = "MC1 GS15 GS10", .why = why_window),
    NESTED("in-nmi.ring3", FROM_RING3, nop3, ask_in_nmi, expect_in_nmi,
           .vector = VEC_nmi, .nmi = true, .facts = "MC2 MC3 NM3",
           .why = why_nmi),
    NESTED("in-nmi.ring0", FROM_RING0, nop0, ask_in_nmi, expect_in_nmi,
           .vector = VEC_nmi, .nmi = true, .facts = "MC2 MC3 NM3",
           .why = why_nmi),
    NESTED("nmi-inside", FROM_RING3, wait3, take_as_nmi, expect_nmi_inside,
           .send = ask, .vector = VEC_mc, .clobbers = WAIT_CLOBBERS,
           .flags_changed = ARITHMETIC_FLAGS, .facts = "MC2", .why = why_nmi),
};

void case_mc_nested(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
