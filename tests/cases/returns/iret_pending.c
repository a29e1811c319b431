/* SPDX-License-Identifier: MIT */
/*
 * What is pending when an IRET opens the door.
 *
 * IRET casts no shadow: an interrupt that waits for IF, or an NMI that waits
 * for the end of the one before, is taken before the first instruction of the
 * target, whose address is on its frame.  And every IRET ends the blocking of
 * NMIs, one in ring 3 too, though no NMI handler ever runs there: a kernel
 * that leaves its NMI handler by LRET or SYSRET is in for a surprise.
 */
#include "apic.h"
#include "engine/persona.h"
#include "fmt.h"
#include "insn.h"
#include "lib/lapic.h"
#include "lib/ret.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"

static void before_irq(struct trapframe *c)
{
    ret_before(c);
    apic_request(VEC_self_ipi);
}

/* The interrupt on the first instruction of the target. */
static void expect_irq(const struct stimulus *s, struct want *w, bool amd)
{
    const struct ret *r = (const struct ret *)s->argument;
    struct trapframe a = ret_arrive(r, stimulus_context());
    struct stimulus there = *s;

    (void)amd;
    there.at = (const char *)a.rip;
    ret_want_at(w, 0, &there, &a);
    there.vector = VEC_gate;
    ret_want_at(w, 1, &there, &a);
}

static void run_irq(const struct ret_form *way)
{
    struct ret r = {
        .from = way->from,
        .by = way->by,
        .frame = ret_frame_to(way->to),
        /* In ring 3 IF can be changed with IOPL 3 alone. */
        .rflags = FLAG_ONE | (way->from == FROM_RING0 ? 0 : FLAG_IOPL),
    };
    struct stimulus s = ret_stimulus(&r);
    char id[44];

    fmt(id, sizeof(id), "%s.%s.irq-pending", way->name, ret_way(&r, way->to));
    s.id = id;
    s.vector = VEC_self_ipi;
    s.before = before_irq;
    s.expect = expect_irq;
    s.mend = 0;
    s.confidence = CONFIDENCE_MEDIUM;
    s.facts = "IR11";
    s.why = "IRET that sets IF has no shadow: a pending interrupt comes before "
            "the first instruction of the target; SDM vol 2 IRET";
    check_run(&s);
}

RING3(pending_nmi3, "", "nop", "");
COMPAT(pending_nmi32, "", "nop", "");
RING0(pending_nmi0, "", "nop", "");

static void latch_nmi(unsigned nth)
{
    if (nth)
        return;
    apic_send_self(APIC_DELIVER_NMI, 0);
    WAIT_UNTIL(lapic_a_moment(), false);
}

#define LATCHED(name, origin, code)                                            \
    {                                                                          \
        .id = "iretq.ring0-" name ".nmi-latched", .from = origin, CODE(code),  \
        .vector = VEC_nmi, .nmi = true, .entries = 2, .in_handler = latch_nmi, \
        .facts = "IR10 NM2",                                                   \
        .why = "the NMI that was latched during another comes right behind "   \
               "its IRET, before the target's first instruction; SDM vol 3, "  \
               "6.7.1",                                                        \
    }

static const struct stimulus latched[] = {
    LATCHED("ring3", FROM_RING3, pending_nmi3),
    LATCHED("compat", FROM_COMPAT, pending_nmi32),
    LATCHED("ring0", FROM_RING0, pending_nmi0),
};

/* Builds an IRETQ frame to the next instruction, all in ring 3. */
RING3(pending_iretq3, "",
      "mov %ss, %eax\nmov %rsp, %rdx\npush %rax\npush %rdx\npushfq\n"
      "mov %cs, %eax\npush %rax\nlea pending_iretq3_resume(%rip), %rax\n"
      "push %rax\niretq",
      "");

/* To ring 3 out of the NMI's handler without an IRET. */
_Noreturn void lretq_to(uint64_t rip, uint64_t rsp);
__asm__(".pushsection .text,\"ax\"\nlretq_to:\n"
        "push $" STRING(
            SEL_USER_SS) "\npush %rsi\n"
                         "push $" STRING(
                             SEL_USER_CS64) "\npush %rdi\nlretq\n.popsection");

static void leave_blocked(unsigned nth, const struct outcome *o,
                          struct trapframe *f)
{
    (void)o;
    if (nth)
        return;
    latch_nmi(0);
    lretq_to(f->rip, f->rsp);
}

static void expect_unblocked(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe a = *stimulus_context();
    struct stimulus there = *s;

    (void)amd;
    w->event[0].any |= ANY_GENERAL; /* ... and it goes on with none of them */
    a.rflags = FLAG_ONE;
    there.saved = SAVED_RESUME;
    want_at(w, 1, &there, &a);
    there.entries = 0;
    there.vector = VEC_gate;
    want_at(w, 2, &there, &a);
    w->event[1].any |= ANY_GENERAL;
    w->event[2].any |= ANY_GENERAL;
}

void case_iret_pending(void)
{
    struct stimulus unblocks = {
        .id = "iretq.ring3-ring3.nmi-unblocked",
        .from = FROM_RING3,
        CODE(pending_iretq3),
        .vector = VEC_nmi,
        .nmi = true,
        .flags_changed = ARITHMETIC_FLAGS,
        .expect = expect_unblocked,
        .mend = leave_blocked,
        .confidence = persona.intel ? CONFIDENCE_MEDIUM : CONFIDENCE_VALUE,
        .facts = "IR17",
        .why = "any IRET ends the blocking of NMIs, one in ring 3 too; SDM vol "
               "3, 6.7.1",
    };

    for (unsigned i = 0; i < IRET_FORMS; i++)
        run_irq(&ret_forms[i]);
    for (unsigned i = 0; i < COUNT(latched); i++)
        check_run(&latched[i]);
    check_run(&unblocks);
}
