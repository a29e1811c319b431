/* SPDX-License-Identifier: MIT */
/*
 * The part of the text report that is read word by word: every wrong
 * decision, every finding, and what differed, was skipped or not run.  Checks
 * that say the same but for their ids are one block, so that one cause reads
 * as one.
 */
#include "fmt.h"
#include "render.h"

#define HANG 12      /* where the values of a finding stand */
#define LABEL_MAX 64 /* an id and its processor */

/* Two findings with one diagnosis. */
static bool same_finding(const struct record_check *a,
                         const struct record_check *b)
{
    return a->verdict == b->verdict && same_text(a->expected, b->expected) &&
           same_text(a->seen, b->seen) && same_text(a->why, b->why) &&
           same_text(a->facts, b->facts);
}

static bool same_reason(const struct record_check *a,
                        const struct record_check *b)
{
    return a->verdict == b->verdict &&
           same_text(check_reason(a), check_reason(b));
}

typedef bool same_check(const struct record_check *,
                        const struct record_check *);

/* Does no check before check i say the same? */
static bool first_of_kind(const struct report *r, unsigned i, same_check *same)
{
    for (unsigned k = i; k-- > 0;) {
        if (same(r->check[k], r->check[i]))
            return false;
    }
    return true;
}

static void put_label(char *buf, size_t n, const struct record_check *c)
{
    if (c->cpu != 0)
        fmt(buf, n, "%s (processor %u)", c->id, c->cpu);
    else
        fmt(buf, n, "%s", c->id);
}

/*
 * The ids of all checks from i on that say what check i says, separated by
 * commas and wrapped, behind lead.  Returns how many.
 */
static unsigned id_list(struct out *o, const struct report *r, unsigned i,
                        same_check *same, const char *lead)
{
    struct list list;
    unsigned n = 0;

    out_list_begin(o, &list, lead);
    for (unsigned k = i; k < r->checks; k++) {
        char label[LABEL_MAX];

        if (!same(r->check[i], r->check[k]))
            continue;
        put_label(label, sizeof(label), r->check[k]);
        out_list_item(o, &list, label);
        n++;
    }
    return n;
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

void text_findings(struct out *o, const struct report *r)
{
    const char *head = "\nFindings\n";

    for (unsigned i = 0; i < r->checks; i++) {
        const struct record_check *c = r->check[i];
        char lead[16];

        if (!verdict_is_finding(c->verdict) ||
            !first_of_kind(r, i, same_finding))
            continue;
        out_text(o, head);
        head = "\n";
        fmt(lead, sizeof(lead), "%s: ", verdict_name(c->verdict));
        id_list(o, r, i, same_finding, lead);
        out_char(o, '\n');
        field(o, "expected", c->expected);
        field(o, "seen", c->seen);
        field(o, "why", c->why);
        field(o, "facts", c->facts);
    }
}

void text_others(struct out *o, const struct report *r, unsigned verdict,
                 const char *head)
{
    for (unsigned i = 0; i < r->checks; i++) {
        const struct record_check *c = r->check[i];
        char label[LABEL_MAX];

        if (c->verdict != verdict || !first_of_kind(r, i, same_reason))
            continue;
        if (head != NULL)
            out_fmt(o, "\n%s\n", head);
        head = NULL;
        put_label(label, sizeof(label), c);
        if (id_list(NULL, r, i, same_reason, "") == 1) {
            out_line(o, 4, "  %s: %s", label, check_reason(c));
            continue;
        }
        id_list(o, r, i, same_reason, "  ");
        out_text(o, ":\n");
        out_line(o, 4, "    %s", check_reason(c));
    }
}
