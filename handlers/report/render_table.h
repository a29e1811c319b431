/* SPDX-License-Identifier: MIT */
/*
 * The tables of the text report.  Each is walked twice: once to measure its
 * columns, once to print them, so that no column is wider than it must be
 * and the note behind them has the rest of the line.
 */
#ifndef RINGSIDE_RENDER_TABLE_H
#define RINGSIDE_RENDER_TABLE_H

#include "render.h"

#define COLUMNS_MAX 16 /* without the note */
#define CELL_MAX 44

struct table {
    struct out *o;
    const char *const *heads; /* NULL behind the last */
    unsigned right;           /* bit n: column n is numeric, right-aligned */
    unsigned first, end;      /* for the walk: the rows that it is about */
    bool printing;            /* measuring otherwise */
    unsigned char width[COLUMNS_MAX];
};

struct row {
    char cell[COLUMNS_MAX][CELL_MAX];
    const char *note;
};

/* A walk calls this for each row; it measures or prints. */
void table_row(struct table *t, const struct row *row);

/* Prints the heads and every row that walk has. */
void table_render(struct table *t, const struct report *r,
                  void (*walk)(struct table *, const struct report *));

#endif
