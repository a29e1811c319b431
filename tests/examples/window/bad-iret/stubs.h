/* SPDX-License-Identifier: MIT */
#define TWIN specimen_bad_iret
#define TWIN_NAME "bad-iret"
#include "../right/stubs.h"
