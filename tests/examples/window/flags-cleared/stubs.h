/* SPDX-License-Identifier: MIT */
#define TWIN specimen_flags_cleared
#define TWIN_NAME "flags-cleared"
#define TWIN_IRETQ
#define TWIN_MACHINE .fmask = 0x300
#include "../right/stubs.h"
