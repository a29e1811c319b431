/* SPDX-License-Identifier: MIT */
/* What ring 3 and its kernel's author have chosen badly; see hostile.c and
 * built.c.  Each adds to d what is wrong, if nothing is yet, and wants the
 * bench on. */
#ifndef RINGSIDE_HOSTILE_H
#define RINGSIDE_HOSTILE_H

#include "walk.h"

/* A call with ring 3's RSP on no page: nothing may touch its stack, but where a
 * fixup is declared. */
void hostile_stack(struct diff *d, const struct walk *w);
/* A call with the flags set that FMASK leaves to ring 3. */
void hostile_flags(struct diff *d, const struct walk *w);
/* Each of an exit's faults, built in front of it; each exit once a specimen. */
void built_faults(struct diff *d, struct walk *w);
void built_begin(void); /* another specimen */

#endif
