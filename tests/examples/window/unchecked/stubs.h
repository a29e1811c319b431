/* SPDX-License-Identifier: MIT */
#define TWIN specimen_unchecked
#define TWIN_NAME "unchecked"
#define TWIN_IRETQ
#include "../right/stubs.h"
