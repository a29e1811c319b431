/* SPDX-License-Identifier: MIT */
/* Wrong on purpose; see twice.S. */
#include "../../linux/complete.h"
#include "specimen.h"

extern const char twice_syscall64[], twice_syscall32[], twice_sysenter[],
    twice_sysretq[];
static const struct specimen_stub twice_stubs[] = {
    LINUX_CALLS(twice, RULE_ALWAYS),
    LINUX_PARANOID(linux, RULE_BY_SIGN),
    LINUX_GATES,
};
static const struct specimen_fixup twice_fixups[] = {LINUX_FIXUPS};

const struct specimen specimen_twice = {
    .name = "twice",
    .about = "wrong: SYSCALL and SYSENTER swap twice",
    STUBS_AND_FIXUPS(twice),
    .wrong = true,
    .gates = linux_gates,
    .sysretq = twice_sysretq,
};
