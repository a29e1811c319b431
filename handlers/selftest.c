/* SPDX-License-Identifier: MIT */
/* --self-test; see selftest.h. */
#include "selftest.h"

#include "case.h"
#include "console.h"
#include "paths.h"
#include "report.h"
#include "result.h"
#include "specimen.h"
#include "stimulus.h"

static const struct {
    const struct specimen *specimen;
    const char *title;
    void (*run)(void);
} rounds[] = {
    {&specimen_twice, "SYSCALL swaps twice: must be found", case_syscall64},
    {&specimen_never, "SYSCALL forgets to swap: must be found",
     case_syscall64},
    {&specimen_bycs, "NMI and #DB trust the frame's CS: must be found",
     case_window},
};
#define ROUNDS (sizeof(rounds) / sizeof(rounds[0]))

void selftest_run(void)
{
    ktap_begin(ROUNDS, console_put, 0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        result_case_begin(i + 1, ROUNDS, rounds[i].specimen->name,
                          rounds[i].title);
        stimulus_use(rounds[i].specimen);
        rounds[i].run();
        paths_report();
        result_case_end();
    }
    stimulus_use(&specimen_linux);
}
