/* SPDX-License-Identifier: MIT */
/*
 * The tables of the text report.  Each is walked twice: once to measure its
 * columns, once to print them, so that no column is wider than it must be
 * and the note behind them has the rest of the line.
 */
#include "fmt.h"
#include "render.h"

#define COLUMNS_MAX 10
#define CELL_MAX 44
#define ROW_MAX 400
#define HANG_MAX 50 /* a note that begins further right continues at 4 */

struct table {
    struct out *o;
    const char *const *heads; /* NULL behind the last */
    unsigned right;           /* bit n: column n is numeric, right-aligned */
    bool printing;            /* measuring otherwise */
    unsigned char width[COLUMNS_MAX];
};

struct row {
    char cell[COLUMNS_MAX][CELL_MAX];
    const char *note;
};

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
    fmt(line + at, sizeof(line) - at, "  %s", row->note);
    out_line(t->o, at + 2 <= HANG_MAX ? at + 2 : 4, "%s", line);
}

static void use(struct table *t, const struct row *row)
{
    if (t->printing)
        print(t, row);
    else
        measure(t, row);
}

/* Walks the rows twice, with the heads before them. */
static void render(struct table *t, const struct report *r,
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

/* --- paths ---------------------------------------------------------------- */

/* Some rows of the path table shown as one: a run of irq vectors. */
struct fold {
    const struct record_path *first;
    unsigned vector, rows; /* vector of the last row */
    uint64_t entries, swapped, right, wrong;
};

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
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

static bool same_text(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
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
        fmt(row.cell[0], CELL_MAX, "%s-%02x (%u)", p->path, f->vector,
            f->rows);
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
    use(t, &row);
}

static void walk_paths(struct table *t, const struct report *r)
{
    uint8_t taken[REPORT_PATHS];
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
    render(&t, r, walk_paths);
}

/* --- the window ----------------------------------------------------------- */

/* What a rule would do, with a mark where that would be wrong. */
static void would(char *cell, bool swap, bool needed)
{
    fmt(cell, CELL_MAX, "%s%s", swap ? "swap" : "keep",
        swap != needed ? "!" : "");
}

static void walk_windows(struct table *t, const struct report *r)
{
    for (unsigned i = 0; i < r->windows; i++) {
        const struct record_window *w = r->window[i];
        struct row row;

        fmt(row.cell[0], CELL_MAX, "%s", w->path);
        fmt(row.cell[1], CELL_MAX, "%s+0x%x", w->symbol, w->offset);
        fmt(row.cell[2], CELL_MAX, "%s", w->event);
        fmt(row.cell[3], CELL_MAX, "%s", w->cs & 3 ? "user" : "kernel");
        fmt(row.cell[4], CELL_MAX, "%s", w->needed ? "user" : "kernel");
        would(row.cell[5], w->by_cs, w->needed);
        would(row.cell[6], w->by_sign, w->needed);
        would(row.cell[7], w->did, w->needed);
        fmt(row.cell[8], CELL_MAX, "%s", w->right ? "right" : "WRONG");
        row.note = "";
        use(t, &row);
    }
}

void text_windows(struct out *o, const struct report *r)
{
    static const char *const heads[] = {"path", "boundary", "event",
                                        "CS",   "base",     "by-cs",
                                        "by-sign", "did",   "verdict",
                                        NULL};
    struct table t = {.o = o, .heads = heads};

    if (r->windows == 0)
        return;
    out_text(o, "\nThe window: an event between an entry and its SWAPGS\n");
    render(&t, r, walk_windows);
    out_line(o, 1, " CS and base: whose CS and GS base the event found. "
                   "by-cs, by-sign: what that rule would do; did: what the "
                   "stub did; ! marks a wrong decision.");
}

/* --- costs ---------------------------------------------------------------- */

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
        use(t, &row);
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
             r->machine == NULL                  ? ""
             : r->machine->accelerator[0] == '\0' ? "an unknown accelerator"
                                                  : r->machine->accelerator);
    render(&t, r, walk_costs);
}
