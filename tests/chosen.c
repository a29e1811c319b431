/* SPDX-License-Identifier: MIT */
/* What --only leaves of the run; see chosen.h. */
#include "chosen.h"

#include "cases/cases.h"
#include "engine/fatal.h"
#include "engine/finish.h"
#include "engine/machine_state.h"
#include "fmt.h"
#include "handoff.h"
#include "judge/only.h"
#include "record/result.h"
#include "shared.h"
#include "window/window.h"

#define CASES_MAX 512
#define SPECIMENS_MAX 64
#define QUOTE_MAX 64 /* of a pattern that nothing matches */

/* The window has a case for each specimen: window_NAME. */
const char *chosen_window_case(const struct specimen *s)
{
    static char id[sizeof(((struct record_case *)0)->id)];

    fmt(id, sizeof(id), "window_%s", s->name);
    return id;
}

static uint8_t extent[CASES_MAX] SHARED, window_extent[SPECIMENS_MAX] SHARED;
static uint8_t *asked; /* whose checks are being listed */

enum extent chosen_case(unsigned i)
{
    return extent[i];
}

enum extent chosen_window(unsigned i)
{
    return window_extent[i];
}

static void see(const char *id)
{
    if (only_check(id))
        *asked = SOME;
}

/* Each case that is not wanted whole says the names of its checks. */
static void ask_for_checks(void)
{
    result_step("listing the checks");
    result_list(see);
    for (unsigned i = 0; i < cases_count; i++) {
        asked = &extent[i];
        if (!extent[i]) {
            cases[i].run();
            machine_restore();
        }
    }
    for (unsigned i = 0; i < specimens_count; i++) {
        asked = &window_extent[i];
        if (!window_extent[i])
            window_run(specimens[i]);
    }
    result_list(0);
}

/* --only, and how many cases there are to run. */
unsigned choose(void)
{
    const char *unmatched;
    unsigned n = 0;
    int length;

    if (cases_count > CASES_MAX || specimens_count > SPECIMENS_MAX)
        fatal_here("there are more cases or specimens than --only tells apart");
    only_begin(handoff.options.only);
    for (unsigned i = 0; i < cases_count; i++)
        extent[i] = only_case(cases[i].id) ? WHOLE : NOTHING;
    for (unsigned i = 0; i < specimens_count; i++)
        window_extent[i] =
            only_case(chosen_window_case(specimens[i])) ? WHOLE : NOTHING;
    if (only_for_checks())
        ask_for_checks();
    unmatched = only_unmatched(&length);
    if (unmatched) {
        result_refuse("no case or check matches \"%.*s\"; --list and "
                      "--list-checks name them",
                      length < QUOTE_MAX ? length : QUOTE_MAX, unmatched);
        finish();
    }
    extent[0] = WHOLE; /* it tells what the others then leave out */
    for (unsigned i = 0; i < cases_count; i++)
        n += extent[i] != NOTHING;
    for (unsigned i = 0; i < specimens_count; i++)
        n += window_extent[i] != NOTHING;
    return n;
}
