/* SPDX-License-Identifier: MIT */
/* Wrong on purpose; see never.S. */
#include "../../linux/complete.h"
#include "specimen.h"

extern const char never_syscall64[], never_syscall32[], never_sysenter[],
    never_sysretq[];
static const struct specimen_stub never_stubs[] = {
    LINUX_CALLS(never, RULE_NEVER),
    LINUX_PARANOID(linux, RULE_BY_SIGN),
    LINUX_GATES,
};
static const struct specimen_fixup never_fixups[] = {LINUX_FIXUPS};

const struct specimen specimen_never = {
    .name = "never",
    .about = "wrong: SYSCALL and SYSENTER do not swap",
    STUBS_AND_FIXUPS(never),
    .wrong = true,
    .gates = linux_gates,
    .sysretq = never_sysretq,
};
