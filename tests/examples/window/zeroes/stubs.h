/* SPDX-License-Identifier: MIT */
#define TWIN specimen_zeroes
#define TWIN_NAME "zeroes"
#define TWIN_IRETQ
#include "../right/stubs.h"
