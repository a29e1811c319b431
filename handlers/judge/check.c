/* SPDX-License-Identifier: MIT */
/*
 * check_run(): conformance, with the capture stubs alone.  Most cases are this:
 * what a specimen makes of an entry depends on few of its properties, what the
 * processor does on all of them.
 */
#include "fmt.h"
#include "trial.h"

struct finding stimulus_finding(const struct stimulus *s, const char *id)
{
    return (struct finding){
        .id = id,
        .facts = s->facts,
        .why = s->why,
        .confidence = s->confidence,
        .unfit = s->unfit ? s->unfit(s) : 0,
        .skipped_after = s->skipped_after,
        .risky = s->risky,
    };
}

/* A run that has missed what it was to show is no verdict: once more. */
static void capture(struct trial *t, const struct stimulus *s)
{
    const char *missed = 0;

    for (unsigned i = 0; i < CHECK_TRIES; i++) {
        trial_begin(t, s, 0);
        trial_capture(t);
        missed = s->missed ? s->missed(s) : 0;
        for (unsigned n = 0; n < t->seen.count && !missed; n++)
            missed = trial_too_early(s, &t->seen.event[n]);
        if (!missed)
            return;
    }
    t->check = (struct record_check){.verdict = VERDICT_SKIP};
    fmt(t->check.seen, sizeof(t->check.seen), "%s, %u times", missed,
        CHECK_TRIES);
}

void check_run(const struct stimulus *s)
{
    static struct trial t;
    struct finding f = stimulus_finding(s, s->id);

    if (!finding_begin(&f))
        return;
    capture(&t, s);
    finding_report(&f, &t.check);
}
