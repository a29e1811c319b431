/* SPDX-License-Identifier: MIT */
/* Wrong on purpose; see forgetful.S. */
#include "../linux/complete.h"
#include "specimen.h"

extern const char forgetful_db[], forgetful_nmi[], forgetful_mc[],
    forgetful_df[];
static const struct specimen_stub forgetful_stubs[] = {
    LINUX_CALLS(linux, RULE_ALWAYS),
    LINUX_PARANOID(forgetful, RULE_BY_CS),
    LINUX_GATES,
};
static const struct specimen_fixup forgetful_fixups[] = {LINUX_FIXUPS};

const struct specimen specimen_forgetful = {
    .name = "forgetful",
    .about = "wrong: NMI, #DB, #MC and #DF trust the frame's CS",
    STUBS_AND_FIXUPS(forgetful),
    .wrong = true,
    .sysretq = linux_sysretq,
};
