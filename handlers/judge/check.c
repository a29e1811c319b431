/* SPDX-License-Identifier: MIT */
/* check_run(): conformance, with the capture stubs alone. */
#include "diff.h"
#include "fmt.h"
#include "handoff.h"
#include "record/result.h"
#include "trial.h"

/* For the boot that comes if this one does not get through it. */
static void announce(const struct stimulus *s)
{
    struct record_check c = {.verdict = VERDICT_NOTRUN};

    fmt(c.id, sizeof(c.id), "%s", s->id);
    fmt(c.facts, sizeof(c.facts), "%s", s->facts);
    fmt(c.why, sizeof(c.why), "%s", s->why);
    result_pending(&c);
}

static void finish(struct trial *t)
{
    const struct stimulus *s = t->x.s;

    fmt(t->check.id, sizeof(t->check.id), "%s", s->id);
    fmt(t->check.facts, sizeof(t->check.facts), "%s", s->facts);
    /* Of what was not run the report gives the reason, not the rule. */
    fmt(t->check.why, sizeof(t->check.why), "%s",
        t->check.verdict == VERDICT_SKIP ? t->check.seen : s->why);
    result_check(&t->check);
}

void check_run(const struct stimulus *s)
{
    static struct trial t;
    const char *unfit = s->unfit ? s->unfit(s) : 0;

    static char told[80];

    if (!unfit && s->rests_on && stimulus_told(s->rests_on)) {
        fmt(told, sizeof(told), "rests on what %s has told",
            stimulus_told(s->rests_on));
        unfit = told;
    }
    if (!unfit && s->risky && !handoff.two_boots)
        unfit = "risky, and this firmware gives no way back from a reset";
    if (!unfit && s->risky && handoff.options.no_risky)
        unfit = "risky, and --no-risky was given";
    if (!result_check_begin(s->id, s->risky && !unfit))
        return;
    if (s->risky && !unfit)
        announce(s);
    trial_begin(&t, s, 0);
    if (unfit) {
        t.check.verdict = VERDICT_SKIP;
        fmt(t.check.seen, sizeof(t.check.seen), "%s", unfit);
    } else {
        trial_capture(&t);
    }
    finish(&t);
}

static void finding_report(const struct finding *f, struct record_check *c)
{
    fmt(c->id, sizeof(c->id), "%s", f->id);
    fmt(c->facts, sizeof(c->facts), "%s", f->facts);
    fmt(c->why, sizeof(c->why), "%s", f->why);
    result_check(c);
}

bool finding_begin(const struct finding *f)
{
    return result_check_begin(f->id, false);
}

void finding_end(const struct finding *f, const struct diff *d,
                 const char *value)
{
    struct record_check c = {.verdict = VERDICT_PASS};

    if (f->confidence == CONFIDENCE_VALUE) {
        c.verdict = VERDICT_DIFFER;
        fmt(c.seen, sizeof(c.seen), "%s", value);
    } else if (diff_any(d)) {
        c.verdict =
            f->confidence == CONFIDENCE_HIGH ? VERDICT_FAIL : VERDICT_DIFFER;
        fmt(c.expected, sizeof(c.expected), "%s", d->expected);
        fmt(c.seen, sizeof(c.seen), "%s", d->seen);
    }
    finding_report(f, &c);
}

void finding_skip(const struct finding *f, const char *reason)
{
    struct record_check c = {.verdict = VERDICT_SKIP};

    if (!finding_begin(f))
        return;
    fmt(c.seen, sizeof(c.seen), "%s", reason);
    finding_report(f, &c);
}
