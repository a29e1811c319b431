/* SPDX-License-Identifier: MIT */
#define TWIN specimen_no_ist
#define TWIN_NAME "no-ist"
#define TWIN_IRETQ
#define TWIN_IST SPECIMEN_IST_NONE
#include "../right/stubs.h"
