/* SPDX-License-Identifier: MIT */
/*
 * The firmware after ExitBootServices: the only calls that the core makes.
 * Implemented in efi/runtime.c, which is linked into the core; each call runs
 * on cr3_rt with interrupts off and comes back on the caller's CR3.
 */
#ifndef RINGSIDE_RUNTIME_H
#define RINGSIDE_RUNTIME_H

#include <stdbool.h>
#include <stdint.h>

#include "handoff.h"

struct digest; /* report/report.h */

/* Writes the digest variable.  Returns EFI_STATUS, 0 for success. */
uint64_t runtime_write_digest(const struct handoff *h, const struct digest *d);

/* An exception was not expected: the name of the service that was running, and
 * it will not be called again; NULL, when none was. */
const char *runtime_faulted(void);

/* ResetSystem: warm reset, or power off.  Returns only if it failed. */
void runtime_reset(const struct handoff *h, bool power_off);

#endif
