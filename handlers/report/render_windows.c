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
#define HEAD_MAX 30  /* a list's head that is longer has its own line */

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

        end = subject_end(r, i);
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

/* Which list: of what, and of what is so with a negative base alone. */
struct kind {
    enum trouble trouble;
    bool negative;
};

static void events_there(char text[WINDOW_EVENTS + 1],
                         const struct record_window *w, const struct kind *k)
{
    unsigned n = 0;

    for (unsigned e = 0; e < WINDOW_EVENTS; e++) {
        unsigned bases = trouble_of(&w->event[e], k->trouble);
        unsigned plain = bases & ~NEGATIVE;

        if (k->negative ? plain == 0 && bases != 0 : plain != 0)
            text[n++] = letters[e];
    }
    text[n] = '\0';
}

static bool same_place(const struct record_window *a,
                       const struct record_window *b, const struct kind *k)
{
    char in_a[WINDOW_EVENTS + 1], in_b[WINDOW_EVENTS + 1];

    events_there(in_a, a, k);
    events_there(in_b, b, k);
    return same_text(in_a, in_b) &&
           (in_a[0] == '\0' ||
            (a->offset == b->offset && same_text(a->symbol, b->symbol)));
}

/* Do two subjects have the same list? */
static bool same_list(const struct report *r, unsigned a, unsigned b,
                      const struct kind *k)
{
    unsigned end_a = subject_end(r, a), end_b = subject_end(r, b);

    if (end_a - a != end_b - b)
        return false;
    while (a < end_a && same_place(r->window[a], r->window[b], k)) {
        a++;
        b++;
    }
    return a == end_a;
}

static bool has_list(const struct report *r, unsigned i, const struct kind *k)
{
    char events[WINDOW_EVENTS + 1];

    for (unsigned end = subject_end(r, i); i < end; i++) {
        events_there(events, r->window[i], k);
        if (events[0] != '\0')
            return true;
    }
    return false;
}

/* The boundaries of rows [i, end), neighbours with the same events as one. */
static void places(struct out *o, struct list *list, const struct report *r,
                   unsigned i, const struct kind *k)
{
    char events[WINDOW_EVENTS + 1], next[WINDOW_EVENTS + 1], item[PLACE_MAX];

    for (unsigned end = subject_end(r, i), last; i < end; i = last + 1) {
        const struct record_window *w = r->window[i];

        last = i;
        events_there(events, w, k);
        if (events[0] == '\0')
            continue;
        for (; last + 1 < end; last++) {
            events_there(next, r->window[last + 1], k);
            if (!same_text(next, events) ||
                !same_text(r->window[last + 1]->symbol, w->symbol))
                break;
        }
        if (last == i)
            fmt(item, sizeof(item), "%s+0x%x %s", w->symbol, w->offset, events);
        else
            fmt(item, sizeof(item), "%s+0x%x..0x%x %s", w->symbol, w->offset,
                r->window[last]->offset, events);
        out_list_item(o, list, item);
    }
}

/* The paths from subject i on that have its list, as the head of that. */
static void names(struct out *o, struct list *list, const struct report *r,
                  unsigned i, unsigned end, const struct kind *k)
{
    static const char *const words[] = {"", " damaged", " missed"};
    char item[PLACE_MAX];
    unsigned last = i;

    for (unsigned j = i; j < end; j = subject_end(r, j))
        if (same_list(r, i, j, k))
            last = j;
    out_list_begin(o, list, " ");
    for (unsigned j = i; j <= last; j = subject_end(r, j)) {
        if (!same_list(r, i, j, k))
            continue;
        fmt(item, sizeof(item), "%s%s%s%s", r->window[j]->path,
            j == last ? words[k->trouble] : "",
            j == last && k->negative ? " (negative base)" : "",
            j == last ? ":" : "");
        out_list_item(o, list, item);
    }
    /* What follows is a list of its own, on the same line if there is room. */
    last = list->column;
    if (last > HEAD_MAX)
        out_char(o, '\n');
    out_list_begin(o, list, last > HEAD_MAX ? "    " : " ");
    list->column += last > HEAD_MAX ? 0 : last;
}

/* The lists of one kind of a specimen, that of rows [first, end). */
static void lists(struct out *o, const struct report *r, unsigned first,
                  unsigned end, const struct kind *k)
{
    struct list list;

    for (unsigned i = first; i < end; i = subject_end(r, i)) {
        unsigned j = first;

        if (!has_list(r, i, k))
            continue;
        while (j < i && !same_list(r, j, i, k))
            j = subject_end(r, j);
        if (j < i)
            continue;
        names(o, &list, r, i, end, k);
        places(o, &list, r, i, k);
        out_char(o, '\n');
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
    for (unsigned n = 0; n < 2 * TROUBLES; n++) {
        struct kind k = {n / 2, n % 2 != 0};

        if (alone || !k.negative)
            lists(o, r, first, end, &k);
    }
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
