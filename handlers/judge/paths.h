/* SPDX-License-Identifier: MIT */
/* The path table while it grows: one row a path and origin. */
#ifndef RINGSIDE_PATHS_H
#define RINGSIDE_PATHS_H

#include "engine/engine.h"
#include "record.h"

/* The row for a path, begun if there is none yet; NULL when 1024 are full. */
struct record_path *paths_row(const char *path, enum origin from);

/*
 * Judges one entry of a row: o is what the C handler saw; before are the
 * bases as they stood when the event struck; right means this processor's
 * kernel base in GS_BASE and the user's, user_gs, in KERNEL_GS_BASE.
 * Returns whether it was right.
 */
bool paths_judge(struct record_path *row, const struct outcome *o,
                 uint64_t gs_before, uint64_t kernel_gs_before,
                 uint64_t user_gs);

/* An entry whose stub never reached its handler. */
void paths_lost(struct record_path *row);

/*
 * Of another processor, whose table is its own: takes the row out of it (false:
 * there is none), and adds it to the same path's here.
 */
bool paths_take(const char *path, enum origin from, struct record_path *row);
void paths_add(const struct record_path *row);

/* Writes the rows begun since the last call into the journal. */
void paths_report(void);

#endif
