/* SPDX-License-Identifier: MIT */
/*
 * The path table; see paths.h.
 *
 * The one question of the whole program, asked of each entry: does the handler
 * run on this processor's kernel base, and is the user's kept where the exit
 * will look for it?  Whether the stub has swapped or not does not matter; it
 * is counted, so that the reader sees that both occur.
 */
#include "paths.h"

#include "fmt.h"
#include "percpu.h"
#include "record/result.h"

static struct record_path rows[PATHS_MAX];
static unsigned used, reported;

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

struct record_path *paths_row(const char *path, enum origin from)
{
    for (unsigned i = reported; i < used; i++)
        if (rows[i].from == from && same(rows[i].path, path))
            return &rows[i];
    if (used == PATHS_MAX)
        return 0;
    fmt(rows[used].path, sizeof(rows[used].path), "%s", path);
    rows[used].from = from;
    return &rows[used++];
}

bool paths_judge(struct record_path *row, const struct outcome *o,
                 uint64_t gs_before, uint64_t kernel_gs_before,
                 uint64_t user_gs)
{
    bool right = o->gs_base == (uint64_t)percpu && o->kernel_gs_base == user_gs;

    if (!row)
        return right;
    row->entries++;
    row->swapped += o->gs_base != gs_before;
    /* The example: the last entry, unless a wrong one stands there. */
    if (!right || !row->wrong) {
        row->gs_before = gs_before;
        row->kernel_gs_before = kernel_gs_before;
        row->gs_after = o->gs_base;
        row->kernel_gs_after = o->kernel_gs_base;
    }
    if (right)
        row->right++;
    else
        row->wrong++;
    return right;
}

void paths_lost(struct record_path *row)
{
    if (!row)
        return;
    row->entries++;
    row->wrong++;
}

bool paths_take(const char *path, enum origin from, struct record_path *row)
{
    for (unsigned i = reported; i < used; i++)
        if (rows[i].from == from && same(rows[i].path, path)) {
            *row = rows[i];
            rows[i] = rows[--used];
            __builtin_memset(&rows[used], 0, sizeof(rows[used]));
            return true;
        }
    return false;
}

void paths_add(const struct record_path *row)
{
    struct record_path *to = paths_row(row->path, (enum origin)row->from), sum;

    if (!to)
        return;
    /* The example is a wrong one, if there is any. */
    sum = to->wrong ? *to : *row;
    sum.entries = to->entries + row->entries;
    sum.swapped = to->swapped + row->swapped;
    sum.right = to->right + row->right;
    sum.wrong = to->wrong + row->wrong;
    *to = sum;
}

void paths_report(void)
{
    for (; reported < used; reported++)
        result_append(RECORD_PATH, &rows[reported], sizeof(rows[reported]));
}
