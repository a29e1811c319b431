/* SPDX-License-Identifier: MIT */
/*
 * The window's checks; see window.h.  For each subject of a specimen:
 *
 *   visited  the path ends, has been walked whole, its own decision is right,
 *            and it gives back what it has interrupted; where instructions can
 *            be counted, none is missing
 *   db nmi mc irq  the event, taken by the specimen's stub at each boundary
 *   rules    each rule, whatever the stub's own, is wrong where it must be
 *
 * A stub that does not come back must not cost the run: it is found out by
 * walking it alone first (comes_back), and what rests on a walk that has not
 * ended is skipped with that reason.  One from outside (make window) may take
 * the machine down: each of its checks is announced, and where it stood is
 * written down before it goes on.  The run goes on behind that check, in
 * another boot, and what has brought the machine down twice is left alone
 * (fallen.c).  The records of the path that it stood in have gone with that
 * boot: what had been asked there already is asked once more (catch_up).
 */
#include "window.h"

#include "count.h"
#include "fallen.h"
#include "fmt.h"
#include "hostile.h"
#include "judge.h"
#include "judge/stimulus.h"
#include "own.h"
#include "record/result.h"
#include "records.h"
#include "vectors.h"
#include "walks.h"

#define FACTS "NM1 GS15 GS10"
#define FACTS_PATH "GS15 GS16 GS26 GS27 SC7"

static const char *const why_events[WINDOW_EVENTS] = {
    [WINDOW_DB] = "a #DB at any instruction finds the kernel's GS base, and "
                  "gives back all that it interrupted; Linux, x86/entry_64.rst",
    [WINDOW_NMI] = "an NMI at any instruction finds the kernel's GS base, and "
                   "gives back all that it interrupted; Linux, "
                   "x86/entry_64.rst",
    [WINDOW_MC] = "a #MC (its stub, called as by one) at any instruction finds "
                  "the kernel's GS base, and gives all back; Linux, "
                  "x86/entry_64.rst",
    [WINDOW_IRQ] = "an interrupt wherever IF is set finds the kernel's GS "
                   "base, and gives all back; Linux, x86/entry_64.rst",
};

static struct injection injection;
/* The specimen's stubs for the events: have they been tried, and do they not
 * come back?  Those are not let loose on anything. */
static bool tried[WINDOW_EVENTS], hung[WINDOW_EVENTS];
static char why_hung[WINDOW_EVENTS][sizeof(((struct record_check *)0)->seen)];

static struct record_subject record;

/* A bit for each event that has been let loose on this path in vain: its
 * records have gone with an earlier boot, or with the case's death. */
static unsigned lost;

static void begin_check(struct record_check *c, const char *what)
{
    *c = (struct record_check){.verdict = VERDICT_PASS};
    fmt(c->id, sizeof(c->id), "window.%s.%s.%s", walks.specimen->name,
        walks.subject->name, what);
    fmt(c->facts, sizeof(c->facts), FACTS);
}

static void catch_up(void);

/* A specimen from outside may take the machine down. */
static bool start(struct record_check *c)
{
    bool own = walks.specimen == specimen_own;

    if (!result_check_begin(c, own))
        return false;
    if (own)
        records_own_check(c);
    if (!walks.unfit)
        walks.unfit = fallen_path(walks.specimen, walks.subject);
    catch_up();
    return true;
}

static void end_check(struct record_check *c, const struct diff *d,
                      const char *why)
{
    if (diff_any(d) && c->verdict == VERDICT_PASS)
        c->verdict = VERDICT_FAIL;
    fmt(c->expected, sizeof(c->expected), "%s", d->expected);
    fmt(c->seen, sizeof(c->seen), "%s", d->seen);
    fmt(c->why, sizeof(c->why), "%s", why);
    result_check(c);
}

static void skip_check(struct record_check *c, const char *reason)
{
    c->verdict = VERDICT_SKIP;
    fmt(c->seen, sizeof(c->seen), "%s", reason);
    result_check(c);
}

/* What a call may change, and no kernel need keep: it is as well to know. */
static void note_changed(void)
{
    char names[64];
    unsigned changed = 0, at = 0;

    for (unsigned b = 0; b < walks.bases; b++)
        changed |= given_back_changed(&walks.of[b]);
    for (unsigned i = 0; i < GENERAL_REGISTERS && at < sizeof(names); i++)
        if (changed >> i & 1)
            at +=
                fmt(names + at, sizeof(names) - at, " %s", given_back_name(i));
    if (changed)
        result_note("%s.%s: this call leaves ring 3 with another%s.",
                    walks.specimen->name, walks.subject->name, names);
}

/* What a machine that is well does not show, and ring 3 can bring about. */
static void judge_hostile(struct diff *d)
{
    if (walks.unfit || walks.specimen->wrong)
        return;
    bench_begin(walks.specimen, walks.subject);
    hostile_stack(d, &walks.of[WINDOW_POSITIVE]);
    hostile_flags(d, &walks.of[WINDOW_POSITIVE]);
    for (unsigned b = 0; b < walks.bases; b++)
        built_faults(d, &walks.of[b]);
    bench_end();
    judge_own_stack(d, &walks.of[WINDOW_POSITIVE], VEC_df);
}

static void check_visited(void)
{
    struct record_check c;
    struct diff d = {"", ""};
    bool hang = false, ended = true, sysret = false;

    begin_check(&c, "visited");
    fmt(c.facts, sizeof(c.facts), FACTS_PATH);
    if (!start(&c))
        return;
    if (!walks.unfit) {
        walks_do();
        for (unsigned b = 0; b < walks.bases; b++) {
            ended = ended && walks.of[b].end == RUN_GATE;
            sysret = sysret || judge_sysret(&walks.of[b]);
        }
    }
    if (walks.unfit && ended && !sysret) {
        skip_check(&c, walks.unfit);
        return;
    }
    for (unsigned b = 0; b < walks.bases && !diff_any(&d); b++) {
        judge_walk(&d, &walks.of[b]);
        judge_given_back(&d, &walks.of[b]);
        hang = hang || walks.of[b].end == RUN_HANG;
    }
    if (hang)
        c.verdict = VERDICT_HANG;
    note_changed();
    judge_hostile(&d);
    end_check(&c, &d,
              "every instruction from the one that enters ring 0 to the one "
              "that leaves it, ring 3 gets all back, and has no way to harm; "
              "Linux, x86/entry_64.rst");
}

/*
 * Stepped, a stub that loops is noticed.  At full speed the watchdog would have
 * to notice it, and in an NMI's stub its NMI cannot come.
 */
static bool comes_back(enum window_event e)
{
    static struct walk probe;

    for (unsigned i = 0; i < subjects_count && !tried[e]; i++) {
        if (subjects[i].first != e || subjects[i].in_call)
            continue;
        walks_set(&probe, walks.specimen, &subjects[i], WINDOW_POSITIVE);
        bench_begin(walks.specimen, &subjects[i]);
        walk_undisturbed(&probe);
        bench_end();
        if (probe.end == RUN_GATE || hung[e])
            continue;
        hung[e] = true;
        fmt(why_hung[e], sizeof(why_hung[e]),
            "the event's own stub does not come back: %s", probe.trouble);
    }
    tried[e] = true;
    return !hung[e];
}

/* Why the event lands nowhere here, or NULL. */
static const char *cannot_land(enum window_event e)
{
    bool any = false;

    if (walks.unfit)
        return walks.unfit;
    if (!specimen_stub(walks.specimen, event_vector(e)))
        return "the specimen has no such stub";
    for (unsigned b = 0; b < walks.bases; b++)
        for (unsigned n = 0; n < walks.of[b].stops; n++)
            any = any || can_land(&walks.of[b], &walks.of[b].stop[n], e);
    if (!any)
        return "interrupts are off at every boundary";
    return 0;
}

/* At every boundary.  False: only the watchdog has ended it. */
static bool let_land(enum window_event e, struct diff *d, struct tally *t)
{
    bool hang = false;

    bench_begin(walks.specimen, walks.subject);
    for (unsigned b = 0; b < walks.bases && !hang; b++) {
        injection.walk = &walks.of[b];
        injection.event = e;
        walk_injecting(&injection);
        if (!walks.specimen->wrong)
            careful_confirm(&injection);
        judge_events(d, &injection, t);
        records_events(&injection);
        hang = injection.hung;
    }
    bench_end();
    record.planned += t->planned;
    record.sent += t->sent;
    record.delivered += t->delivered;
    record.exact += t->exact;
    record.retries += t->walks;
    return !hang;
}

static void catch_up(void)
{
    unsigned events = lost;

    lost = 0;
    if (!events)
        return;
    walks_do();
    for (unsigned e = 0; e < WINDOW_EVENTS; e++) {
        struct diff d = {"", ""};
        struct tally t = {0};

        if (events >> e & 1 && !cannot_land((enum window_event)e) &&
            comes_back((enum window_event)e))
            let_land((enum window_event)e, &d, &t);
    }
}

static void check_events(enum window_event e)
{
    struct record_check c;
    struct diff d = {"", ""};
    struct tally t = {0};
    const char *why_not;

    begin_check(&c, window_event_name(e));
    if (!start(&c)) {
        if (result_passed() && !fallen_check(walks.specimen, walks.subject, e))
            lost |= 1u << e;
        return;
    }
    walks_do();
    why_not = cannot_land(e);
    if (!why_not)
        why_not = fallen_event(walks.specimen, walks.subject, e);
    if (!why_not && !comes_back(e))
        why_not = why_hung[e];
    if (why_not) {
        skip_check(&c, why_not);
        return;
    }
    judge_own_stack(&d, &walks.of[WINDOW_POSITIVE], event_vector(e));
    if (!let_land(e, &d, &t))
        c.verdict = VERDICT_HANG;
    judge_tally(&d, &t);
    end_check(&c, &d, why_events[e]);
}

static void check_rules(void)
{
    struct record_check c;
    struct diff d = {"", ""};

    begin_check(&c, "rules");
    if (!start(&c))
        return;
    walks_do();
    if (walks.unfit) {
        skip_check(&c, walks.unfit);
        return;
    }
    for (unsigned b = 0; b < walks.bases; b++)
        for (unsigned r = 0; r < WINDOW_RULES; r++)
            judge_rule(&d, &walks.of[b], (enum window_rule)r);
    end_check(&c, &d,
              "by-cs is wrong where ring 0 has the user's base, by-sign where "
              "a negative one is live, save-set and stored nowhere");
}

/* In this order: the events come when the undisturbed walks are known. */
static void run_subject(void)
{
    const struct subject *p = walks.subject;

    lost = 0;
    record = (struct record_subject){0};
    fmt(record.specimen, sizeof(record.specimen), "%s", walks.specimen->name);
    fmt(record.path, sizeof(record.path), "%s", p->name);
    fmt(record.about, sizeof(record.about), "%s", walks.specimen->about);
    check_visited();
    for (unsigned e = 0; e < WINDOW_EVENTS; e++)
        check_events((enum window_event)e);
    check_rules();
    record.instructions =
        walks.done ? walks.of[walks.bases - 1].instructions : 0;
    if (walks.done)
        records_end(&record);
}

void window_run(const struct specimen *s)
{
    if (!own_fit(s))
        return;
    __builtin_memset(tried, 0, sizeof(tried));
    __builtin_memset(hung, 0, sizeof(hung));
    count_begin();
    built_begin();
    for (unsigned i = 0; i < subjects_count; i++)
        if (subject_fits(&subjects[i], s)) {
            walks_begin(s, &subjects[i]);
            run_subject();
        }
}
