/* SPDX-License-Identifier: MIT */
/* The SWAPGS decisions of a walk's NMIs, apart from where they have landed. */
#ifndef RINGSIDE_SMP_DECISIONS_H
#define RINGSIDE_SMP_DECISIONS_H

#include "window/walk.h"

/*
 * Adds to d the first NMI of i's whose handler ran on the user's GS base where
 * a stub that goes by the sign cannot be wrong.  i: of a specimen whose NMI
 * stub does.
 *
 * Whether each has landed once and exactly makes no difference: with a base
 * that is zero or positive that stub is right at every instruction there is.
 * With a negative one, its published limit, it is where the kernel's base is
 * live; which is known of an NMI that came exactly there.
 */
void decisions_judge(struct diff *d, const struct injection *i);

#endif
