/* SPDX-License-Identifier: MIT */
/*
 * The window's records: one for each boundary, whatever the base.
 *
 * Each of the three walks has its own list of stops, and mostly they are the
 * same.  With a negative base a stub that goes by the sign takes another way,
 * and a path may come through one place twice.  So a walk's stop looks for a
 * record of its address that has not been used with its base, from where the
 * last one was found; what it does not find is a new one.
 *
 * The hash over the verdicts leaves out addresses and code: it is the same on
 * every machine, for what entry code does does not depend on who runs it.
 */
#include "records.h"

#include "code.h"
#include "fmt.h"
#include "record/journal.h"
#include "record/result.h"
#include "symbols.h"

#define WINDOWS (2 * STOPS) /* a path may differ from base to base */

static struct record_window window[WINDOWS];
static unsigned windows;

static unsigned length_at(const struct walk *p, unsigned n)
{
    uint64_t rip = p->stop[n].f.rip;
    unsigned length = code_branch_length(rip);
    uint64_t step = n + 1 < p->stops ? p->stop[n + 1].f.rip - rip : 0;

    return length                                              ? length
           : step <= sizeof(((struct record_window *)0)->code) ? (unsigned)step
                                                               : 0;
}

static struct record_check own;

void records_own_check(const struct record_check *c)
{
    own = *c;
}

void records_place(const struct walk *p, uint64_t rip, uint64_t stub)
{
    char place[SYMBOL_PLACE_MAX], event[SYMBOL_PLACE_MAX];

    if (p->specimen != specimen_own)
        return;
    symbol_place(place, sizeof(place), rip);
    symbol_place(event, sizeof(event), stub);
    if (stub)
        fmt(own.seen, sizeof(own.seen), "in %s, come from %s, base %s", event,
            place, window_base_name(p->base));
    else
        fmt(own.seen, sizeof(own.seen), "at %s, base %s", place,
            window_base_name(p->base));
    result_pending(&own);
}

void records_begin(void)
{
    windows = 0;
}

/* The boundary's record: the same place, not yet come to with this base. */
static struct record_window *find(const struct walk *p, unsigned n,
                                  unsigned hint)
{
    const struct stop *s = &p->stop[n];
    uint8_t bit = (uint8_t)(1u << p->base);
    struct record_window *w;
    unsigned offset;

    if (hint < windows && window[hint].rip == s->f.rip &&
        !(window[hint].bases & bit))
        return &window[hint];
    for (unsigned i = 0; i < windows; i++)
        if (window[i].rip == s->f.rip && !(window[i].bases & bit))
            return &window[i];
    if (windows == WINDOWS)
        return 0;
    w = &window[windows];
    *w = (struct record_window){
        .index = (uint16_t)windows,
        .cs = (uint16_t)s->f.cs,
        .flags = s->flags,
        .length = (uint8_t)length_at(p, n),
        .rip = s->f.rip,
    };
    windows++;
    fmt(w->specimen, sizeof(w->specimen), "%s", p->specimen->name);
    fmt(w->path, sizeof(w->path), "%s", p->subject->name);
    fmt(w->symbol, sizeof(w->symbol), "%s",
        s->f.cs & 3 ? origin_name(p->subject->s.from)
                    : symbol_of(s->f.rip, &offset));
    w->offset = s->f.cs & 3 ? 0 : (uint16_t)offset;
    __builtin_memcpy(w->code, (const void *)s->f.rip,
                     w->length ? w->length : sizeof(w->code));
    return w;
}

void records_walk(const struct walk *p)
{
    uint8_t bit = (uint8_t)(1u << p->base);
    unsigned hint = 0;

    for (unsigned n = 0; n < p->stops; n++) {
        struct record_window *w;

        if (!p->stop[n].boundary || !(w = find(p, n, hint)))
            continue;
        hint = (unsigned)(w - window) + 1;
        w->bases |= bit;
        if (p->stop[n].users)
            w->users |= bit;
        for (unsigned r = 0; r < WINDOW_RULES; r++)
            if (p->stop[n].wrong >> r & 1)
                w->rule_wrong[r] |= bit;
    }
}

/* The record of a stop, once more: events come when all paths are known. */
static struct record_window *again(const struct walk *p, unsigned n,
                                   unsigned from)
{
    for (unsigned i = 0; i < windows; i++) {
        struct record_window *w = &window[(from + i) % windows];

        if (w->rip == p->stop[n].f.rip && w->bases >> p->base & 1)
            return w;
    }
    return 0;
}

void records_events(const struct injection *i)
{
    uint8_t bit = (uint8_t)(1u << i->walk->base);
    unsigned from = 0;

    for (unsigned n = 0; n < i->walk->stops; n++) {
        const struct landing *l = &i->at[n];
        struct record_window *w;

        if (!i->walk->stop[n].boundary || !(w = again(i->walk, n, from)))
            continue;
        from = (unsigned)(w - window) + 1;
        w->event[i->event].sent |= l->sent ? bit : 0;
        w->event[i->event].exact |= l->exact ? bit : 0;
        if (l->dropped)
            w->dropped |= (uint16_t)(bit << WINDOW_BASES * i->event);
        if (!only_overwritten(i->walk, i->event))
            w->event[i->event].wrong |= l->wrong ? bit : 0;
        if (same_stack(i->walk, i->event))
            w->event[i->event].overwritten |= l->damaged ? bit : 0;
        else
            w->event[i->event].damaged |= l->damaged ? bit : 0;
    }
}

/* The verdicts, not where the build put the code. */
static uint32_t hash_of(uint32_t hash, const struct record_window *w)
{
    struct record_window h = *w;

    h.rip = 0;
    __builtin_memset(h.code, 0, sizeof(h.code));
    return crc32(hash, &h, sizeof(h));
}

void records_end(struct record_subject *subject)
{
    for (unsigned i = 0; i < windows; i++) {
        result_append(RECORD_WINDOW, &window[i], sizeof(window[i]));
        subject->hash = hash_of(subject->hash, &window[i]);
    }
    subject->boundaries = windows;
    result_append(RECORD_SUBJECT, subject, sizeof(*subject));
}
