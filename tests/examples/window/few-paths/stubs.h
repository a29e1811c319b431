/* SPDX-License-Identifier: MIT */
#define TWIN specimen_few_paths
#define TWIN_NAME "few-paths"
#define TWIN_IRETQ
#define TWIN_WITHOUT_INT80
#define TWIN_WITHOUT_FSGSBASE
#define TWIN_MACHINE                                                           \
    .kernel_cs = SEL_KERNEL_CS, .kernel_ss = SEL_KERNEL_SS,                    \
    .user_ss = SEL_USER_SS, .user_cs64 = SEL_USER_CS64, .fmask = 0x47700,      \
    .no_fsgsbase = true
#include "../right/stubs.h"
