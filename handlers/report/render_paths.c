/* SPDX-License-Identifier: MIT */
/*
 * The path table of the text report: one row for each path and place that it
 * was entered from.  The interrupt array would be hundreds of rows; those
 * that are alike in all but the vector are one.
 */
#include "fmt.h"
#include "render_table.h"

/* Some rows of the path table shown as one: a run of irq vectors. */
struct fold {
    const struct record_path *first;
    unsigned vector, rows; /* vector of the last row */
    uint64_t entries, swapped, right, wrong;
};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* The vector of a row "irq.NN", or -1. */
static int irq_vector(const struct record_path *p)
{
    const char *s = p->path;

    if (s[0] != 'i' || s[1] != 'r' || s[2] != 'q' || s[3] != '.' ||
        hex_digit(s[4]) < 0 || hex_digit(s[5]) < 0 || s[6] != '\0')
        return -1;
    return hex_digit(s[4]) << 4 | hex_digit(s[5]);
}

/* May the row go into the fold?  A wrong decision is never folded away. */
static bool alike(const struct fold *f, const struct record_path *p)
{
    const struct record_path *a = f->first;

    return p->wrong == 0 && a->wrong == 0 && a->from == p->from &&
           a->rule == p->rule && a->error_code == p->error_code &&
           a->entries == p->entries && a->swapped == p->swapped &&
           a->right == p->right && same_text(a->stack, p->stack) &&
           same_text(a->note, p->note);
}

static void fold_in(struct fold *f, const struct record_path *p)
{
    f->rows++;
    f->entries += p->entries;
    f->swapped += p->swapped;
    f->right += p->right;
    f->wrong += p->wrong;
}

/*
 * Takes row i and, if it is an irq's, those after it that go on with the next
 * vector (rows from the other ring may stand between).  Marks them in taken.
 */
static void fold_from(struct fold *f, const struct report *r, unsigned i,
                      uint8_t *taken)
{
    int vector = irq_vector(r->path[i]);

    f->first = r->path[i];
    f->rows = 0;
    f->entries = f->swapped = f->right = f->wrong = 0;
    fold_in(f, f->first);
    for (unsigned k = i + 1; vector >= 0 && k < r->paths; k++) {
        int next = irq_vector(r->path[k]);

        if (next < 0)
            break;
        if (next != vector + 1 || taken[k] || !alike(f, r->path[k]))
            continue;
        fold_in(f, r->path[k]);
        taken[k] = 1;
        vector = next;
    }
    f->vector = (unsigned)vector;
}

static void path_row(struct table *t, const struct fold *f)
{
    const struct record_path *p = f->first;
    struct row row;

    if (f->rows > 1)
        fmt(row.cell[0], CELL_MAX, "%s-%02x (%u)", p->path, f->vector, f->rows);
    else
        fmt(row.cell[0], CELL_MAX, "%s", p->path);
    fmt(row.cell[1], CELL_MAX, "%s", origin_name(p->from));
    fmt(row.cell[2], CELL_MAX, "%lu", f->entries);
    fmt(row.cell[3], CELL_MAX, "%s", p->stack[0] != '\0' ? p->stack : "-");
    fmt(row.cell[4], CELL_MAX, "%s", p->error_code ? "yes" : "no");
    fmt(row.cell[5], CELL_MAX, "%s", rule_name(p->rule));
    fmt(row.cell[6], CELL_MAX, "%lu", f->swapped);
    fmt(row.cell[7], CELL_MAX, "%lu", f->right);
    fmt(row.cell[8], CELL_MAX, "%lu", f->wrong);
    row.note = f->wrong != 0 && p->note[0] == '\0' ? "WRONG" : p->note;
    table_row(t, &row);
}

static void walk_paths(struct table *t, const struct report *r)
{
    uint8_t taken[PATHS_MAX];
    struct fold f;

    for (unsigned i = 0; i < r->paths; i++)
        taken[i] = 0;
    for (unsigned i = 0; i < r->paths; i++) {
        if (taken[i])
            continue;
        fold_from(&f, r, i, taken);
        path_row(t, &f);
    }
}

void text_paths(struct out *o, const struct report *r)
{
    static const char *const heads[] = {"path",  "from", "entries", "stack",
                                        "error", "rule", "swapped", "right",
                                        "wrong", NULL};
    struct table t = {.o = o, .heads = heads, .right = 1 << 2 | 7 << 6};

    if (r->paths == 0)
        return;
    out_text(o, "\nPaths into ring 0, and their SWAPGS decisions\n");
    table_render(&t, r, walk_paths);
}
