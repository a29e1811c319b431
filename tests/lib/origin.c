/* SPDX-License-Identifier: MIT */
/* See origin.h. */
#include "origin.h"

const char *const origin_ids[FROM_COUNT] = {
    [FROM_RING3] = "ring3", [FROM_COMPAT] = "compat", [FROM_RING0] = "ring0"};
