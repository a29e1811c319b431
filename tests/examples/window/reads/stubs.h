/* SPDX-License-Identifier: MIT */
#define TWIN specimen_reads
#define TWIN_NAME "reads"
#define TWIN_IRETQ
#include "../right/stubs.h"
