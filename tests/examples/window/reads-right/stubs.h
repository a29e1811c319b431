/* SPDX-License-Identifier: MIT */
#define TWIN specimen_reads_right
#define TWIN_NAME "reads-right"
#define TWIN_IRETQ
#define TWIN_ARGUMENT
#include "../right/stubs.h"
