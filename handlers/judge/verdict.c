/* SPDX-License-Identifier: MIT */
/*
 * The verdict on a trial.
 *
 * It rests on one comparison: all outcomes, field by field, with what
 * predict() says of any entry and the case of this one.  What the case adds
 * are exceptions to the prediction, never a list of what to look at: so a
 * field that nobody thought of is still compared.
 *
 * A difference is a failure only as far as the row can be trusted.  Where the
 * vendors' processors differ the expectation is made twice, and the verdict
 * says whose way it was; and what a known deviation explains is left out.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "msr.h"
#include "mutants.h"
#include "record/result.h"
#include "trial.h"
#include "vectors.h"

#define ERROR_EXT 1u
#define ERROR_IDT 2u
#define ERROR_INDEX 0xfff8u

/* Known, and not what this check is about: no reason to turn it red. */
static bool leave_out(const struct stimulus *s, enum deviation d)
{
    return deviation_reported(d) && s->reports != d && !s->in_full;
}

/* An interrupt or an NMI whose RF has been told of.  INT n goes through the
 * same gates, and is none. */
static bool event_rf_known(const struct stimulus *s, const struct wanted *e)
{
    unsigned vector = e->rf_as ? e->rf_as : (unsigned)e->o.frame.vector;

    return vector != VEC_int80 && vector != VEC_gate &&
           leave_out(s, deviation_of_rf(vector, e->o.frame.cs & 3));
}

/* The way back loads the false RF: what comes before an instruction is through
 * saves it, too, and so does INT n where that does not clear it. */
static bool gone_back_to(const struct wanted *event, unsigned i,
                         const struct stimulus *s)
{
    return i > 0 && event_rf_known(s, &event[i - 1]) &&
           event[i - 1].o.frame.cs == event[i].o.frame.cs;
}

static void leave_out_known(const struct stimulus *s, struct wanted *event,
                            unsigned i)
{
    struct wanted *e = &event[i];
    uint64_t vector = e->o.frame.vector, error = e->o.frame.error_code;
    bool syscall =
        vector == VEC_SYSCALL64 || vector == VEC_SYSCALL32 || e->after_syscall;

    if ((leave_out(s, DEVIATION_FAULT_RF) && s->reports != DEVIATION_REP_RF) ||
        event_rf_known(s, e) || gone_back_to(event, i, s))
        e->any_flags |= FLAG_RF;
    if (syscall && leave_out(s, DEVIATION_SYSCALL_FLAGS))
        e->any_flags |= ARITHMETIC_FLAGS;
    if (syscall && leave_out(s, DEVIATION_SYSCALL_DF))
        e->any_flags |= FLAG_DF;
    if (vector == VEC_pf || vector == VEC_cp)
        return; /* their error codes are no selectors */
    if (leave_out(s, DEVIATION_EXT))
        e->any_error |= ERROR_EXT;
    if (error & ERROR_IDT && leave_out(s, DEVIATION_IDT_INDEX))
        e->any_error |= ERROR_INDEX;
}

static bool differs(const struct trial *t, bool amd, struct diff *d)
{
    const struct stimulus *s = t->x.s;
    static struct want w;

    predict(&w, &t->x);
    if (s->expect)
        s->expect(s, &w, amd);
    for (unsigned i = 0; i < w.count; i++)
        leave_out_known(s, w.event, i);
    compare(d, &w, &t->seen, s);
    compare_return(d, &w, &t->seen);
    if (s->also)
        s->also(s, d);
    return diff_any(d);
}

/* Of a processor that is neither vendor's: whose way it goes is the result. */
static void record_way(struct trial *t, bool intels)
{
    struct record_check *c = &t->check;
    struct diff d = {"", ""};
    bool amds = !intels && !differs(t, true, &d);
    char seen[sizeof(c->seen)];

    summarise(seen, sizeof(seen), &t->seen, t->x.s);
    c->verdict = VERDICT_DIFFER;
    fmt(c->seen, sizeof(c->seen), "%s: %s",
        intels ? "as on Intel"
        : amds ? "as on AMD"
               : "neither vendor's way",
        seen);
}

/* From now on it is left out, also by a boot that goes on behind here. */
static void tell_deviation(enum deviation d, const char *id)
{
    struct record_deviation r = {.number = d};

    if (d == DEVIATION_NONE || deviation_reported(d))
        return;
    deviation_report(d, id);
    fmt(r.id, sizeof(r.id), "%s", id);
    result_append(RECORD_DEVIATION, &r, sizeof(r));
}

/* One expectation does for both vendors, or one for each. */
static void judge_outcomes(struct trial *t)
{
    const struct stimulus *s = t->x.s;
    struct record_check *c = &t->check;
    struct diff d = {"", ""}, other = {"", ""};
    bool mine = !differs(t, persona.amd, &d);

    if (s->by_vendor && !persona.intel && !persona.amd) {
        record_way(t, mine);
        return;
    }
    c->verdict = VERDICT_PASS;
    if (mine && s->confidence != CONFIDENCE_VALUE)
        return;
    fmt(c->expected, sizeof(c->expected), "%s", d.expected);
    fmt(c->seen, sizeof(c->seen), "%s", d.seen);
    c->verdict =
        s->confidence == CONFIDENCE_HIGH ? VERDICT_FAIL : VERDICT_DIFFER;
    if (s->confidence == CONFIDENCE_VALUE) {
        if (s->by_vendor && !mine && !differs(t, !persona.amd, &other))
            mine = true; /* either is allowed: which one, seen says */
        if (mine) {
            c->expected[0] = '\0';
            summarise(c->seen, sizeof(c->seen), &t->seen, s);
        }
        return;
    }
    if (!mutants_on()) /* a perturbation is nothing that the machine does */
        tell_deviation(s->reports, s->id);
    if (!s->by_vendor)
        return;
    if (differs(t, !persona.amd, &other)) {
        /* "entry ...": not even the same entry. */
        bool nearer = !d.expected[0] || other.expected[0] != d.expected[0];
        fmt(c->seen, sizeof(c->seen), "neither vendor's way: %s%s%s", d.seen,
            nearer ? "; " : "", nearer ? other.seen : "");
        return;
    }
    /* The other vendor's way: the silicon below a hypervisor may be. */
    fmt(c->seen, sizeof(c->seen), "as on %s: %s", persona.amd ? "Intel" : "AMD",
        d.seen);
    if (persona.virtualized)
        c->verdict = VERDICT_DIFFER;
}

void trial_left(struct diff *d, const struct trial *t)
{
    const struct left *l = &t->left;
    char seen[40];

    if (l->changed)
        diff_text(d, l->changed, "as before", "was not (put back)");
    if (l->in_service && !t->x.s->leaves_in_service) {
        fmt(seen, sizeof(seen), "%x (ended)", l->in_service);
        diff_text(d, "vector in service", "none", seen);
    }
    if (l->pending.count && !t->x.s->leaves_pending) {
        fmt(seen, sizeof(seen), "%x (%u in all)", l->pending.vector,
            l->pending.count);
        diff_text(d, "vector left pending", "none", seen);
    }
}

/* A finding of its own, where the stimulus itself was right. */
static void left_over(struct trial *t)
{
    struct record_check *c = &t->check;
    struct diff d = {"", ""};

    trial_left(&d, t);
    if (c->verdict != VERDICT_PASS || !diff_any(&d))
        return;
    c->verdict = VERDICT_FAIL;
    fmt(c->expected, sizeof(c->expected), "%s", d.expected);
    fmt(c->seen, sizeof(c->seen), "%s", d.seen);
}

void trial_judge(struct trial *t, enum run_end end)
{
    struct record_check *c = &t->check;

    judge_outcomes(t);
    if (end != RUN_GATE && c->verdict == VERDICT_PASS)
        c->verdict = VERDICT_FAIL;
    if (end == RUN_HANG)
        c->verdict = VERDICT_HANG;
    /* Why it did not come back, unless what it did before is the reason. */
    if (end == RUN_HANG || (end != RUN_GATE && !c->seen[0])) {
        fmt(c->expected, sizeof(c->expected), "comes back");
        fmt(c->seen, sizeof(c->seen), "%s",
            end == RUN_NO_NMI ? "the NMI was not taken" : engine_trouble());
    }
    left_over(t);
}
