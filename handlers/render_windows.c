/* SPDX-License-Identifier: MIT */
/*
 * Two tables of the text report: the events that landed between an entry and
 * its SWAPGS, and what each rule costs.
 */
#include "fmt.h"
#include "render_table.h"

/* What is wrong there, and with which bases: "z", "zp", "zpn". */
static void letters(char *cell, unsigned bits)
{
    static const char letter[WINDOW_BASES] = {'z', 'p', 'n'};
    unsigned n = 0;

    for (unsigned b = 0; b < WINDOW_BASES; b++)
        if (bits >> b & 1)
            cell[n++] = letter[b];
    cell[n] = '\0';
}

static void walk_windows(struct table *t, const struct report *r)
{
    for (unsigned i = 0; i < r->windows; i++) {
        const struct record_window *w = r->window[i];
        struct row row;
        unsigned wrong = 0;

        for (unsigned e = 0; e < WINDOW_EVENTS; e++)
            wrong |= w->event[e].wrong | w->event[e].damaged;
        if (wrong == 0)
            continue;
        fmt(row.cell[0], CELL_MAX, "%s", w->specimen);
        fmt(row.cell[1], CELL_MAX, "%s", w->path);
        fmt(row.cell[2], CELL_MAX, "%s+0x%x", w->symbol, w->offset);
        for (unsigned e = 0; e < WINDOW_EVENTS; e++)
            letters(row.cell[3 + e], w->event[e].wrong | w->event[e].damaged);
        row.note = "";
        table_row(t, &row);
    }
}

void text_windows(struct out *o, const struct report *r)
{
    static const char *const heads[] = {"specimen", "path", "boundary", "db",
                                        "nmi",      "mc",   "irq",      NULL};
    struct table t = {.o = o, .heads = heads};

    if (r->windows == 0)
        return;
    out_text(o, "\nThe window: boundaries where an event goes wrong\n");
    table_render(&t, r, walk_windows);
    out_line(o, 1,
             " z p n: with a user's GS base that is zero, positive, negative.");
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
