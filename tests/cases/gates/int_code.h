/* SPDX-License-Identifier: MIT */
/* INT n for every n, from everywhere: the code of tests/int_sweep.c. */
#ifndef RINGSIDE_INT_CODE_H
#define RINGSIDE_INT_CODE_H

#include "judge/stimulus.h"

/* Fills in from, the code, and the vector as of an INT that arrives. */
void int_code(struct stimulus *s, unsigned n, enum origin from);

#endif
