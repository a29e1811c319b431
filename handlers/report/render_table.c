/* SPDX-License-Identifier: MIT */
/* Tables in text: see render_table.h. */
#include "render_table.h"

#include "fmt.h"

#define ROW_MAX 400
#define HANG_MAX 50 /* a note that begins further right has its own line */

static unsigned length(const char *s)
{
    unsigned n = 0;

    while (s[n] != '\0')
        n++;
    return n;
}

static void measure(struct table *t, const struct row *row)
{
    for (unsigned c = 0; t->heads[c] != NULL; c++) {
        unsigned n = length(row->cell[c]);

        if (n > t->width[c])
            t->width[c] = (unsigned char)n;
    }
}

static void print(struct table *t, const struct row *row)
{
    char line[ROW_MAX];
    unsigned at = 0;

    for (unsigned c = 0; t->heads[c] != NULL; c++) {
        int width = t->width[c];

        if (!(t->right & 1u << c))
            width = -width;
        at += (unsigned)fmt(line + at, sizeof(line) - at, " %*s", width,
                            row->cell[c]);
    }
    if (row->note[0] == '\0') {
        out_line(t->o, 4, "%s", line);
    } else if (at + 2 <= HANG_MAX ||
               at + 2 + length(row->note) <= TEXT_COLUMNS) {
        out_line(t->o, at + 2 <= HANG_MAX ? at + 2 : 4, "%s  %s", line,
                 row->note);
    } else {
        out_line(t->o, 4, "%s", line);
        out_line(t->o, 4, "    %s", row->note);
    }
}

void table_row(struct table *t, const struct row *row)
{
    if (t->printing)
        print(t, row);
    else
        measure(t, row);
}

void table_render(struct table *t, const struct report *r,
                  void (*walk)(struct table *, const struct report *))
{
    struct row heads;

    heads.note = "";
    for (unsigned c = 0; t->heads[c] != NULL; c++) {
        fmt(heads.cell[c], CELL_MAX, "%s", t->heads[c]);
        t->width[c] = 0;
    }
    t->printing = false;
    measure(t, &heads);
    walk(t, r);
    t->printing = true;
    print(t, &heads);
    walk(t, r);
}
