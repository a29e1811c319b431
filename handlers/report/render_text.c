/* SPDX-License-Identifier: MIT */
/*
 * The report for people, as the EFI console, the screen and report.txt show
 * it: the verdict first, then what it rests on, then each finding.
 */
#include "fmt.h"
#include "render.h"

#define OUTCOME_MAX 160

static const char *plural(unsigned n)
{
    return n == 1 ? "" : "s";
}

/* Those counts are the first processor's; what another has found is extra. */
static void otherwise(struct out *o, const struct report *r)
{
    unsigned bad = report_others_bad(r);

    if (r->others > 0)
        out_line(o, 2,
                 "Other processors have %u result%s otherwise than the first, "
                 "%u of them finding%s.",
                 r->others, plural(r->others), bad, plural(bad));
}

/* The first line: how it ended, how much was judged, how much was wrong. */
static void verdict(struct out *o, const struct report *r)
{
    char outcome[OUTCOME_MAX];
    unsigned count[VERDICT_COUNT], judged, wrong, findings;

    report_outcome(r, outcome, sizeof(outcome));
    report_count(r, count);
    report_decisions(r, &judged, &wrong);
    findings = count[VERDICT_FAIL] + count[VERDICT_HANG] + count[VERDICT_RESET];
    if (r->status != JOURNAL_OK) {
        out_line(o, 2, "ringside: %s", outcome);
        return;
    }
    out_line(o, 2,
             "ringside: %s; %u check%s, %u finding%s; %u SWAPGS decision%s, "
             "%u wrong",
             outcome, r->checks, plural(r->checks), findings, plural(findings),
             judged, plural(judged), wrong);
    out_line(o, 2,
             "%u pass, %u differ, %u skip, %u fail, %u hang, %u reset, "
             "%u notrun",
             count[VERDICT_PASS], count[VERDICT_DIFFER], count[VERDICT_SKIP],
             count[VERDICT_FAIL], count[VERDICT_HANG], count[VERDICT_RESET],
             count[VERDICT_NOTRUN]);
    otherwise(o, r);
}

static void digest(struct out *o, const struct digest *d)
{
    out_line(o, 2,
             "The digest in the firmware's variables says: %u pass, %u differ, "
             "%u skip, %u fail or worse; %u path row%s with a wrong SWAPGS "
             "decision.",
             d->verdicts[0], d->verdicts[1], d->verdicts[2], d->verdicts[3],
             d->paths_wrong, plural(d->paths_wrong));
    if (d->others > 0)
        out_line(o, 2,
                 "It says as well: %u finding%s of other processors that the "
                 "first has not.",
                 d->others, plural(d->others));
}

/* Where this comes from, and everything that went wrong on the way. */
static void provenance(struct out *o, const struct report *r)
{
    bool died = r->end == NULL || r->last_words != NULL;
    char origin[OUTCOME_MAX];

    report_origin(r, origin, sizeof(origin));
    if (r->end != NULL)
        out_line(o, 2, "ringside %s ran %llu.%03u s; read from %s.",
                 report_version(r),
                 (unsigned long long)r->end->microseconds / 1000000,
                 (unsigned)(r->end->microseconds / 1000 % 1000), origin);
    else
        out_line(o, 2, "ringside %s; read from %s.", report_version(r), origin);
    if (r->watchdog != NULL && r->watchdog->state[0] == 'r')
        out_line(o, 2, "A check that hangs is ended by an NMI of the RTC%s.",
                 r->watchdog->state[3] ? ", by the I/O APIC" : "");
    else if (r->watchdog != NULL)
        out_line(o, 2, "A check that hangs is ended by nothing; watchdog: %s.",
                 r->watchdog->state);
    if (r->digest != NULL && !report_complete(r))
        digest(o, r->digest);
    if (r->status == JOURNAL_OK && r->machine == NULL)
        out_line(o, 2, "The record of the machine is lost.");
    /* A run that reached its end has said these in its first line. */
    if (r->damaged > 0 && died)
        out_line(o, 2, "%u record%s lost to damaged memory.", r->damaged,
                 r->damaged == 1 ? " is" : "s are");
    if (r->overflow > 0 && died)
        out_line(o, 2, "%u record%s no room.", r->overflow,
                 r->overflow == 1 ? " found" : "s found");
    if (r->trouble != NULL)
        out_line(o, 2, "%s", r->trouble);
}

static void notes(struct out *o, const struct report *r)
{
    if (r->notes > 0)
        out_text(o, "\nNotes\n");
    for (unsigned i = 0; i < r->notes; i++)
        out_line(o, 4, "  %s", r->note[i]->text);
}

void render_text(const struct report *r, report_put *put, void *context)
{
    struct out o;

    out_start(&o, put, context);
    verdict(&o, r);
    provenance(&o, r);
    if (r->last_words != NULL)
        text_last_words(&o, r->last_words);
    if (r->machine != NULL)
        text_machine(&o, r->machine);
    text_processors(&o, r);
    text_paths(&o, r);
    text_windows(&o, r);
    text_costs(&o, r);
    text_latency(&o, r);
    text_storms(&o, r);
    text_wrong_paths(&o, r);
    text_findings(&o, r);
    text_otherwise(&o, r);
    text_others(&o, r, VERDICT_DIFFER,
                "Differs (allowed, or not settled between the manuals)");
    text_others(&o, r, VERDICT_SKIP, "Skipped");
    text_others(&o, r, VERDICT_NOTRUN, "Not run");
    notes(&o, r);
    out_text(&o, "\nEnd of the ringside report.\n");
    out_flush(&o);
}
