/* SPDX-License-Identifier: MIT */
/*
 * The boundaries of the window at which something was wrong, by name: label,
 * offset, and a letter for each event.
 *
 * Neighbours with the same letters are one place, and paths that have the same
 * places share one list: most go through the same stubs.  Boundaries that are
 * wrong with a negative base alone are named only where one specimen is all
 * that was run; report.json always has them.
 */
#include "fmt.h"
#include "render_windows.h"

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
    unsigned end_a = window_subject_end(r, a), end_b = window_subject_end(r, b);

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

    for (unsigned end = window_subject_end(r, i); i < end; i++) {
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

    for (unsigned end = window_subject_end(r, i), last; i < end; i = last + 1) {
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

    for (unsigned j = i; j < end; j = window_subject_end(r, j))
        if (same_list(r, i, j, k))
            last = j;
    out_list_begin(o, list, " ");
    for (unsigned j = i; j <= last; j = window_subject_end(r, j)) {
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

    for (unsigned i = first; i < end; i = window_subject_end(r, i)) {
        unsigned j = first;

        if (!has_list(r, i, k))
            continue;
        while (j < i && !same_list(r, j, i, k))
            j = window_subject_end(r, j);
        if (j < i)
            continue;
        names(o, &list, r, i, end, k);
        places(o, &list, r, i, k);
        out_char(o, '\n');
    }
}

void window_places(struct out *o, const struct report *r, unsigned first,
                   unsigned end, bool alone)
{
    for (unsigned n = 0; n < 2 * TROUBLES; n++) {
        struct kind k = {n / 2, n % 2 != 0};

        if (alone || !k.negative)
            lists(o, r, first, end, &k);
    }
}
