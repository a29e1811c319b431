/* SPDX-License-Identifier: MIT */
/* May a check run, why not, and its report; see finding.h. */
#include "finding.h"

#include "diff.h"
#include "engine/watchdog.h"
#include "fmt.h"
#include "handoff.h"
#include "record.h"
#include "record/result.h"

const char *finding_why_not(const struct finding *f)
{
    static char reason[80];

    if (f->unfit)
        return f->unfit;
    if (deviation_reported(f->skipped_after)) {
        fmt(reason, sizeof(reason), "rests on %s, which has failed",
            deviation_reported(f->skipped_after));
        return reason;
    }
    if (f->risky && !handoff.goes_on)
        return "risky, and this firmware gives no way back from a reset";
    if (f->risky && handoff.options.no_risky)
        return "risky, and --no-risky was given";
    if (f->risky && !watchdog_on() && !handoff.options.batch)
        return "risky, and nothing would end a hang here; --batch dares it";
    return 0;
}

static struct record_check empty(const struct finding *f, unsigned verdict)
{
    struct record_check c = {.verdict = (uint8_t)verdict};

    fmt(c.id, sizeof(c.id), "%s", f->id);
    fmt(c.facts, sizeof(c.facts), "%s", f->facts);
    if (f->why)
        fmt(c.why, sizeof(c.why), "%s", f->why);
    return c;
}

void finding_report(const struct finding *f, const struct record_check *c)
{
    struct record_check r = empty(f, c->verdict);

    /* Of what was not shown the report gives the reason, not the rule. */
    if (c->verdict == VERDICT_SKIP)
        fmt(r.why, sizeof(r.why), "%s", c->seen);
    fmt(r.expected, sizeof(r.expected), "%s", c->expected);
    fmt(r.seen, sizeof(r.seen), "%s", c->seen);
    result_check(&r);
}

bool finding_begin(const struct finding *f)
{
    const char *reason = finding_why_not(f);
    struct record_check c = empty(f, VERDICT_NOTRUN);

    if (!result_check_begin(&c, f->risky && !reason))
        return false;
    if (reason) {
        finding_miss(f, reason);
        return false;
    }
    if (f->risky) /* for the boot that comes if this one does not return */
        result_pending(&c);
    return true;
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

void finding_miss(const struct finding *f, const char *reason)
{
    struct record_check c = {.verdict = VERDICT_SKIP};

    fmt(c.seen, sizeof(c.seen), "%s", reason);
    finding_report(f, &c);
}

void finding_skip(const struct finding *f, const char *reason)
{
    struct finding skipped = *f;

    skipped.unfit = reason;
    finding_begin(&skipped);
}
