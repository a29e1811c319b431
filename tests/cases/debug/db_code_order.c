/* SPDX-License-Identifier: MIT */
/*
 * An instruction breakpoint and something else at the same boundary: which
 * comes first?
 *
 * Interrupts and NMIs come before it, and it fires when they return; if RF was
 * set when one came, their frame keeps RF, and it does not fire.  It comes
 * before the instruction's own faults, whose image then has RF set, so it does
 * not fire again when that is mended.  STI holds it off no more than other
 * debug exceptions.  MOV SS may: the manual says "may not be triggered", and
 * reports are what can be made of that.
 */
#include "apic.h"
#include "fmt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/sequence.h"
#include "macros.h"
#include "selectors.h"
#include "vectors.h"

#define UNMAPPED 0x20000000
#define NOP 1 /* its length in bytes */

#define EVERYWHERE(name, before, insn)                                         \
    RING3(order_##name##3, before, insn, "nop");                               \
    COMPAT(order_##name##c, before, insn, "nop");                              \
    RING0(order_##name##0, before, insn, "nop")

EVERYWHERE(nop, "", "nop");
EVERYWHERE(ud, "", "ud2");
EVERYWHERE(de, "", "div %ecx");
EVERYWHERE(pf, "", "mov %ss:(%ebx), %eax");
EVERYWHERE(np, "", "mov %ebx, %es");
EVERYWHERE(sti, "sti", "nop");
RING3(order_ss3, "mov order_ss, %ss", "nop", "nop");
COMPAT(order_ssc, "mov %cs:order_ss, %ss", "nop", "nop");
RING0(order_ss0, "mov order_ss, %ss", "nop", "nop");
COMPAT(order_pop_ssc, "pop %ss", "nop", "nop");

__attribute__((section(".user.data"), used)) volatile uint16_t order_ss;

enum event { IRQ, NMI, FAULT_OF_ITS_OWN, BEHIND_STI, BEHIND_SS, WATCHED_SS };
enum { RF_SET = 16, POPS = 32 }; /* besides, in the argument */

static enum event event(const struct stimulus *s)
{
    return s->argument & 15;
}

static void request(void)
{
    apic_request(VEC_self_ipi);
}

static void before(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();
    uint64_t loaded = (uint64_t)&order_ss;

    c->rcx = 0;
    c->rbx = s->vector == VEC_np ? SEL_NOT_PRESENT : UNMAPPED;
    order_ss = (uint16_t)c->ss;
    if (s->argument & POPS) {
        c->rsp -= 4;
        loaded = c->rsp;
        *(volatile uint32_t *)loaded = SEL_USER_SS;
    }
    if (s->argument & RF_SET)
        c->rflags |= FLAG_RF;
    if (event(s) == BEHIND_STI) {
        c->rflags |= FLAG_IOPL;
        c->rflags &= ~(uint64_t)FLAG_IF;
    }
    if (event(s) == IRQ)
        request();
    debug_arm(0, (uint64_t)s->at, DEBUG_EXECUTE, 1);
    if (event(s) == WATCHED_SS)
        debug_arm_too(1, loaded, DEBUG_ACCESS, 2);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    bool fires = !(s->argument & RF_SET);
    struct sequence q;

    sequence_begin(&q, s, w);
    if (s->argument & POPS)
        q.c.rsp += 4;
    switch (event(s)) {
    case IRQ:
        sequence_event(&q, VEC_self_ipi, s->at);
        break;
    case NMI:
        sequence_event(&q, VEC_nmi, s->at);
        break;
    case BEHIND_STI:
        q.c.rflags |= FLAG_IF;
        break;
    case BEHIND_SS:
        fires = amd; /* as may be: either is asked about */
        break;
    case WATCHED_SS: /* one, behind the next: whether it tells of both? */
        sequence_db(&q, s->at + NOP, DR6_B(1))->any |= ANY(dr6);
        fires = false;
        break;
    case FAULT_OF_ITS_OWN:
        break;
    }
    if (fires)
        sequence_db(&q, s->at, DR6_B(0));
    if (event(s) == FAULT_OF_ITS_OWN)
        sequence_event(&q, s->vector, s->at);
    sequence_end(&q);
}

static const char why[] =
    "interrupts come before an instruction breakpoint, and that before the "
    "instruction's faults; SDM vol 3, Priority Among Simultaneous Exceptions";
static const char why_ss[] =
    "MOV SS holds an instruction breakpoint on the next one off \"in most "
    "situations\"; SDM vol 3, Instruction-Breakpoint Exception Condition";

#define ORDER(name, ring, origin, code, what, v, ...)                          \
    {                                                                          \
        .id = "code-order." name "." ring, .from = origin, CODE(code),         \
        .vector = v, .argument = what, .nmi = ((what)&15) == NMI,              \
        .before = before, .after = debug_off, .expect = expect,                \
        .mend = sequence_mend, __VA_ARGS__                                     \
    }
#define IN_ALL(name, code, what, v, ...)                                       \
    ORDER(name, "ring3", FROM_RING3, order_##code##3, what, v, __VA_ARGS__),   \
        ORDER(name, "compat", FROM_COMPAT, order_##code##c, what, v,           \
              __VA_ARGS__),                                                    \
        ORDER(name, "ring0", FROM_RING0, order_##code##0, what, v,             \
              __VA_ARGS__)

static const struct stimulus stimuli[] = {
    IN_ALL("irq", nop, IRQ, VEC_db, .why = why, .facts = "DB12 EV1 AP1"),
    IN_ALL("irq.rf", nop, IRQ | RF_SET, VEC_db, .why = why,
           .facts = "DB26 IV18"),
    IN_ALL("nmi", nop, NMI, VEC_db, .why = why, .facts = "DB11 EV1 NM1"),
    IN_ALL("nmi.rf", nop, NMI | RF_SET, VEC_db, .why = why,
           .facts = "DB26 IV18"),
    IN_ALL("ud", ud, FAULT_OF_ITS_OWN, VEC_ud, .why = why, .facts = "DB21"),
    IN_ALL("de", de, FAULT_OF_ITS_OWN, VEC_de, .why = why, .facts = "DB21",
           .flags_changed = ARITHMETIC_FLAGS),
    IN_ALL("np", np, FAULT_OF_ITS_OWN, VEC_np, .why = why, .facts = "DB21",
           .error = SEL_NOT_PRESENT & ~3),
    ORDER("pf", "ring3", FROM_RING3, order_pf3, FAULT_OF_ITS_OWN, VEC_pf,
          .why = why, .facts = "DB21 EX6", .error = 4, .address = UNMAPPED),
    ORDER("pf", "compat", FROM_COMPAT, order_pfc, FAULT_OF_ITS_OWN, VEC_pf,
          .why = why, .facts = "DB21 EX6", .error = 4, .address = UNMAPPED),
    ORDER("pf", "ring0", FROM_RING0, order_pf0, FAULT_OF_ITS_OWN, VEC_pf,
          .why = why, .facts = "DB21 EX6", .address = UNMAPPED),
    IN_ALL("sti", sti, BEHIND_STI, VEC_db, .why = why, .facts = "DB4 SH1"),
    IN_ALL("mov-ss", ss, BEHIND_SS, VEC_db, .why = why_ss, .facts = "DB4",
           .confidence = CONFIDENCE_VALUE, .by_vendor = true),
    ORDER("pop-ss", "compat", FROM_COMPAT, order_pop_ssc, BEHIND_SS | POPS,
          VEC_db, .why = why_ss, .facts = "DB4", .confidence = CONFIDENCE_VALUE,
          .by_vendor = true),
    IN_ALL("mov-ss.watched", ss, WATCHED_SS, VEC_db, .why = why_ss,
           .facts = "DB4", .confidence = CONFIDENCE_MEDIUM),
    ORDER("pop-ss.watched", "compat", FROM_COMPAT, order_pop_ssc,
          WATCHED_SS | POPS, VEC_db, .why = why_ss, .facts = "DB4",
          .confidence = CONFIDENCE_MEDIUM),
};

void case_db_code_order(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
