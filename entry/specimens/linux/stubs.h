/* SPDX-License-Identifier: MIT */
/* Linux's stubs of 2011; see gates.S. */
#include "complete.h"
#include "specimen.h"

static const struct specimen_stub linux_stubs[] = {
    LINUX_CALLS(linux, RULE_ALWAYS),
    LINUX_PARANOID(linux, RULE_BY_SIGN),
    LINUX_GATES,
};
static const struct specimen_fixup linux_fixups[] = {LINUX_FIXUPS};

const struct specimen specimen_linux = {
    .name = "linux",
    .about = "2011's: no negative user base, no second event on an IST "
             "stack, SYSRETQ unchecked",
    STUBS_AND_FIXUPS(linux),
    .gates = linux_gates,
    .sysretq = linux_sysretq,
    .sysret_unchecked = true, /* calls.S says why */
};
