/* SPDX-License-Identifier: MIT */
/*
 * What of a specimen has hung or restarted the machine, in this boot or in one
 * before, and is left alone therefore; see fallen.c.  Each answers NULL, or
 * why.
 */
#ifndef RINGSIDE_FALLEN_H
#define RINGSIDE_FALLEN_H

#include "subjects.h"

/* Is the path not to be walked any more? */
const char *fallen_path(const struct specimen *s, const struct subject *p);

/* Is the event not to be let loose on the path any more? */
const char *fallen_event(const struct specimen *s, const struct subject *p,
                         enum window_event e);

/* Has the check of that event on that path died, however? */
bool fallen_check(const struct specimen *s, const struct subject *p,
                  enum window_event e);

#endif
