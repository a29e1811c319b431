/* SPDX-License-Identifier: MIT */
/* Wrong on purpose; see never.S. */
#include "specimen.h"
#include "../linux/complete.h"

COMPLETE(never, RULE_NEVER, RULE_BY_SIGN);

const struct specimen specimen_never = {
    .name = "never",
    .about = "wrong: SYSCALL and SYSENTER do not swap",
    .wrong = true,
    COMPLETE_FIELDS(never),
};
