/* SPDX-License-Identifier: MIT */
/* --self-test; see selftest.h. */
#include "selftest.h"

#include "cases/cases.h"
#include "engine/watchdog.h"
#include "handoff.h"
#include "insn.h"
#include "judge/dying.h"
#include "judge/paths.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "record/result.h"
#include "specimen.h"
#include "vectors.h"

/* A stimulus that never ends, with interrupts off: the watchdog must. */
RING0(selftest_loop, "cli", "1: jmp 1b", "");

static const char *no_watchdog(const struct stimulus *s)
{
    (void)s;
    return watchdog_on() || handoff.goes_on
               ? 0
               : "this machine has no watchdog that works";
}

static void hang(void)
{
    static const struct stimulus s = {
        .id = "watchdog.loop",
        .from = FROM_RING0,
        CODE(selftest_loop),
        .vector = VEC_gate,
        .facts = "RS1",
        .why = "a check that does not end is ended, and called a hang",
        .unfit = no_watchdog,
    };
    struct stimulus loop = s;

    loop.risky = !watchdog_on(); /* then a script ends it */
    check_run(&loop);
}

/* A stimulus that resets the machine: the next boot must go on behind it. */
__attribute__((used)) const struct table_pointer selftest_no_idt = {0, 0};
RING0(selftest_triple, "lidt selftest_no_idt(%rip)", "ud2", "");
RING0(selftest_after, "", "nop", "");

static void reset(void)
{
    static const struct stimulus s = {
        .id = "reset.triple-fault",
        .from = FROM_RING0,
        CODE(selftest_triple),
        .vector = VEC_gate,
        .risky = true,
        .facts = "RS1",
        .why = "a check that resets the machine is named by the next boot, "
               "which goes on behind it",
    };
    struct stimulus after = s;

    after.id = "reset.behind";
    after.risky = false;
    after.start = selftest_after;
    after.at = selftest_after_at;
    after.resume = selftest_after_resume;
    check_run(&s);
    check_run(&after);
}

static const struct {
    const struct specimen *specimen;
    const char *id, *title;
    void (*run)(void);
} rounds[] = {
    {&specimen_twice, "twice", "SYSCALL swaps twice: must be found",
     case_syscall64},
    {&specimen_never, "never", "SYSCALL forgets to swap: must be found",
     case_syscall64},
    {&specimen_forgetful, "forgetful",
     "NMI and #DB trust the frame's CS: must be found", case_gs_landing},
    {&specimen_linux, "stubs",
     "stubs with one fault besides: each must be named", selftest_stubs},
    {&specimen_linux, "storm", "wrong stubs in a storm: each must be caught",
     selftest_storm},
    {&specimen_linux, "leftovers",
     "cases that leave something changed: each must be named",
     selftest_leftovers},
    {&specimen_linux, "dying", "checks whose own code dies: one each",
     selftest_dying},
    {&specimen_linux, "unprepared", "a set-up that dies: must be named",
     selftest_set_up},
    {&specimen_linux, "watchdog", "a loop with interrupts off: must be ended",
     hang},
    {&specimen_linux, "reset", "a triple fault: must be gone on behind", reset},
};
#define ROUNDS (COUNT(rounds))

static bool pass_over(const struct record_check *c)
{
    (void)c;
    return true;
}

/* What this machine does differently is not to hide what a stub does. */
static void learn_deviations(void)
{
    result_redirect(pass_over);
    case_flags();
    result_redirect(0);
}

void selftest_run(void)
{
    learn_deviations();
    result_begin(ROUNDS);
    for (unsigned i = 0; i < ROUNDS; i++) {
        if (!result_case_begin(i + 1, ROUNDS, rounds[i].id, rounds[i].title))
            continue;
        stimulus_use(rounds[i].specimen);
        live_through(rounds[i].run);
        paths_report();
        result_case_end();
    }
    stimulus_use(&specimen_linux);
}
