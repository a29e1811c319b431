/* SPDX-License-Identifier: MIT */
/*
 * The words of the report for the enums of record.h, one list each.  Every
 * renderer, the live console and the KTAP stream take them from here.
 */
#include "fmt.h"
#include "macros.h"
#include "record.h"

static const char *const verdicts[] = {
    [VERDICT_NOTRUN] = "notrun", [VERDICT_PASS] = "pass",
    [VERDICT_DIFFER] = "differ", [VERDICT_SKIP] = "skip",
    [VERDICT_FAIL] = "fail",     [VERDICT_HANG] = "hang",
    [VERDICT_RESET] = "reset",
};
static const char *const rules[] = {
    [RULE_NONE] = "none",
#define RULE(id, name, about) [RULE_##id] = (name),
#include "rules.def"
};
static const char *const rules_about[] = {
    [RULE_NONE] = "no decision",
#define RULE(id, name, about) [RULE_##id] = (about),
#include "rules.def"
};
static const char *const origins[] = {
    [FROM_RING3] = "ring 3",
    [FROM_COMPAT] = "compat",
    [FROM_RING0] = "ring 0",
};
static const char *const events[] = {
    [WINDOW_DB] = "db",
    [WINDOW_NMI] = "nmi",
    [WINDOW_MC] = "mc",
    [WINDOW_IRQ] = "irq",
};
static const char *const window_rules[] = {
#define EVENT_RULE(id, name, column, limit, about) [WINDOW_##id] = (name),
#include "rules.def"
};
static const uint8_t limits[] = {
#define EVENT_RULE(id, name, column, limit, about) [WINDOW_##id] = (limit),
#include "rules.def"
};
static const char *const bases[] = {
    [WINDOW_ZERO] = "zero",
    [WINDOW_POSITIVE] = "positive",
    [WINDOW_NEGATIVE] = "negative",
};
static const char *const latencies[] = {
    [LATENCY_FIXED] = "fixed",
    [LATENCY_NMI] = "nmi",
    [LATENCY_SHOOTDOWN] = "shootdown",
};

static const char *const storm_kinds[] = {
    [STORM_CALLS] = "calls", [STORM_FAULTS] = "faults", [STORM_IRQS] = "irqs",
    [STORM_NMIS] = "nmis",   [STORM_STEPS] = "steps",
};
static const char *const owners[] = {
    [BASE_OTHERS] = "other",
    [BASE_PROCESSORS] = "own",
    [BASE_USERS] = "user",
};

_Static_assert(COUNT(storm_kinds) == STORM_KINDS, "a kind without a name");
_Static_assert(COUNT(verdicts) == VERDICT_COUNT, "a verdict without a name");
_Static_assert(COUNT(origins) == FROM_COUNT, "an origin without a name");
_Static_assert(COUNT(events) == WINDOW_EVENTS, "an event without a name");
_Static_assert(COUNT(bases) == WINDOW_BASES, "a base without a name");
_Static_assert(COUNT(latencies) == LATENCY_KINDS, "a latency without a name");

/* A number from a damaged record has no name, but must not cost the report. */
static const char *name(const char *const *names, unsigned n, unsigned i)
{
    return i < n ? names[i] : "unknown";
}

const char *verdict_name(unsigned v)
{
    return name(verdicts, COUNT(verdicts), v);
}

const char *rule_name(unsigned r)
{
    return name(rules, COUNT(rules), r);
}

const char *rule_about(unsigned r)
{
    return name(rules_about, COUNT(rules_about), r);
}

const char *origin_name(unsigned o)
{
    return name(origins, COUNT(origins), o);
}

const char *window_event_name(unsigned e)
{
    return name(events, COUNT(events), e);
}

const char *window_rule_name(unsigned r)
{
    return name(window_rules, COUNT(window_rules), r);
}

unsigned window_rule_of(unsigned r)
{
    switch (r) {
#define EVENT_RULE(id, name, column, limit, about)                             \
    case RULE_##id:                                                            \
        return WINDOW_##id;
#include "rules.def"
    default:
        return WINDOW_RULES;
    }
}

unsigned window_rule_limit(unsigned r)
{
    return r < COUNT(limits) ? limits[r] : 0;
}

const char *window_base_name(unsigned b)
{
    return name(bases, COUNT(bases), b);
}

const char *latency_name(unsigned k)
{
    return name(latencies, COUNT(latencies), k);
}

const char *storm_kind_name(unsigned k)
{
    return name(storm_kinds, COUNT(storm_kinds), k);
}

const char *base_owner_name(unsigned o)
{
    return name(owners, COUNT(owners), o);
}

void step_words(char *buf, size_t n, const struct record_step *s)
{
    fmt(buf, n, "%s%s",
        s->kind == STEP_CASE    ? "case "
        : s->kind == STEP_CHECK ? "check "
                                : "",
        s->name);
}
