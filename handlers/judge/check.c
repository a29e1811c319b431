/* SPDX-License-Identifier: MIT */
/* check_run(): conformance, with the capture stubs alone. */
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

void check_run(const struct stimulus *s)
{
    static struct trial t;
    struct finding f = stimulus_finding(s, s->id);

    if (!finding_begin(&f))
        return;
    trial_begin(&t, s, 0);
    trial_capture(&t);
    finding_report(&f, &t.check);
}
