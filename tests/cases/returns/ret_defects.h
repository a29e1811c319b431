/* SPDX-License-Identifier: MIT */
/* Far returns that must fault; see ret_defects.c. */
#ifndef RINGSIDE_RET_DEFECTS_H
#define RINGSIDE_RET_DEFECTS_H

#include "lib/ret.h"

/* Every frame with exactly one defect, by this instruction on this way; ids
 * begin with name. */
void ret_defects_run(const char *name, enum ret_by by, enum origin from,
                     enum origin to);

#endif
