/* SPDX-License-Identifier: MIT */
#define TWIN specimen_in_a_register
#define TWIN_NAME "in-a-register"
#define TWIN_IRETQ
#include "../right/stubs.h"
