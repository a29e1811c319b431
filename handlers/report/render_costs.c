/* SPDX-License-Identifier: MIT */
/* The table of the text report about what each path and rule costs. */
#include "fmt.h"
#include "render_table.h"

static void walk_costs(struct table *t, const struct report *r)
{
    for (unsigned i = 0; i < r->costs; i++) {
        const struct record_cost *c = r->cost[i];
        struct row row;

        fmt(row.cell[0], CELL_MAX, "%s", c->specimen);
        fmt(row.cell[1], CELL_MAX, "%s", c->path);
        fmt(row.cell[2], CELL_MAX, "%s", rule_name(c->rule));
        fmt(row.cell[3], CELL_MAX, "%u", c->n);
        fmt(row.cell[4], CELL_MAX, "%lu", c->min);
        fmt(row.cell[5], CELL_MAX, "%lu", c->median);
        fmt(row.cell[6], CELL_MAX, "%lu", c->p99);
        row.note = c->what;
        table_row(t, &row);
    }
}

void text_costs(struct out *o, const struct report *r)
{
    static const char *const heads[] = {"specimen", "path",   "rule", "n",
                                        "min",      "median", "p99",  NULL};
    struct table t = {.o = o, .heads = heads, .right = 0xf << 3};

    if (r->costs == 0)
        return;
    out_line(o, 0, "%s", "");
    out_line(o, 2, "Costs in %s%s%s", r->cost[0]->unit,
             r->machine != NULL ? ", on " : "",
             r->machine == NULL                   ? ""
             : r->machine->accelerator[0] == '\0' ? "an unknown accelerator"
                                                  : r->machine->accelerator);
    table_render(&t, r, walk_costs);
}
