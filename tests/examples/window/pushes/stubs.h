/* SPDX-License-Identifier: MIT */
#define TWIN specimen_pushes
#define TWIN_NAME "pushes"
#define TWIN_IRETQ
#include "../right/stubs.h"
