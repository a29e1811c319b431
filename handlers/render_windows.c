/* SPDX-License-Identifier: MIT */
/*
 * The window in the text report: for each specimen one line a path, and then
 * by name each boundary at which one of its own stubs was wrong.
 *
 * A negative user base is counted apart, behind a '/': it is the published
 * limit of by-sign.  Boundaries that are wrong with it alone are named only
 * where one specimen is all that was run; report.json always has them.
 */
#include "fmt.h"
#include "render_table.h"

#define NEGATIVE (1u << WINDOW_NEGATIVE)
#define PLACE_MAX 80 /* "label+0x10..0x20 DNMI" */

/* In the order of enum window_event. */
static const char letters[WINDOW_EVENTS + 1] = "DNMI";

enum trouble { WRONG, DAMAGED, MISSED, TROUBLES };

static unsigned trouble_of(const struct window_event_bases *b, enum trouble t)
{
    return t == WRONG     ? b->wrong
           : t == DAMAGED ? b->damaged
                          : b->sent & ~(unsigned)b->exact;
}

static bool same_subject(const struct record_window *a,
                         const struct record_window *b)
{
    return same_text(a->path, b->path) && same_text(a->specimen, b->specimen);
}

/* Behind the last row of the subject, or of the specimen, of row i. */
static unsigned subject_end(const struct report *r, unsigned i)
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

static const struct record_lab *lab_of(const struct report *r,
                                       const struct record_window *w)
{
    for (unsigned i = 0; i < r->labs; i++)
        if (same_text(r->lab[i]->path, w->path) &&
            same_text(r->lab[i]->specimen, w->specimen))
            return r->lab[i];
    return NULL;
}

/* Counts of boundaries, as one cell. */
struct tally {
    unsigned plain;    /* with a zero or positive base */
    unsigned negative; /* with a negative one */
    bool any;          /* was it asked at all? */
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
    const struct record_lab *l = lab_of(r, r->window[first]);
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
        struct tally event[WINDOW_EVENTS] = {{0, 0, false}};
        struct tally rule[WINDOW_RULES] = {{0, 0, false}};
        unsigned cell = 3;

        end = subject_end(r, i);
        for (unsigned k = i; k < end; k++) {
            const struct record_window *w = r->window[k];

            for (unsigned e = 0; e < WINDOW_EVENTS; e++) {
                const struct window_event_bases *b = &w->event[e];

                count(&event[e], b->sent, b->wrong | b->damaged);
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

/* The letters of the events that have this trouble there. */
static void events_in_trouble(char text[WINDOW_EVENTS + 1],
                              const struct record_window *w, enum trouble t,
                              bool negative)
{
    unsigned n = 0;

    for (unsigned e = 0; e < WINDOW_EVENTS; e++) {
        unsigned plain = trouble_of(&w->event[e], t) & ~NEGATIVE;

        if (negative ? plain == 0 && trouble_of(&w->event[e], t) != 0
                     : plain != 0)
            text[n++] = letters[e];
    }
    text[n] = '\0';
}

/*
 * One list: the boundaries of rows [first, end) that have this trouble,
 * neighbours with the same events as one item.
 */
static void places(struct out *o, const struct report *r, unsigned first,
                   unsigned end, enum trouble t, bool negative)
{
    static const char *const words[] = {"", " damaged", " missed"};
    char events[WINDOW_EVENTS + 1], next[WINDOW_EVENTS + 1], item[PLACE_MAX];
    struct list list = {0, 0};

    for (unsigned i = first, last; i < end; i = last + 1) {
        const struct record_window *w = r->window[i];

        last = i;
        events_in_trouble(events, w, t, negative);
        if (events[0] == '\0')
            continue;
        for (; last + 1 < end; last++) {
            events_in_trouble(next, r->window[last + 1], t, negative);
            if (!same_text(next, events) ||
                !same_text(r->window[last + 1]->symbol, w->symbol))
                break;
        }
        if (list.items == 0) {
            fmt(item, sizeof(item), " %s%s%s: ", w->path, words[t],
                negative ? " (negative base)" : "");
            out_list_begin(o, &list, item);
        }
        if (last == i)
            fmt(item, sizeof(item), "%s+0x%x %s", w->symbol, w->offset, events);
        else
            fmt(item, sizeof(item), "%s+0x%x..0x%x %s", w->symbol, w->offset,
                r->window[last]->offset, events);
        out_list_item(o, &list, item);
    }
    if (list.items != 0)
        out_char(o, '\n');
}

static void specimen(struct out *o, const struct report *r, unsigned first,
                     unsigned end)
{
    static const char *const heads[] = {
        "path",  "n",       "sent", "db",     "nmi",   "mc", "irq",
        "by-cs", "by-sign", "save", "stored", "blind", NULL};
    struct table t = {.o = o, .heads = heads, .right = 0xffe};
    const struct record_lab *l = lab_of(r, r->window[first]);
    bool alone = first == 0 && end == r->windows;

    t.first = first;
    t.end = end;
    out_char(o, '\n');
    out_line(o, 2, "%s%s%s", r->window[first]->specimen,
             l != NULL && l->about[0] != '\0' ? ": " : "",
             l != NULL ? l->about : "");
    table_render(&t, r, walk_subjects);
    for (unsigned i = first, next; i < end; i = next) {
        next = subject_end(r, i);
        for (unsigned kind = WRONG; kind < TROUBLES; kind++) {
            places(o, r, i, next, kind, false);
            if (alone)
                places(o, r, i, next, kind, true);
        }
    }
}

void text_windows(struct out *o, const struct report *r)
{
    if (r->windows == 0)
        return;
    out_text(o, "\nThe window: every event at every instruction of every path "
                "in and out\n");
    out_line(o, 1,
             " n: boundaries. sent: events, each of which was delivered once "
             "and exactly there, or how many were. db nmi mc irq: boundaries "
             "at which the specimen's own stub for the event was wrong; by-cs "
             "... blind: at which that rule would be. a/b: with a zero or "
             "positive user base / with a negative one. Below, by name: D #DB, "
             "N NMI, M #MC, I IRQ.");
    for (unsigned i = 0, end; i < r->windows; i = end) {
        end = specimen_end(r, i);
        specimen(o, r, i, end);
    }
}
