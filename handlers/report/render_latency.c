/* SPDX-License-Identifier: MIT */
/*
 * The text report's figures of what one processor's request takes at others:
 * over all pairs, and for a few processors pair by pair; a shootdown by how
 * many have to answer.
 */
#include "fmt.h"
#include "render_table.h"

#define MATRIX_MAX 8 /* processors, whose columns fit */
#define WIDE                                                                   \
    9999999 /* cycles: as many digits as a column of the matrix has            \
             */

static bool is_pair(const struct record_latency *l, unsigned kind)
{
    return l->kind == kind && kind != LATENCY_SHOOTDOWN;
}

/* Behind the highest number of a pair. */
static unsigned pairs_end(const struct report *r, unsigned kind)
{
    unsigned end = 0;

    for (unsigned i = 0; i < r->latencies; i++) {
        const struct record_latency *l = r->latency[i];

        if (!is_pair(l, kind))
            continue;
        end = l->from >= end ? l->from + 1u : end;
        end = l->to >= end ? l->to + 1u : end;
    }
    return end;
}

/* The pairs' median that half of them are not above. */
static uint64_t middle(const struct report *r, unsigned kind, unsigned pairs)
{
    for (unsigned i = 0; i < r->latencies; i++) {
        uint64_t median = r->latency[i]->median;
        unsigned below = 0, same = 0;

        if (!is_pair(r->latency[i], kind))
            continue;
        for (unsigned k = 0; k < r->latencies; k++) {
            if (!is_pair(r->latency[k], kind))
                continue;
            below += r->latency[k]->median < median;
            same += r->latency[k]->median == median;
        }
        if (below <= (pairs - 1) / 2 && below + same > (pairs - 1) / 2)
            return median;
    }
    return 0;
}

static void figures(struct table *t, struct row *row, uint32_t n, uint64_t min,
                    uint64_t median, uint64_t p99)
{
    fmt(row->cell[1], CELL_MAX, "%u", n);
    fmt(row->cell[2], CELL_MAX, "%lu", min);
    fmt(row->cell[3], CELL_MAX, "%lu", median);
    fmt(row->cell[4], CELL_MAX, "%lu", p99);
    row->note = "";
    table_row(t, row);
}

/* The samples of all pairs together: the least and the most of them, and the
 * middle one of the pairs' medians. */
static void all_pairs(struct table *t, const struct report *r, unsigned kind)
{
    uint32_t samples = 0;
    uint64_t min = UINT64_MAX, p99 = 0;
    unsigned pairs = 0;
    struct row row;

    for (unsigned i = 0; i < r->latencies; i++) {
        const struct record_latency *l = r->latency[i];

        if (!is_pair(l, kind))
            continue;
        pairs++;
        min = l->min < min ? l->min : min;
        p99 = l->p99 > p99 ? l->p99 : p99;
        samples += l->n;
    }
    if (pairs == 0)
        return;
    fmt(row.cell[0], CELL_MAX, "%s, %u pair%s",
        kind == LATENCY_NMI ? "NMI and back" : "IPI and back", pairs,
        pairs == 1 ? "" : "s");
    figures(t, &row, samples, min, middle(r, kind, pairs), p99);
}

/* Of many the powers of two, and the last. */
static bool shown(unsigned to, unsigned most)
{
    return most <= MATRIX_MAX || (to & (to - 1)) == 0 || to == most;
}

static void walk_figures(struct table *t, const struct report *r)
{
    unsigned most = 0;

    all_pairs(t, r, LATENCY_FIXED);
    all_pairs(t, r, LATENCY_NMI);
    for (unsigned i = 0; i < r->latencies; i++) {
        if (r->latency[i]->kind == LATENCY_SHOOTDOWN &&
            r->latency[i]->to > most)
            most = r->latency[i]->to;
    }
    for (unsigned i = 0; i < r->latencies; i++) {
        const struct record_latency *l = r->latency[i];
        struct row row;

        if (l->kind != LATENCY_SHOOTDOWN || !shown(l->to, most))
            continue;
        fmt(row.cell[0], CELL_MAX, "shootdown of a page at %u", l->to);
        figures(t, &row, l->n, l->min, l->median, l->p99);
    }
}

static void matrix_cell(char *cell, const struct report *r, unsigned kind,
                        unsigned from, unsigned to)
{
    fmt(cell, CELL_MAX, "-");
    for (unsigned i = 0; i < r->latencies; i++) {
        const struct record_latency *l = r->latency[i];

        if (!is_pair(l, kind) || l->from != from || l->to != to)
            continue;
        if (l->median <= WIDE)
            fmt(cell, CELL_MAX, "%lu", l->median);
        else
            fmt(cell, CELL_MAX, "%luM", l->median / 1000000);
    }
}

/* first is the kind, end the processors. */
static void walk_matrix(struct table *t, const struct report *r)
{
    for (unsigned from = 0; from < t->end; from++) {
        struct row row = {.note = ""};

        fmt(row.cell[0], CELL_MAX, "%u", from);
        for (unsigned to = 0; to < t->end; to++)
            matrix_cell(row.cell[to + 1], r, t->first, from, to);
        table_row(t, &row);
    }
}

static void matrix(struct out *o, const struct report *r, unsigned kind)
{
    static const char *const heads[] = {"from", "to 0", "1", "2", "3",
                                        "4",    "5",    "6", "7", NULL};
    const char *mine[MATRIX_MAX + 2];
    struct table t = {.o = o, .heads = mine, .right = ~0u};
    unsigned end = pairs_end(r, kind);

    if (end == 0 || end > MATRIX_MAX)
        return;
    for (unsigned i = 0; i <= end; i++)
        mine[i] = heads[i];
    mine[end + 1] = NULL;
    t.first = kind;
    t.end = end;
    out_line(o, 2, "%s and back, the median of each pair:",
             kind == LATENCY_NMI ? "NMI" : "IPI");
    table_render(&t, r, walk_matrix);
}

void text_latency(struct out *o, const struct report *r)
{
    static const char *const heads[] = {"", "n", "min", "median", "p99", NULL};
    struct table t = {.o = o, .heads = heads, .right = 0xf << 1};

    if (r->latencies == 0)
        return;
    out_text(o, "\nBetween processors, in TSC cycles\n");
    table_render(&t, r, walk_figures);
    matrix(o, r, LATENCY_FIXED);
    matrix(o, r, LATENCY_NMI);
}
