/* SPDX-License-Identifier: MIT */
/* check_run(): conformance, with the capture stubs alone. */
#include "fmt.h"
#include "handoff.h"
#include "result.h"
#include "trial.h"

static void finish(struct trial *t)
{
    const struct stimulus *s = t->x.s;

    fmt(t->check.id, sizeof(t->check.id), "%s", s->id);
    fmt(t->check.facts, sizeof(t->check.facts), "%s", s->facts);
    fmt(t->check.why, sizeof(t->check.why), "%s", s->why);
    result_check(&t->check);
}

void check_run(const struct stimulus *s)
{
    static struct trial t;
    const char *unfit = s->unfit ? s->unfit(s) : 0;

    if (!unfit && s->risky && !handoff.two_boots)
        unfit = "risky, and this firmware gives no way back from a reset";
    if (!result_check_begin(s->id, s->risky && !unfit))
        return;
    trial_begin(&t, s, 0);
    if (unfit) {
        t.check.verdict = VERDICT_SKIP;
        fmt(t.check.seen, sizeof(t.check.seen), "%s", unfit);
    } else {
        trial_capture(&t);
    }
    finish(&t);
}
