/* SPDX-License-Identifier: MIT */
/* Wrong on purpose; see bycs.S. */
#include "specimen.h"
#include "../linux/complete.h"

COMPLETE(bycs, RULE_ALWAYS, RULE_BY_CS);

const struct specimen specimen_bycs = {
    .name = "bycs",
    .about = "wrong: NMI, #DB, #MC and #DF trust the frame's CS",
    .wrong = true,
    COMPLETE_FIELDS(bycs),
};
