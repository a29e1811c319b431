/* SPDX-License-Identifier: MIT */
/*
 * The part of the text report that is read word by word: every wrong
 * decision, every finding, and what differed, was skipped or not run.  Checks
 * that break the same rule are one block, and those that say the same but for
 * their ids one line of it, so that one cause reads as one.
 */
#include "cpuset.h"
#include "fmt.h"
#include "render.h"

#define HANG 12      /* where the values of a finding stand */
#define LABEL_MAX 84 /* an id and its processors */
#define CPUS_MAX 32
/* What a brief report names; the whole one names all. */
#define BRIEF_IDS 3
#define BRIEF_SAYINGS 2
#define TOLD UINT32_MAX

/* The checks that are to be told of, by number (behind the first processor's
 * come the others'), and TOLD when they are. */
static struct pile {
    uint32_t check[CHECKS_MAX + REPORT_OTHERS];
    unsigned n;
} pile;

typedef bool same_check(const struct check *, const struct check *);

/* Two findings that break one rule. */
static bool same_rule(const struct check *a, const struct check *b)
{
    return same_text(a->why, b->why) && same_text(a->facts, b->facts);
}

/* Two of those with one diagnosis. */
static bool same_finding(const struct check *a, const struct check *b)
{
    return a->verdict == b->verdict && same_text(a->expected, b->expected) &&
           same_text(a->seen, b->seen) && same_rule(a, b);
}

static bool same_reason(const struct check *a, const struct check *b)
{
    return same_text(check_reason(a), check_reason(b));
}

static const struct check *numbered(const struct report *r, unsigned i)
{
    return i < r->checks ? &r->check[i] : &r->other[i - r->checks].check;
}

static void put_label(char *buf, size_t n, const struct report *r, unsigned i)
{
    const struct check *c = numbered(r, i);
    char cpus[CPUS_MAX];

    if (i >= r->checks) {
        cpuset_label(cpus, sizeof(cpus), r->other[i - r->checks].on->cpus);
        fmt(buf, n, "%s (%s)", c->id, cpus);
    } else if (c->cpu != 0) {
        fmt(buf, n, "%s (cpu %u)", c->id, c->cpu);
    } else {
        fmt(buf, n, "%s", c->id);
    }
}

/* The next in the pile from at on that is not told yet; NULL: none. */
static const struct check *next(const struct pile *p, unsigned *at,
                                const struct report *r)
{
    while (*at < p->n && p->check[*at] == TOLD)
        ++*at;
    return *at < p->n ? numbered(r, p->check[*at]) : NULL;
}

/*
 * The ids of all that say what c says, from at on, separated by commas and
 * wrapped, behind lead; they are told then.
 */
static void id_list(struct out *o, const struct report *r, struct pile *p,
                    unsigned at, same_check *same, const char *lead)
{
    const struct check *c = numbered(r, p->check[at]), *other;
    char label[LABEL_MAX];
    struct list list;
    unsigned n = 0;

    out_list_begin(o, &list, lead);
    for (; (other = next(p, &at, r)) != NULL; at++) {
        unsigned i = p->check[at];

        if (!same(c, other))
            continue;
        p->check[at] = TOLD;
        if (r->brief && ++n > BRIEF_IDS)
            continue;
        put_label(label, sizeof(label), r, i);
        out_list_item(o, &list, label);
    }
    if (r->brief && n > BRIEF_IDS) {
        fmt(label, sizeof(label), "and %u more", n - BRIEF_IDS);
        out_list_item(o, &list, label);
    }
}

/* Does nobody else say what the check at says? */
static bool alone(const struct pile *p, const struct report *r, unsigned at,
                  same_check *same)
{
    const struct check *c = numbered(r, p->check[at]), *other;

    for (at++; (other = next(p, &at, r)) != NULL; at++) {
        if (same(c, other))
            return false;
    }
    return true;
}

void text_wrong_paths(struct out *o, const struct report *r)
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

/* All that breaks the rule that the check at does, each saying once. */
static void one_rule(struct out *o, const struct report *r, struct pile *p,
                     unsigned at)
{
    const struct check *rule = numbered(r, p->check[at]), *c;
    unsigned sayings = 0, more = 0;
    char lead[16];

    for (; (c = next(p, &at, r)) != NULL; at++) {
        if (!same_rule(rule, c))
            continue;
        if (r->brief && sayings == BRIEF_SAYINGS) {
            p->check[at] = TOLD;
            more++;
            continue;
        }
        sayings++;
        fmt(lead, sizeof(lead), "%s: ", verdict_name(c->verdict));
        id_list(o, r, p, at, same_finding, lead);
        out_char(o, '\n');
        field(o, "expected", c->expected);
        field(o, "seen", c->seen);
    }
    if (more > 0)
        out_line(o, HANG, "  and %u more, seen otherwise: report.txt", more);
    field(o, "why", rule->why);
    field(o, "facts", rule->facts);
}

void text_findings(struct out *o, const struct report *r)
{
    struct pile *p = &pile;
    const char *head = "\nFindings\n";

    p->n = 0;
    for (unsigned i = 0; i < r->checks + r->others; i++) {
        if (verdict_is_finding(numbered(r, i)->verdict))
            p->check[p->n++] = i;
    }
    for (unsigned at = 0; next(p, &at, r) != NULL;) {
        out_text(o, head);
        head = "\n";
        one_rule(o, r, p, at);
    }
}

void text_others(struct out *o, const struct report *r, unsigned verdict,
                 const char *head)
{
    struct pile *p = &pile;
    const struct check *c;

    p->n = 0;
    for (unsigned i = 0; i < r->checks + r->others; i++) {
        if (numbered(r, i)->verdict == verdict)
            p->check[p->n++] = i;
    }
    for (unsigned at = 0; (c = next(p, &at, r)) != NULL;) {
        if (head != NULL)
            out_fmt(o, "\n%s\n", head);
        head = NULL;
        if (alone(p, r, at, same_reason)) {
            char label[LABEL_MAX];

            put_label(label, sizeof(label), r, p->check[at]);
            out_line(o, 4, "  %s: %s", label, check_reason(c));
            p->check[at] = TOLD;
            continue;
        }
        id_list(o, r, p, at, same_reason, "  ");
        out_text(o, ":\n");
        out_line(o, 4, "    %s", check_reason(c));
    }
}
