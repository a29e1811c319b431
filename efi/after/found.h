/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_FOUND_H
#define RINGSIDE_FOUND_H

#include "boot.h"

/*
 * Where there is no state variable: does a run that has left the firmware, and
 * of which nobody has been told, lie in memory?  If so b->state is made from
 * its journal, and b->by_journal set; true.
 */
bool found_by_journal(struct boot *b);

#endif
