/* SPDX-License-Identifier: MIT */
/*
 * The storms, one row a specimen, and behind a specimen that was caught the
 * entries that led there.
 */
#include "fmt.h"
#include "render_table.h"

#define BRIEF_OUTCOMES 8 /* of those that led there, on a console */

static void walk_storms(struct table *t, const struct report *r)
{
    for (unsigned i = 0; i < r->storms; i++) {
        const struct record_storm *s = r->storm[i];
        char note[sizeof(s->what) + 48];
        struct row row;
        unsigned n = 0;

        fmt(row.cell[n++], CELL_MAX, "%s", s->specimen);
        fmt(row.cell[n++], CELL_MAX, "%u", s->processors);
        fmt(row.cell[n++], CELL_MAX, "%llu", (unsigned long long)s->entries);
        fmt(row.cell[n++], CELL_MAX, "%u", s->slowest);
        for (unsigned k = 0; k < STORM_KINDS; k++)
            fmt(row.cell[n++], CELL_MAX, "%llu",
                (unsigned long long)s->kind[k]);
        fmt(row.cell[n++], CELL_MAX, "%u", s->shootdowns);
        fmt(note, sizeof(note), "%u caught; cpu %u, entry %llu: %s", s->caught,
            s->cpu, (unsigned long long)s->caught_after, s->what);
        row.note = s->caught ? note : "";
        table_row(t, &row);
    }
}

static void place(char *buf, size_t n, const struct record_outcome *o)
{
    if (o->symbol[0] != '\0')
        fmt(buf, n, "%s+0x%x", o->symbol, o->offset);
    else
        fmt(buf, n, "%llx", (unsigned long long)o->rip);
}

static void base(char *buf, size_t n, unsigned owner, uint64_t v)
{
    if (owner != BASE_OTHERS)
        fmt(buf, n, "%s", base_owner_name(owner));
    else
        fmt(buf, n, "%llx", (unsigned long long)v);
}

static void walk_outcomes(struct table *t, const struct report *r)
{
    for (unsigned i = t->first; i < t->end; i++) {
        const struct record_outcome *o = r->outcome[i];
        struct row row = {.note = ""};
        unsigned n = 0;

        fmt(row.cell[n++], CELL_MAX, "%llu", (unsigned long long)o->entry);
        fmt(row.cell[n++], CELL_MAX, "%u", o->depth);
        fmt(row.cell[n++], CELL_MAX, "%s", o->event);
        place(row.cell[n++], CELL_MAX, o);
        fmt(row.cell[n++], CELL_MAX, "%x", o->cs);
        fmt(row.cell[n++], CELL_MAX, "%llx", (unsigned long long)o->rflags);
        base(row.cell[n++], CELL_MAX, o->gs_owner, o->gs_base);
        base(row.cell[n++], CELL_MAX, o->kernel_owner, o->kernel_gs_base);
        table_row(t, &row);
    }
}

/* Those of one processor and specimen stand together. */
static unsigned end_of(const struct report *r, unsigned i)
{
    const struct record_outcome *first = r->outcome[i];

    while (i < r->outcomes && r->outcome[i]->cpu == first->cpu &&
           same_text(r->outcome[i]->specimen, first->specimen) &&
           r->outcome[i]->entry - first->entry < STORM_OUTCOMES)
        i++;
    return i;
}

static void outcomes(struct out *o, const struct report *r)
{
    static const char *const heads[] = {"entry", "deep",      "event",
                                        "at",    "cs",        "rflags",
                                        "gs",    "kernel gs", NULL};

    for (unsigned i = 0; i < r->outcomes;) {
        struct table t = {
            .o = o, .heads = heads, .right = 3, .end = end_of(r, i)};

        t.first =
            r->brief && t.end - i > BRIEF_OUTCOMES ? t.end - BRIEF_OUTCOMES : i;
        out_line(o, 0, "%s", "");
        out_line(o, 2, "%s on processor %u: the last entries",
                 r->outcome[i]->specimen, r->outcome[i]->cpu);
        table_render(&t, r, walk_outcomes);
        i = t.end;
    }
}

void text_storms(struct out *o, const struct report *r)
{
    static const char *const heads[] = {
        "specimen", "cpus", "entries", "a second", "calls", "faults",
        "irqs",     "nmis", "steps",   "shot",     NULL};
    struct table t = {.o = o, .heads = heads, .right = 0x1ff << 1};

    if (r->storms == 0)
        return;
    out_line(o, 0, "%s", "");
    out_line(o, 2, "The storm: all ways in and all events at once (--seed %u)",
             r->storm[0]->seed);
    table_render(&t, r, walk_storms);
    outcomes(o, r);
}
