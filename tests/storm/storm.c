/* SPDX-License-Identifier: MIT */
/*
 * A storm on every processor, and what is to be made of it: a check for each
 * specimen, a record of what came, and of a processor that was caught the
 * entries that led there.
 */
#include "engine/engine.h"
#include "engine/processors.h"
#include "fmt.h"
#include "handoff.h"
#include "judge/finding.h"
#include "own.h"
#include "record/result.h"
#include "selectors.h"
#include "shared.h"
#include "together.h"
#include "vectors.h"
#include "window/symbols.h"

#define SHOWN 4 /* processors whose last entries are kept */
#define SECOND 1000000ull

/* Of the storm at hand, for all of its processors. */
static struct {
    const struct specimen *specimen;
    struct storm_plan plan;
    struct storm_result result[PROCESSORS_MAX];
    bool told[PROCESSORS_MAX]; /* to take part */
    unsigned outcomes;
    struct record_outcome last[STORM_OUTCOMES];
} shared SHARED;

static void job(uint64_t argument)
{
    (void)argument;
    storm_run(shared.specimen, &shared.plan, &shared.result[processor_self()]);
}

static void hand_over(uint64_t argument)
{
    (void)argument;
    shared.outcomes = storm_outcomes(shared.last);
}

static bool takes_part(unsigned n)
{
    if (n && shared.specimen->kernel)
        return false; /* only the first has its memory */
    return !n || (options_cpu(&handoff.options, n) != CPU_NOTHING &&
                  processor_done(n));
}

/* How many have stormed. */
static unsigned on_all(const struct specimen *s, const struct storm_plan *plan)
{
    unsigned n, all = processors_running(), told = 0;

    processors_wait(); /* what a check that died has left at work */
    shared.specimen = s;
    shared.plan = *plan;
    for (n = 0; n < all; n++) {
        shared.result[n] = (struct storm_result){.end = STORM_NOT_RUN};
        shared.told[n] = takes_part(n);
        told += shared.told[n];
    }
    shared.plan.entries = (plan->entries + told - 1) / told;
    storm_shoot_prepare();
    for (n = 0; n < all; n++)
        storm_set_phase(n, takes_part(n) ? STORM_TOLD : STORM_OFF);
    for (n = 1; n < all; n++)
        if (takes_part(n) && !processor_call(n, job, 0))
            storm_set_phase(n, STORM_OFF);
    job(0);
    processors_wait();
    storm_shoot_end();
    return told;
}

static const char *why_not(unsigned n)
{
    const struct storm_result *r = &shared.result[n];

    return r->end == STORM_SURVIVED  ? 0
           : r->end != STORM_NOT_RUN ? r->what
           : !shared.told[n]         ? 0 /* lost before, or not asked */
           : processor_lost(n)       ? processor_words(n)
                                     : 0;
}

static uint32_t pace(const struct storm_result *r)
{
    return (uint32_t)(r->entries * SECOND /
                      (r->microseconds ? r->microseconds : 1));
}

static void add(struct record_storm *s, unsigned n)
{
    const struct storm_result *r = &shared.result[n];
    const char *why = why_not(n);
    uint32_t rate = pace(r);

    if (r->end == STORM_NOT_RUN && !why)
        return;
    s->processors++;
    s->entries += r->entries;
    for (unsigned k = 0; k < STORM_KINDS; k++)
        s->kind[k] += r->kind[k];
    if (r->microseconds > s->microseconds)
        s->microseconds = r->microseconds;
    if (rate > s->fastest)
        s->fastest = rate;
    if (!s->slowest || rate < s->slowest)
        s->slowest = rate;
    if (!why)
        return;
    if (!s->caught++ || r->entries < s->caught_after) {
        s->caught_after = r->entries;
        s->cpu = (uint16_t)n;
        fmt(s->what, sizeof(s->what), "%s", why);
    }
}

/* What only the first does: in every world text has the same addresses. */
static void describe(struct record_outcome *o, const char *name, unsigned cpu)
{
    unsigned offset = 0;

    o->cpu = (uint16_t)cpu;
    fmt(o->specimen, sizeof(o->specimen), "%s", name);
    fmt(o->event, sizeof(o->event), "%s",
        o->vector == VECTOR_UNKNOWN ? "?" : vector_info(o->vector)->id);
    if (engine_under_test(o->rip))
        fmt(o->symbol, sizeof(o->symbol), "%s", symbol_of(o->rip, &offset));
    o->offset = (uint16_t)offset;
}

static void record_last(const char *name, unsigned n)
{
    shared.outcomes = 0;
    if (!n)
        hand_over(0);
    else if (processor_call(n, hand_over, 0))
        processors_wait();
    for (unsigned i = 0; i < shared.outcomes; i++) {
        struct record_outcome *o = &shared.last[i];

        describe(o, name, n);
        result_append(RECORD_OUTCOME, o, sizeof(*o));
    }
}

static void judge(struct record_check *c, const struct record_storm *s)
{
    c->verdict = !s->caught                                ? VERDICT_PASS
                 : shared.result[s->cpu].end == STORM_HUNG ? VERDICT_HANG
                                                           : VERDICT_FAIL;
    if (s->processors == 1)
        fmt(c->expected, sizeof(c->expected),
            "alone, with events of its own: all is right after each entry");
    else
        fmt(c->expected, sizeof(c->expected),
            "%u processors at once: all is right after each entry",
            s->processors);
    if (!s->caught)
        fmt(c->seen, sizeof(c->seen), "%s", c->expected);
    else
        fmt(c->seen, sizeof(c->seen), "cpu %u, entry %llu: %s", s->cpu,
            (unsigned long long)s->caught_after, s->what);
}

static const char *unfit(const struct specimen *s)
{
    const struct specimen_machine *m = s->machine;

    return m && m->kernel_cs &&
                   (m->kernel_cs != SEL_KERNEL_CS ||
                    m->user_ss != SEL_USER_SS ||
                    m->user_cs64 != SEL_USER_CS64 ||
                    m->user_cs32 != SEL_USER_CS32)
               ? "the storm's ring 3 knows the harness's selectors alone"
               : 0;
}

void storm_check(const struct specimen *s, const struct storm_plan *plan)
{
    char id[sizeof(((struct record_check *)0)->id)];
    const struct finding f = {
        .id = id,
        .facts = "RS5 GS4 GS10 NM1",
        .why = "whatever comes and in whatever order, each handler is on its "
               "own processor's GS base and stack, and ring 3 gets all back",
        .unfit = unfit(s),
        .risky = s == specimen_own,
    };
    struct record_storm r = {.seed = plan->seed};
    struct record_check c = {.verdict = VERDICT_PASS};
    const char *name = plan->name ? plan->name : s->name;
    uint32_t before;

    fmt(id, sizeof(id), "smp.storm.%s", name);
    if (!finding_begin(&f))
        return;
    before = storm_shoot_count();
    on_all(s, plan);
    r.shootdowns = storm_shoot_count() - before - 1;
    fmt(r.specimen, sizeof(r.specimen), "%s", name);
    for (unsigned n = 0; n < processors_running(); n++)
        add(&r, n);
    result_append(RECORD_STORM, &r, sizeof(r));
    for (unsigned n = 0, shown = 0; n < processors_running() && shown < SHOWN;
         n++)
        if (why_not(n)) {
            record_last(name, n);
            shown++;
        }
    judge(&c, &r);
    finding_report(&f, &c);
}

void storm_checks(const struct storm_plan *plan)
{
    struct storm_plan one = *plan;
    unsigned right = 0;

    for (unsigned i = 0; i < specimens_count; i++)
        right += !specimens[i]->wrong;
    one.entries = (plan->entries + right - 1) / right;
    one.milliseconds = (plan->milliseconds + right - 1) / right;
    for (unsigned i = 0; i < specimens_count; i++)
        if (!specimens[i]->wrong)
            storm_check(specimens[i], &one);
}

void storm_asked(void)
{
    const struct options *o = &handoff.options;
    const struct storm_plan plan = {
        .seed = options_seed(o, handoff.nonce),
        .entries = o->storm_entries,
        .milliseconds = o->storm * 1000ull,
    };

    processors_start();
    if (specimen_own)
        storm_check(specimen_own, &plan);
    else
        storm_checks(&plan);
}
