/* SPDX-License-Identifier: MIT */
/*
 * --soak: NMIs in great number at every boundary of linux's paths, with every
 * user's base.  None may be missed, be late, come twice, or cost the code that
 * it interrupts anything.  Only paths on which the NMI's own stack is free.
 *
 * Elsewhere an NMI lands at each boundary three times.  What goes wrong once
 * in ten thousand times (on silicon an NMI that is latched too late, or a
 * foreign one in between) takes more.
 */
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "judge.h"
#include "record/result.h"
#include "walks.h"
#include "window.h"

#define WORD_SECONDS 20 /* between two words that it goes on */

static struct injection injection;
static uint64_t next_word; /* by the TSC */

/* A run that says nothing is taken for one that stands still. */
static void go_on(const struct tally *t)
{
    if (!next_word) /* the first one is due in a while */
        next_word = rdtsc() + WORD_SECONDS * handoff.tsc_hz;
    if (rdtsc() < next_word)
        return;
    result_note("soak: %u NMIs so far.", t->planned);
    next_word = rdtsc() + WORD_SECONDS * handoff.tsc_hz;
}

/* The path's share, rounded up to whole walks. */
static void soak_walks(struct diff *d, unsigned share, struct tally *t)
{
    unsigned end = t->planned + share;

    bench_begin(walks.specimen, walks.subject);
    while (t->planned < end && !diff_any(d)) {
        go_on(t);
        for (unsigned b = 0; b < WINDOW_BASES; b++) {
            injection.walk = &walks.of[b];
            injection.event = WINDOW_NMI;
            walk_injecting(&injection);
            judge_events(d, &injection, t);
        }
    }
    bench_end();
}

static bool usable(const struct subject *p)
{
    if (p->first == WINDOW_NMI || p->on_harness ||
        !subject_fits(p, &specimen_linux) || walks_begin_any(p))
        return false;
    walks_do();
    for (unsigned b = 0; b < WINDOW_BASES; b++)
        if (walks.of[b].end != RUN_GATE || (p->fault && !walks.of[b].faulted))
            return false;
    return true;
}

void window_soak(unsigned count)
{
    struct record_check c = {.id = "soak.nmi", .verdict = VERDICT_PASS};
    struct diff d = {"", ""};
    struct tally t = {0};

    if (!result_check_begin(&c, false))
        return;
    for (unsigned i = 0; i < subjects_count && !diff_any(&d); i++)
        if (t.planned < count && usable(&subjects[i]))
            soak_walks(&d, (count - t.planned) / (subjects_count - i) + 1, &t);
    judge_tally(&d, &t);
    if (diff_any(&d) || t.planned < count)
        c.verdict = VERDICT_FAIL;
    fmt(c.expected, sizeof(c.expected), "%s", d.expected);
    fmt(c.seen, sizeof(c.seen), "%s", d.seen);
    fmt(c.facts, sizeof(c.facts), "NM1 GS10 GS15");
    fmt(c.why, sizeof(c.why),
        "each NMI lands once, where it was meant to, and "
        "gives back all; Linux, x86/entry_64.rst");
    result_check(&c);
    result_note("soak: %u NMIs sent, %u delivered, %u exactly; %u walks began "
                "anew.",
                t.sent, t.delivered, t.exact, t.walks);
}
