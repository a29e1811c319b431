/* SPDX-License-Identifier: MIT */
/*
 * A stub that takes the machine down costs a boot, and its own cells.
 *
 * The check that was running has a verdict by then, and the run goes on behind
 * it.  What else would enter the same stub may go the same way.  Where a stub
 * goes wrong can depend on where it comes from, so once is no reason to leave
 * it alone; twice is.  That is read from the verdicts of the checks, which are
 * all that is left of the boots before:
 *
 *	window.NAME.PATH.visited   the path's own stub
 *	window.NAME.PATH.nmi       the event's stub; or PATH's, if another event
 *	                           has brought it down as well
 *
 * And there is an end to it: each costs the time of a boot, and of waiting
 * for a machine that does not answer.
 */
#include "fallen.h"

#include "record/result.h"
#include "vectors.h"

#define TWICE 2
#define ALL_MAX 8 /* falls of a specimen, then it is given up */

struct fall {
    const struct subject *path;
    enum window_event event; /* NO_EVENT: the path's own walk */
    bool down;               /* the machine went down, or hung */
};

/* Behind word in text, if text begins with it; else NULL. */
static const char *behind(const char *text, const char *word)
{
    while (*word)
        if (*text++ != *word++)
            return 0;
    return text;
}

static bool is(const char *text, const char *word)
{
    const char *rest = behind(text, word);

    return rest && !*rest;
}

/* window.NAME.PATH.WHAT */
static bool read(struct fall *f, const struct specimen *s, const char *id)
{
    unsigned e = 0;

    if (!(id = behind(id, "window.")) || !(id = behind(id, s->name)) ||
        *id++ != '.')
        return false;
    f->path = 0;
    for (unsigned i = 0; i < subjects_count && !f->path; i++) {
        const char *what = behind(id, subjects[i].name);

        if (!what || *what != '.')
            continue;
        f->path = &subjects[i];
        while (e < WINDOW_EVENTS && !is(what + 1, window_event_name(e)))
            e++;
        f->event = (enum window_event)e;
    }
    return f->path;
}

/* The nth fall of the specimen's from *at on in the list of all. */
static bool next(struct fall *f, const struct specimen *s, unsigned *at)
{
    unsigned verdict;
    const char *id;

    while ((id = result_fallen((*at)++, &verdict)))
        if (read(f, s, id)) {
            f->down = verdict == VERDICT_HANG || verdict == VERDICT_RESET;
            return true;
        }
    return false;
}

/* A stub by a number: an event's, or that of a vector behind them. */
static unsigned stub_of(const struct subject *p)
{
    return p->first != NO_EVENT            ? p->first
           : p->s.vector == VEC_WINDOW_IRQ ? WINDOW_IRQ
                                           : NO_EVENT + 1 + p->s.vector;
}

static unsigned to_blame(const struct fall *f)
{
    return f->event != NO_EVENT ? f->event : stub_of(f->path);
}

struct falls {
    unsigned all, of_stub, of_call, on_path;
    bool walk; /* the path's own */
};

static struct falls count(const struct specimen *s, const struct subject *p,
                          unsigned stub)
{
    unsigned call = NO_EVENT + 1 + p->s.vector, at = 0;
    struct falls n = {0};
    struct fall f;

    while (next(&f, s, &at)) {
        if (!f.down)
            continue;
        n.all++;
        n.of_stub += to_blame(&f) == stub;
        n.of_call += p->in_call && to_blame(&f) == call;
        n.on_path += f.path == p;
        n.walk |= f.path == p && f.event == NO_EVENT;
    }
    return n;
}

static const char given_up[] =
    "the specimen has taken the machine down too often";

const char *fallen_path(const struct specimen *s, const struct subject *p)
{
    struct falls n = count(s, p, stub_of(p));

    return n.walk ? "the path itself took the machine down"
           : n.of_stub >= TWICE || n.of_call >= TWICE
               ? "its stub took the machine down: not tried again"
           : n.all >= ALL_MAX ? given_up
                              : 0;
}

const char *fallen_event(const struct specimen *s, const struct subject *p,
                         enum window_event e)
{
    struct falls n = count(s, p, e);

    return n.of_stub >= TWICE
               ? "the event's stub took the machine down: not tried again"
           : n.on_path >= TWICE
               ? "events here took the machine down twice: no more are tried"
           : n.all >= ALL_MAX ? given_up
                              : 0;
}

bool fallen_check(const struct specimen *s, const struct subject *p,
                  enum window_event e)
{
    struct fall f;
    unsigned at = 0;

    while (next(&f, s, &at))
        if (f.path == p && f.event == e)
            return true;
    return false;
}
