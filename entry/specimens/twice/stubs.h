/* SPDX-License-Identifier: MIT */
/* Wrong on purpose; see twice.S. */
#include "specimen.h"
#include "../linux/complete.h"

COMPLETE(twice, RULE_ALWAYS, RULE_BY_SIGN);

const struct specimen specimen_twice = {
    .name = "twice",
    .about = "wrong: SYSCALL and SYSENTER swap twice",
    .wrong = true,
    COMPLETE_FIELDS(twice),
};
