/* SPDX-License-Identifier: MIT */
/* Where a stimulus ran, as the ids of checks spell it. */
#ifndef RINGSIDE_ORIGIN_H
#define RINGSIDE_ORIGIN_H

#include "record.h"

extern const char
    *const origin_ids[FROM_COUNT]; /* "ring3", "compat", "ring0" */

#endif
