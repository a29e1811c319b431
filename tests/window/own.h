/* SPDX-License-Identifier: MIT */
/* A specimen from outside (make window): can the window walk it at all? */
#ifndef RINGSIDE_OWN_H
#define RINGSIDE_OWN_H

#include "specimen.h"

/* False, and a failed check that says why, if not; any other specimen can. */
bool own_fit(const struct specimen *s);

#endif
