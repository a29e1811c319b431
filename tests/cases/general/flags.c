/* SPDX-License-Identifier: MIT */
/*
 * Deviations that would show in very many entries, each asked about
 * once, before all else: a machine that has one is told so here, and the
 * other checks leave that out.
 *
 * RF: a fault saves RF set, so that an instruction breakpoint on the faulting
 * instruction does not fire again on the way back.  Traps save it clear, and
 * so do interrupts and NMIs between two instructions: with RF set a breakpoint
 * on the next instruction would be lost.
 *
 * SYSCALL: the handler's RFLAGS are the caller's but for FMASK's bits; the
 * arithmetic flags are among them, and so is DF where FMASK leaves it: an
 * emulator that keeps those apart from the others loses them here.
 *
 * Error codes: bits 15:3 are an index, of the gate where bit 1 says IDT; bit
 * 0, EXT, tells that the event came from outside the program.
 *
 * INT1: one byte, a #DB without DPL check; undocumented for long, and missing
 * in some emulators.
 */
#include "idt.h"
#include "lib/fastcall.h"
#include "lib/triggers.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

RING3(flags_fault, "", "ud2", "");
RING3(flags_syscall, "", "syscall", "");
RING3(flags_denied, "", "int $0x55", "");
RING3(flags_int1, "", ".byte 0xf1", "");

static uint64_t ud_gate; /* its low half, while it is not present */

static void ud_absent(struct trapframe *c)
{
    (void)c;
    ud_gate = idt[VEC_ud].low;
    idt[VEC_ud].low &= ~GATE_PRESENT;
}

static void ud_present(void)
{
    idt[VEC_ud].low = ud_gate;
}

static void df_left(struct trapframe *c)
{
    c->rflags |= FLAG_DF;
    lend_msr(MSR_FMASK, FLAG_IF);
}

static const struct stimulus stimuli[] = {
    {
        .id = "fault.rf-image",
        .from = FROM_RING3,
        CODE(flags_fault),
        .vector = VEC_ud,
        .saved = SAVED_AT,
        .reports = DEVIATION_FAULT_RF,
        .facts = "IV18",
        .why = "every fault saves RF set; other checks leave it out once it is "
               "here; SDM vol 3, Instruction-Breakpoint Exception Condition",
    },
    {
        .id = "syscall64.arithmetic-flags",
        .from = FROM_RING3,
        CODE(flags_syscall),
        .vector = VEC_SYSCALL64,
        .reports = DEVIATION_SYSCALL_FLAGS,
        .facts = "SC1 SC2",
        .why = "SYSCALL clears the flags that FMASK names and no others; other "
               "checks leave these out once it is known; SDM vol 2 SYSCALL",
    },
    {
        .id = "syscall64.direction-flag",
        .from = FROM_RING3,
        CODE(flags_syscall),
        .vector = VEC_SYSCALL64,
        .reports = DEVIATION_SYSCALL_DF,
        .before = df_left,
        .expect = expect_call,
        .facts = "SC1 SC2",
        .why = "SYSCALL clears the flags that FMASK names and no others; other "
               "checks leave DF out once it is known; SDM vol 2 SYSCALL",
    },
    {
        .id = "error-code.idt-index",
        .from = FROM_RING3,
        CODE(flags_denied),
        .vector = VEC_gp,
        .saved = SAVED_AT,
        .error_code = true,
        .error = 0x55 * 8 + 2,
        .reports = DEVIATION_IDT_INDEX,
        .facts = "IV2 IV3 IV4 IV5 IV6",
        .why = "an error code about an IDT gate is the vector * 8 + 2; other "
               "checks leave the index out once known; SDM vol 3, Error Code",
    },
    {
        .id = "error-code.ext",
        .from = FROM_RING3,
        CODE(flags_fault),
        .vector = VEC_np,
        .saved = SAVED_AT,
        .error_code = true,
        .error = VEC_ud * 8 + 3,
        .reports = DEVIATION_EXT,
        .before = ud_absent,
        .after = ud_present,
        .facts = "IV31 IV33 IV4 IV7",
        .why =
            "EXT (bit 0) is set when an exception's or an interrupt's delivery "
            "fails; left out elsewhere once known; SDM vol 3, Error Code",
    },
    {
        .id = "int1.db",
        .from = FROM_RING3,
        CODE(flags_int1),
        .vector = VEC_db,
        .saved = SAVED_RESUME,
        .reports = DEVIATION_INT1,
        .facts = "DB7 IV3",
        .why =
            "INT1 (ICEBP, F1) raises #DB as a trap, whatever the gate's DPL; "
            "what rests on it is skipped once it is known; SDM vol 2 INT n",
    },
};

static const struct {
    const char *id;
    unsigned trigger;
    enum origin from;
} events[] = {
    {"interrupt.rf-image.irq.ring3", TRIGGER_IRQ, FROM_RING3},
    {"interrupt.rf-image.irq.ring0", TRIGGER_IRQ, FROM_RING0},
    {"interrupt.rf-image.nmi.ring3", TRIGGER_NMI, FROM_RING3},
    {"interrupt.rf-image.nmi.ring0", TRIGGER_NMI, FROM_RING0},
};
static const struct trigger *trigger;

static void event_start(struct trapframe *c)
{
    trigger_start(trigger, c);
}

static void event_stop(void)
{
    trigger_stop(trigger);
}

void case_flags(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        fastcall_run(&stimuli[i]);
    for (unsigned i = 0; i < COUNT(events); i++) {
        struct stimulus s = {
            .id = events[i].id,
            .before = event_start,
            .after = event_stop,
            .facts = "IV18",
            .why = "an interrupt or NMI between two instructions saves RF as "
                   "it stands, clear; other checks leave it out once known; "
                   "SDM vol 3, Instruction-Breakpoint Exception Condition",
        };

        trigger = &triggers[events[i].trigger];
        trigger_fill(&s, trigger, events[i].from);
        s.reports = deviation_of_rf(s.vector, events[i].from != FROM_RING0);
        check_run(&s);
    }
}
