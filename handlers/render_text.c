/* SPDX-License-Identifier: MIT */
/*
 * The report for people, as the EFI console, the screen and report.txt show
 * it: the verdict first, then what it rests on, then each finding.
 */
#include "fmt.h"
#include "render.h"

#define OUTCOME_MAX 160
#define HANG 12 /* where the values of a finding stand */

static const char *plural(unsigned n)
{
    return n == 1 ? "" : "s";
}

/* The first line: how it ended, how much was judged, how much was wrong. */
static void verdict(struct out *o, const struct report *r)
{
    char outcome[OUTCOME_MAX];
    unsigned count[VERDICT_COUNT], judged, wrong, findings;

    report_outcome(r, outcome, sizeof(outcome));
    report_count(r, count);
    report_decisions(r, &judged, &wrong);
    findings =
        count[VERDICT_FAIL] + count[VERDICT_HANG] + count[VERDICT_RESET];
    if (r->status != JOURNAL_OK) {
        out_line(o, 2, "ringside: %s", outcome);
        return;
    }
    out_line(o, 2,
             "ringside: %s; %u check%s, %u finding%s; %u SWAPGS decision%s, "
             "%u wrong",
             outcome, r->checks, plural(r->checks), findings,
             plural(findings), judged, plural(judged), wrong);
    out_line(o, 2,
             "%u pass, %u differ, %u skip, %u fail, %u hang, %u reset, "
             "%u notrun",
             count[VERDICT_PASS], count[VERDICT_DIFFER], count[VERDICT_SKIP],
             count[VERDICT_FAIL], count[VERDICT_HANG], count[VERDICT_RESET],
             count[VERDICT_NOTRUN]);
}

static void digest(struct out *o, const struct digest *d)
{
    out_line(o, 2,
             "The digest in the firmware's variables says: %u pass, %u differ, "
             "%u skip, %u fail or worse; %u path row%s with a wrong SWAPGS "
             "decision.",
             d->verdicts[0], d->verdicts[1], d->verdicts[2], d->verdicts[3],
             d->paths_wrong, plural(d->paths_wrong));
}

/* Where this comes from, and everything that went wrong on the way. */
static void provenance(struct out *o, const struct report *r)
{
    char origin[OUTCOME_MAX];

    report_origin(r, origin, sizeof(origin));
    if (r->end != NULL)
        out_line(o, 2, "ringside %s ran %u.%03u s; read from %s.",
                 report_version(r), r->end->microseconds / 1000000,
                 r->end->microseconds / 1000 % 1000, origin);
    else
        out_line(o, 2, "ringside %s; read from %s.", report_version(r),
                 origin);
    if (r->digest != NULL && !report_complete(r))
        digest(o, r->digest);
    if (r->status == JOURNAL_OK && r->machine == NULL)
        out_line(o, 2, "The record of the machine is lost.");
    if (r->damaged > 0)
        out_line(o, 2, "%u record%s lost to damaged memory.", r->damaged,
                 r->damaged == 1 ? " is" : "s are");
    if (r->overflow > 0)
        out_line(o, 2, "%u record%s no room in this report.", r->overflow,
                 r->overflow == 1 ? " found" : "s found");
    if (r->trouble != NULL)
        out_line(o, 2, "%s", r->trouble);
}

/* The GS bases behind each wrong decision of the path table. */
static void wrong_paths(struct out *o, const struct report *r)
{
    const char *head = "\nWrong SWAPGS decisions\n";

    for (unsigned i = 0; i < r->paths; i++) {
        const struct record_path *p = r->path[i];

        if (p->wrong == 0)
            continue;
        out_text(o, head);
        head = "";
        out_line(o, 4, "  %s from %s, rule %s: %u of %u wrong", p->path,
                 origin_name(p->from), rule_name(p->rule), p->wrong,
                 p->entries);
        out_line(o, 6, "    before  GS %016lx  kernel GS %016lx", p->gs_before,
                 p->kernel_gs_before);
        out_line(o, 6, "    handler GS %016lx  kernel GS %016lx", p->gs_after,
                 p->kernel_gs_after);
    }
}

static void field(struct out *o, const char *label, const char *value)
{
    if (value[0] != '\0')
        out_line(o, HANG, "  %-9s %s", label, value);
}

static void cpu_suffix(char *buf, size_t n, const struct record_check *c)
{
    buf[0] = '\0';
    if (c->cpu != 0)
        fmt(buf, n, " (processor %u)", c->cpu);
}

static void findings(struct out *o, const struct report *r)
{
    const char *head = "\nFindings\n";

    for (unsigned i = 0; i < r->checks; i++) {
        const struct record_check *c = r->check[i];
        char cpu[24];

        if (!verdict_is_finding(c->verdict))
            continue;
        out_text(o, head);
        head = "\n";
        cpu_suffix(cpu, sizeof(cpu), c);
        out_line(o, 4, "%s: %s%s", verdict_name(c->verdict), c->id, cpu);
        field(o, "expected", c->expected);
        field(o, "seen", c->seen);
        field(o, "why", c->why);
        field(o, "facts", c->facts);
    }
}

/* One line for each check with this verdict. */
static void one_liners(struct out *o, const struct report *r, unsigned verdict,
                       const char *head)
{
    for (unsigned i = 0; i < r->checks; i++) {
        const struct record_check *c = r->check[i];
        char cpu[24];

        if (c->verdict != verdict)
            continue;
        if (head != NULL)
            out_fmt(o, "\n%s\n", head);
        head = NULL;
        cpu_suffix(cpu, sizeof(cpu), c);
        out_line(o, 4, "  %s%s: %s", c->id, cpu, check_reason(c));
    }
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
    text_paths(&o, r);
    text_windows(&o, r);
    text_costs(&o, r);
    wrong_paths(&o, r);
    findings(&o, r);
    one_liners(&o, r, VERDICT_DIFFER,
               "Differs (allowed, or not settled between the manuals)");
    one_liners(&o, r, VERDICT_SKIP, "Skipped");
    one_liners(&o, r, VERDICT_NOTRUN, "Not run");
    notes(&o, r);
    out_text(&o, "\nEnd of the ringside report.\n");
    out_flush(&o);
}
