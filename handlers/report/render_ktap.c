/* SPDX-License-Identifier: MIT */
/*
 * KTAP version 1, as lab engines and the kernel's own tools read it: a test
 * for each case, its checks as subtests, and at the end the test "run", which
 * is not ok when the run did not complete.  The core streams it case by case
 * on the serial line; report.ktap is the same for the whole report.
 */
#include "cpuset.h"
#include "fmt.h"
#include "render.h"

#define HEAD "KTAP version 1\n"
#define OUTCOME_MAX 160
#define CASE_MAX 44 /* as record_check's id */
#define CPUS_MAX 48
#define OTHERS_TOLD 32 /* for the line may be slow */

/* The case of a check: its id before the first dot. */
static void case_of(const struct check *c, char id[CASE_MAX])
{
    unsigned n = 0;

    for (; n < CASE_MAX - 1 && c->id[n] != '\0' && c->id[n] != '.'; n++)
        id[n] = c->id[n];
    id[n] = '\0';
}

static bool in_case(const struct check *c, const char *id)
{
    unsigned n = 0;

    if (id == NULL)
        return true;
    while (id[n] != '\0' && c->id[n] == id[n])
        n++;
    return id[n] == '\0' && (c->id[n] == '\0' || c->id[n] == '.');
}

/* '#' begins a directive: it must not occur in a description or a reason. */
static void plain(struct out *o, const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s != '#')
            out_char(o, *s >= ' ' && *s <= '~' ? *s : '?');
    }
}

static void diagnostic(struct out *o, const char *label, const char *text)
{
    if (text[0] == '\0')
        return;
    out_fmt(o, "  # %s: ", label);
    for (; *text != '\0'; text++)
        out_char(o, *text >= ' ' && *text <= '~' ? *text : '?');
    out_char(o, '\n');
}

/*
 * What is to be said of a check that did not pass stands before its line; the
 * rule only where the check told of before had another one, for the line may
 * be slow.
 */
static void diagnosis(struct out *o, const struct check *c,
                      const struct check **told)
{
    if (c->verdict == VERDICT_DIFFER)
        diagnostic(o, verdict_name(c->verdict), c->id);
    diagnostic(o, "expected", c->expected);
    diagnostic(o, "seen", c->seen);
    if (*told == NULL || !same_text((*told)->why, c->why) ||
        !same_text((*told)->facts, c->facts)) {
        diagnostic(o, "why", c->why);
        diagnostic(o, "facts", c->facts);
    }
    *told = c;
}

static void subtest(struct out *o, unsigned number, const struct check *c,
                    const struct check **told)
{
    bool finding = verdict_is_finding(c->verdict);

    if (finding || c->verdict == VERDICT_DIFFER)
        diagnosis(o, c, told);
    out_fmt(o, "  %sok %u ", finding ? "not " : "", number);
    plain(o, c->id);
    if (c->cpu != 0)
        out_fmt(o, " processor %u", c->cpu);
    if (c->verdict == VERDICT_SKIP || c->verdict == VERDICT_NOTRUN) {
        out_text(o, " # SKIP ");
        plain(o, c->verdict == VERDICT_SKIP ? check_reason(c) : "not run");
    } else if (c->verdict == VERDICT_HANG) {
        out_text(o, " # TIMEOUT the machine hung");
    } else if (c->verdict == VERDICT_RESET) {
        out_text(o, " # ERROR the machine reset");
    }
    out_char(o, '\n');
}

/* One case; only is NULL where all the checks are its own. */
static void one_case(struct out *o, unsigned number, const char *id,
                     const struct check *checks, unsigned n, const char *only)
{
    unsigned mine = 0, skipped = 0, findings = 0, at = 0;
    const struct check *told = NULL;

    for (unsigned i = 0; i < n; i++) {
        if (!in_case(&checks[i], only))
            continue;
        mine++;
        skipped += checks[i].verdict == VERDICT_SKIP ||
                   checks[i].verdict == VERDICT_NOTRUN;
        findings += verdict_is_finding(checks[i].verdict);
    }
    if (mine > 0)
        out_fmt(o, "  " HEAD "  1..%u\n", mine);
    for (unsigned i = 0; i < n; i++) {
        if (in_case(&checks[i], only))
            subtest(o, ++at, &checks[i], &told);
    }
    out_fmt(o, "%sok %u ", findings > 0 ? "not " : "", number);
    plain(o, id);
    if (mine == 0)
        out_text(o, " # SKIP no checks");
    else if (skipped == mine)
        out_text(o, " # SKIP nothing of it could run");
    out_char(o, '\n');
}

void ktap_begin(unsigned cases, report_put *put, void *context)
{
    struct out o;

    out_start(&o, put, context);
    out_fmt(&o, HEAD "1..%u\n", cases);
    out_flush(&o);
}

void ktap_case(unsigned number, const char *id, const struct check *checks,
               unsigned n, report_put *put, void *context)
{
    struct out o;

    out_start(&o, put, context);
    one_case(&o, number, id, checks, n, NULL);
    out_flush(&o);
}

/* What other processors than the first have otherwise: its checks alone are
 * tests, and "smp_alone" says whether all are alike. */
static void others(struct out *o, const struct report *r)
{
    char cpus[CPUS_MAX];

    for (unsigned i = 0; i < r->others && i < OTHERS_TOLD; i++) {
        const struct check *c = &r->other[i].check;

        cpuset_label(cpus, sizeof(cpus), r->other[i].on->cpus);
        out_fmt(o, "# others: %s: ", cpus);
        plain(o, c->id);
        out_fmt(o, " %s: ", verdict_name(c->verdict));
        plain(o, check_reason(c));
        out_char(o, '\n');
    }
    if (r->others > OTHERS_TOLD)
        out_fmt(o, "# others: and %u more\n", r->others - OTHERS_TOLD);
}

void ktap_run(unsigned number, const struct report *r, report_put *put,
              void *context)
{
    char outcome[OUTCOME_MAX];
    unsigned judged, wrong;
    struct out o;

    report_outcome(r, outcome, sizeof(outcome));
    report_decisions(r, &judged, &wrong);
    out_start(&o, put, context);
    out_fmt(&o, "# swapgs: %u judged, %u wrong\n", judged, wrong);
    others(&o, r);
    if (r->digest != NULL && !report_complete(r))
        out_fmt(&o,
                "# digest: %u pass, %u differ, %u skip, %u fail, %u of "
                "others\n",
                r->digest->verdicts[0], r->digest->verdicts[1],
                r->digest->verdicts[2], r->digest->verdicts[3],
                r->digest->others);
    if (report_complete(r)) {
        out_fmt(&o, "ok %u run\n", number);
    } else {
        out_fmt(&o, "not ok %u run # ERROR ", number);
        plain(&o, outcome);
        out_char(&o, '\n');
    }
    out_flush(&o);
}

/* Is check i the first of its case?  Cases mostly stand together. */
static bool first_of_case(const struct report *r, unsigned i, const char *id)
{
    while (i-- > 0) {
        if (in_case(&r->check[i], id))
            return false;
    }
    return true;
}

/*
 * Calls for each case in the order of the first check of each; o NULL only
 * counts.  Returns the number of cases.
 */
static unsigned each_case(struct out *o, const struct report *r)
{
    unsigned cases = 0;
    char id[CASE_MAX] = "";

    for (unsigned i = 0; i < r->checks; i++) {
        if (i > 0 && in_case(&r->check[i], id))
            continue;
        case_of(&r->check[i], id);
        if (!first_of_case(r, i, id))
            continue;
        cases++;
        if (o != NULL)
            one_case(o, cases, id, r->check + i, r->checks - i, id);
    }
    return cases;
}

void render_ktap(const struct report *r, report_put *put, void *context)
{
    unsigned cases = each_case(NULL, r);
    struct out o;

    ktap_begin(cases + 1, put, context);
    out_start(&o, put, context);
    each_case(&o, r);
    out_flush(&o);
    ktap_run(cases + 1, r, put, context);
}
