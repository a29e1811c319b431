/* SPDX-License-Identifier: MIT */
/*
 * #MC: a machine check cannot be provoked by an instruction.  Under QEMU the
 * run script injects one over the monitor, when the image asks for it on the
 * serial line (--inject says that somebody is listening); elsewhere it is
 * skipped, with the reason.
 *
 * Like NMI it can land anywhere, on its own IST stack, and has no error code.
 * The handler must clear MCG_STATUS.MCIP, or the next one is a shutdown.
 */
#include "engine/persona.h"
#include "engine/watchdog.h"
#include "handoff.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/inject.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

#define BANK_STATUS(n) (0x401 + 4 * (n))
#define BANK_COUNT 0xff /* bits of MCG_CAP */
/* A script that listens answers in milliseconds; on a busy host in one of
 * CHECK_TRIES. */
#define SECONDS 10
#define GRANTED 20 /* by the watchdog, for that */

RING3(mc_wait3, "", WAIT, "");
RING0(mc_wait0, "", WAIT, "");

static void grant(struct trapframe *c)
{
    stimulus_deadline = rdtsc() + SECONDS * handoff.tsc_hz;
    watchdog_grant(GRANTED);
}

static void clear_banks(void)
{
    uint64_t cap = 0;
    unsigned banks = msr_read(MSR_MCG_CAP, &cap) ? cap & BANK_COUNT : 0;

    wrmsr(MSR_MCG_STATUS, 0);
    for (unsigned i = 0; i < banks; i++)
        wrmsr(BANK_STATUS(i), 0);
}

static void handle(unsigned nth)
{
    inject_came();
    clear_banks(); /* MCIP first: else the next one is a shutdown */
    stimulus_stop_spinning(nth);
}

static const char *unable(const struct stimulus *s)
{
    (void)s;
    return !persona.qemu ? "nothing here can inject a machine check"
           : !handoff.options.inject || !handoff.serial
               ? "no run script listens on the serial line"
               : 0;
}

#define MC(name, origin, code)                                                 \
    {                                                                          \
        .id = name, .path = "mc", .from = origin, CODE(code),                  \
        .vector = VEC_mc, .saved = SAVED_WITHIN, .clobbers = WAIT_CLOBBERS,    \
        .flags_changed = ARITHMETIC_FLAGS, .send = inject_ask,                 \
        .unfit = unable, .before = grant, .after = clear_banks,                \
        .in_handler = handle, .facts = "MC1 GS15", .why = why,                 \
    }

static const char why[] =
    "a machine check is taken on its IST stack, without "
    "an error code; SDM vol 3, Machine-Check Architecture";
static const struct stimulus stimuli[] = {
    MC("mc.ring3", FROM_RING3, mc_wait3),
    MC("mc.ring0", FROM_RING0, mc_wait0),
};

void case_mc(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        stimulus_run(&stimuli[i]);
}
