/* SPDX-License-Identifier: MIT */
/*
 * The window in the text report: for each specimen one line a path, and then
 * (render_places.c) by name each boundary at which a stub of its was wrong.
 *
 * A negative user base is counted apart, behind a '/': it is the published
 * limit of by-sign.
 */
#include "render_windows.h"
#include "fmt.h"
#include "render_table.h"

static bool same_subject(const struct record_window *a,
                         const struct record_window *b)
{
    return same_text(a->path, b->path) && same_text(a->specimen, b->specimen);
}

/* Behind the last row of the subject, or of the specimen, of row i. */
unsigned window_subject_end(const struct report *r, unsigned i)
{
    unsigned end = i;

    while (end < r->windows && same_subject(r->window[i], r->window[end]))
        end++;
    return end;
}

static unsigned specimen_end(const struct report *r, unsigned i)
{
    unsigned end = i;

    while (end < r->windows &&
           same_text(r->window[i]->specimen, r->window[end]->specimen))
        end++;
    return end;
}

static const struct record_subject *subject_of(const struct report *r,
                                               const struct record_window *w)
{
    for (unsigned i = 0; i < r->subjects; i++)
        if (same_text(r->subject[i]->path, w->path) &&
            same_text(r->subject[i]->specimen, w->specimen))
            return r->subject[i];
    return NULL;
}

/* Counts of boundaries, as one cell. */
struct tally {
    unsigned plain;    /* with a zero or positive base */
    unsigned negative; /* with a negative one */
    unsigned overwritten;
    bool any; /* was it asked at all? */
};

static void count(struct tally *t, unsigned asked, unsigned bases)
{
    t->any |= asked != 0;
    t->plain += (bases & ~NEGATIVE) != 0;
    t->negative += (bases & NEGATIVE) != 0;
}

static void tally_cell(char *cell, const struct tally *t)
{
    if (!t->any)
        cell[0] = '\0';
    else if (t->overwritten != 0 && t->plain == 0)
        fmt(cell, CELL_MAX, "o%u", t->overwritten);
    else if (t->overwritten != 0)
        fmt(cell, CELL_MAX, "%uo%u", t->plain, t->overwritten);
    else if (t->plain == t->negative || t->negative == 0)
        fmt(cell, CELL_MAX, "%u", t->plain);
    else
        fmt(cell, CELL_MAX, "%u/%u", t->plain, t->negative);
}

static unsigned bits(unsigned v)
{
    unsigned n = 0;

    for (; v != 0; v &= v - 1)
        n++;
    return n;
}

/* Landings: one number, or exact of planned where one is lost. */
static void landings_cell(char *cell, const struct report *r, unsigned first,
                          unsigned end)
{
    const struct record_subject *l = subject_of(r, r->window[first]);
    unsigned planned = 0, exact = 0;

    for (unsigned i = first; i < end; i++) {
        for (unsigned e = 0; e < WINDOW_EVENTS; e++) {
            planned += bits(r->window[i]->event[e].sent);
            exact += bits(r->window[i]->event[e].exact);
        }
    }
    if (l != NULL) {
        planned = l->planned;
        exact = l->exact;
    }
    if (planned == exact)
        fmt(cell, CELL_MAX, "%u", exact);
    else
        fmt(cell, CELL_MAX, "%u of %u", exact, planned);
}

static void walk_subjects(struct table *t, const struct report *r)
{
    struct row row;

    row.note = "";
    for (unsigned i = t->first, end; i < t->end; i = end) {
        struct tally event[WINDOW_EVENTS] = {{0, 0, 0, false}};
        struct tally rule[WINDOW_RULES] = {{0, 0, 0, false}};
        unsigned cell = 3;

        end = window_subject_end(r, i);
        for (unsigned k = i; k < end; k++) {
            const struct record_window *w = r->window[k];

            for (unsigned e = 0; e < WINDOW_EVENTS; e++) {
                const struct window_event_bases *b = &w->event[e];

                count(&event[e], b->sent, b->wrong | b->damaged);
                event[e].overwritten += b->overwritten != 0;
            }
            for (unsigned u = 0; u < WINDOW_RULES; u++)
                count(&rule[u], w->bases, w->rule_wrong[u]);
        }
        fmt(row.cell[0], CELL_MAX, "%s", r->window[i]->path);
        fmt(row.cell[1], CELL_MAX, "%u", end - i);
        landings_cell(row.cell[2], r, i, end);
        for (unsigned e = 0; e < WINDOW_EVENTS; e++)
            tally_cell(row.cell[cell++], &event[e]);
        for (unsigned u = 0; u < WINDOW_RULES; u++)
            tally_cell(row.cell[cell++], &rule[u]);
        table_row(t, &row);
    }
}

static void specimen(struct out *o, const struct report *r, unsigned first,
                     unsigned end)
{
    static const char *const heads[] = {"path", "n",  "sent", "db",
                                        "nmi",  "mc", "irq",
#define EVENT_RULE(id, name, column, limit, about) column,
#include "rules.def"
                                        NULL};
    struct table t = {.o = o, .heads = heads, .right = ~1u};
    const struct record_subject *l = subject_of(r, r->window[first]);
    bool alone = first == 0 && end == r->windows;

    t.first = first;
    t.end = end;
    out_char(o, '\n');
    out_line(o, 2, "%s%s%s", r->window[first]->specimen,
             l != NULL && l->about[0] != '\0' ? ": " : "",
             l != NULL ? l->about : "");
    table_render(&t, r, walk_subjects);
    window_places(o, r, first, end, alone);
}

void text_windows(struct out *o, const struct report *r)
{
    static const char rules[] =
#define EVENT_RULE(id, name, column, limit, about) " " column
#include "rules.def"
        ;

    if (r->windows == 0)
        return;
    out_text(o, "\nThe window: every event at every instruction of every path "
                "in and out\n");
    out_line(o, 1,
             " n: boundaries. sent: events, each of which was delivered once "
             "and exactly there, or how many were. db nmi mc irq: boundaries "
             "at which the specimen's own stub for the event was wrong;%s: at "
             "which one with the rule of that name would be. a/b: with a zero "
             "or positive user base / with a negative one; o: its frame "
             "overwrote the one that was there, on the same IST stack. Below, "
             "by name: D #DB, N NMI, M #MC, I IRQ.",
             rules);
    for (unsigned i = 0, end; i < r->windows; i = end) {
        end = specimen_end(r, i);
        specimen(o, r, i, end);
    }
}
