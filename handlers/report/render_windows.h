/* SPDX-License-Identifier: MIT */
/* The two files that render the window as text. */
#ifndef RINGSIDE_RENDER_WINDOWS_H
#define RINGSIDE_RENDER_WINDOWS_H

#include "render.h"

#define NEGATIVE (1u << WINDOW_NEGATIVE)

/* Behind the last row of the subject of row i. */
unsigned window_subject_end(const struct report *r, unsigned i);

/* What was wrong in rows [first, end), a specimen's; alone: there is no other
 * one, so those with a negative base, too. */
void window_places(struct out *o, const struct report *r, unsigned first,
                   unsigned end, bool alone);

#endif
