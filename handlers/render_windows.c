/* SPDX-License-Identifier: MIT */
/*
 * Two tables of the text report: the events that landed between an entry and
 * its SWAPGS, and what each rule costs.
 */
#include "fmt.h"
#include "render_table.h"

/* What a rule would do, with a mark where that would be wrong. */
static void would(char *cell, bool swap, bool needed)
{
    fmt(cell, CELL_MAX, "%s%s", swap ? "swap" : "keep",
        swap != needed ? "!" : "");
}

/* Landings that differ in nothing that the table shows. */
static bool same_landing(const struct record_window *a,
                         const struct record_window *b)
{
    return same_text(a->path, b->path) && same_text(a->symbol, b->symbol) &&
           a->offset == b->offset && same_text(a->event, b->event) &&
           (a->cs & 3) == (b->cs & 3) && a->needed == b->needed &&
           a->by_cs == b->by_cs && a->by_sign == b->by_sign &&
           a->did == b->did && a->right == b->right;
}

static void window_row(struct table *t, const struct record_window *w,
                       unsigned times)
{
    struct row row;

    fmt(row.cell[0], CELL_MAX, "%s", w->path);
    fmt(row.cell[1], CELL_MAX, "%s+0x%x", w->symbol, w->offset);
    fmt(row.cell[2], CELL_MAX, "%s", w->event);
    fmt(row.cell[3], CELL_MAX, "%u", times);
    fmt(row.cell[4], CELL_MAX, "%s", w->cs & 3 ? "user" : "kernel");
    fmt(row.cell[5], CELL_MAX, "%s", w->needed ? "user" : "kernel");
    would(row.cell[6], w->by_cs, w->needed);
    would(row.cell[7], w->by_sign, w->needed);
    would(row.cell[8], w->did, w->needed);
    fmt(row.cell[9], CELL_MAX, "%s", w->right ? "right" : "WRONG");
    row.note = "";
    table_row(t, &row);
}

static void walk_windows(struct table *t, const struct report *r)
{
    for (unsigned i = 0, times; i < r->windows; i += times) {
        times = 1;
        while (i + times < r->windows &&
               same_landing(r->window[i], r->window[i + times]))
            times++;
        window_row(t, r->window[i], times);
    }
}

void text_windows(struct out *o, const struct report *r)
{
    static const char *const heads[] = {"path", "boundary", "event", "n",
                                        "CS",   "base",     "by-cs", "by-sign",
                                        "did",  "verdict",  NULL};
    struct table t = {.o = o, .heads = heads, .right = 1 << 3};

    if (r->windows == 0)
        return;
    out_text(o, "\nThe window: an event between an entry and its SWAPGS\n");
    table_render(&t, r, walk_windows);
    out_line(o, 1,
             " n: landings. CS and base: whose CS and GS base the event "
             "found. by-cs, by-sign: what that rule would do; did: what "
             "the stub did; ! marks a wrong decision.");
}

static void walk_costs(struct table *t, const struct report *r)
{
    for (unsigned i = 0; i < r->costs; i++) {
        const struct record_cost *c = r->cost[i];
        struct row row;

        fmt(row.cell[0], CELL_MAX, "%s", c->path);
        fmt(row.cell[1], CELL_MAX, "%s", rule_name(c->rule));
        fmt(row.cell[2], CELL_MAX, "%u", c->n);
        fmt(row.cell[3], CELL_MAX, "%lu", c->min);
        fmt(row.cell[4], CELL_MAX, "%lu", c->median);
        fmt(row.cell[5], CELL_MAX, "%lu", c->p99);
        fmt(row.cell[6], CELL_MAX, "%s", c->unit);
        row.note = c->what;
        table_row(t, &row);
    }
}

void text_costs(struct out *o, const struct report *r)
{
    static const char *const heads[] = {"path",   "rule", "n",    "min",
                                        "median", "p99",  "unit", NULL};
    struct table t = {.o = o, .heads = heads, .right = 0xf << 2};

    if (r->costs == 0)
        return;
    out_line(o, 0, "%s", "");
    out_line(o, 2, "Costs%s%s", r->machine != NULL ? ", on " : "",
             r->machine == NULL                   ? ""
             : r->machine->accelerator[0] == '\0' ? "an unknown accelerator"
                                                  : r->machine->accelerator);
    table_render(&t, r, walk_costs);
}
