/* SPDX-License-Identifier: MIT */
#define TWIN specimen_bad_ss
#define TWIN_NAME "bad-ss"
#define TWIN_IRETQ
#include "../right/stubs.h"
