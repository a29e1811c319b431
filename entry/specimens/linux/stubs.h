/* SPDX-License-Identifier: MIT */
/* Linux's stubs of 2011; see linux.S. */
#include "specimen.h"
#include "complete.h"

COMPLETE(linux, RULE_ALWAYS, RULE_BY_SIGN);

const struct specimen specimen_linux = {
    .name = "linux",
    .about = "2011's kernel; not for negative user bases, nor a faulting IRETQ",
    COMPLETE_FIELDS(linux),
};
