/* SPDX-License-Identifier: MIT */
/*
 * Each processor alone: what the first has run the others run, too, each on
 * what is its own, and at the same time.  They are processors of one machine:
 * what comes out otherwise on one of them is the result, and what is alike is
 * only counted.
 *
 * By default the others run the ways in, the whole life and the map of an entry
 * path; those that --cpus names run all that list.def does not keep for the
 * first, and the windows.
 */
#include "cases/cases.h"
#include "chosen.h"
#include "engine/machine_state.h"
#include "engine/processors.h"
#include "engine/watchdog.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/dying.h"
#include "judge/finding.h"
#include "judge/mutants.h"
#include "judge/only.h"
#include "judge/paths.h"
#include "judge/stimulus.h"
#include "layout.h"
#include "lib/smp.h"
#include "record/others.h"
#include "record/result.h"
#include "window/window.h"

enum part { TOGETHER, IN_TURN };

static bool mine(const struct test_case *c, enum part part)
{
    bool all = smp_runs_all(processor_self());

    switch (c->where) {
    case CASE_EACH:
        return part == TOGETHER;
    case CASE_CASE:
        return part == TOGETHER && all;
    case CASE_TURN:
        return part == IN_TURN && all;
    default:
        return false;
    }
}

static void run_cases(enum part part)
{
    for (unsigned i = 0; i < cases_count; i++) {
        if (chosen_case(i) == NOTHING || !mine(&cases[i], part) ||
            !result_case_begin(i + 1, cases_count, cases[i].id, cases[i].title))
            continue;
        result_only(chosen_case(i) == SOME ? only_check : 0);
        live_through(cases[i].run);
        machine_restore();
        paths_report();
    }
}

static const struct specimen *windowed;

static void window_body(void)
{
    window_run(windowed);
}

static void run_windows(void)
{
    for (unsigned i = 0; i < specimens_count; i++) {
        windowed = specimens[i];
        if (chosen_window(i) == NOTHING ||
            !result_case_begin(cases_count + i + 1, cases_count,
                               chosen_window_case(windowed), windowed->about))
            continue;
        result_only(chosen_window(i) == SOME ? only_check : 0);
        live_through(window_body);
        machine_restore();
    }
}

RING3(smp_endless, "", "1: jmp 1b", "");

/* --provoke: what this processor does wrong, as the report is to show it. */
static void wrong_body(void)
{
    static const struct stimulus endless = {
        .id = "smp.provoked",
        .from = FROM_RING3,
        CODE(smp_endless),
        .facts = "MP4",
        .why = "provoked: ring 3 never ends",
    };

    if (handoff.options.provoke == PROVOKE_CPU_HANG)
        check_run(&endless);
    else
        *(volatile uint32_t *)(VA_CORE - 0x1000) = 1;
}

static _Noreturn void reset(void)
{
    const struct table_pointer none = {0, 0};

    lidt(&none);
    undefined_instruction();
}

static void provoke(void)
{
    switch (handoff.options.provoke) {
    case PROVOKE_CPU_DIFFERS:
        mutants_provoke();
        break;
    case PROVOKE_CPU_HANG:
    case PROVOKE_CPU_FAULT:
        if (result_case_begin(cases_count + specimens_count + 1, cases_count,
                              "smp_provoked", "what was provoked"))
            live_through(wrong_body);
        machine_restore();
        break;
    case PROVOKE_CPU_DEAD:
        halt_for_good();
    case PROVOKE_CPU_RESET:
        if (!handoff.resume_after)
            reset();
        break;
    default:
        break;
    }
}

/* On another processor. */
static void alone(uint64_t part)
{
    struct smp_work *w = smp_work(processor_self());
    uint64_t begun = rdtsc(), mhz = handoff.tsc_hz / 1000000;
    struct others_count count;

    only_begin(handoff.options.only);
    others_begin();
    if (processor_self() == 1 && part == TOGETHER)
        provoke();
    run_cases((enum part)part);
    if (part == TOGETHER && smp_runs_all(processor_self()))
        run_windows();
    result_only(0);
    count = others_end();
    w->checks += count.checks;
    w->others += count.others;
    w->microseconds += (rdtsc() - begun) / (mhz ? mhz : 1);
    w->ran = true;
}

/* Should the machine not come back: what is lost with it, for what the others
 * have found is in memory of theirs until all are through. */
static void announce(void)
{
    struct record_check c = {
        .id = "smp_alone",
        .facts = "MP4",
        .why = "each processor comes to the end of what it was given to run",
    };

    fmt(c.seen, sizeof(c.seen),
        "while %u other processors were at work: what they have found is lost",
        processors_running() - 1);
    result_pending(&c);
}

static void run_all(void)
{
    announce();
    for (unsigned n = 1; n < processors_running(); n++)
        if (options_cpu(&handoff.options, n) != CPU_NOTHING)
            processor_call(n, alone, TOGETHER);
    processors_wait();
    for (unsigned n = 1; n < processors_running(); n++)
        if (smp_runs_all(n) && processor_call(n, alone, IN_TURN))
            processors_wait();
}

static void merge_all(void)
{
    others_merge_begin();
    for (unsigned n = 1; n < processors_running(); n++) {
        others_merge(n, smp_slice(n), smp_slice_size(n));
        watchdog_kick();
    }
    others_merge_end();
}

/* "cpu 3, 5": those that did not come to the end. */
static void all_through(const char *unfit)
{
    const struct finding f = {
        .id = "smp.alone.through",
        .facts = "MP4",
        .why = "each processor comes to the end of what it was given to run",
        .unfit = unfit,
    };
    struct diff d = {"", ""};

    if (!finding_begin(&f))
        return;
    for (unsigned n = 1; n < processors_running(); n++) {
        char name[16];

        fmt(name, sizeof(name), "cpu %u", n);
        if (processor_lost(n))
            diff_text(&d, name, "through", processor_words(n));
        else if (!smp_work(n)->checks &&
                 options_cpu(&handoff.options, n) != CPU_NOTHING)
            diff_text(&d, name, "through", "has run nothing");
    }
    finding_end(&f, &d, 0);
}

static void as_the_first(const char *unfit)
{
    struct others_merged m = others_merged();
    const struct finding f = {
        .id = "smp.alone.same",
        .facts = "MP4",
        .why = "what a processor does in an entry does not depend on which of "
               "the machine's processors it is",
        .confidence = m.worse ? CONFIDENCE_HIGH : CONFIDENCE_MEDIUM,
        .unfit = unfit,
    };
    struct diff d = {"", ""};
    char seen[100];

    if (!finding_begin(&f))
        return;
    if (m.results) {
        fmt(seen, sizeof(seen), "%u otherwise, %s the first of them%s",
            m.results + m.lost, m.id, m.lost ? "; not all are told" : "");
        diff_text(&d, "results", "as on the first", seen);
    }
    finding_end(&f, &d, 0);
}

void case_smp_alone(void)
{
    const char *unfit;

    smp_start();
    unfit = smp_unfit();
    if (!unfit) {
        run_all();
        merge_all();
        for (unsigned n = 1; n < processors_running(); n++)
            smp_record(n);
    }
    all_through(unfit);
    as_the_first(unfit);
}
