/* SPDX-License-Identifier: MIT */
#define TWIN specimen_flags_left
#define TWIN_NAME "flags-left"
#define TWIN_IRETQ
#define TWIN_MACHINE .fmask = 0x300
#include "../right/stubs.h"
