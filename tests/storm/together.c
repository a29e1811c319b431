/* SPDX-License-Identifier: MIT */
/*
 * A processor among the others.  Each may disturb those that storm, and no
 * other: who does not, has no run that an NMI could come into.  So nobody
 * leaves while somebody may still send.  Whoever is through with its own share
 * goes on until all are; then all stop sending, and when a moment has passed
 * in which nobody has sent any more, they leave.
 */
#include "together.h"
#include "engine/processors.h"
#include "handoff.h"
#include "insn.h"
#include "own.h"
#include "shared.h"

#define PATIENCE_SECONDS 5 /* for those who are not through */
#define MOMENT 1000        /* of a second, one part in so many */

static uint8_t phase[PROCESSORS_MAX] SHARED;
static uint64_t through_at, quiet_at; /* TSC; 0: not yet */

static enum storm_phase phase_of(unsigned n)
{
    return __atomic_load_n(&phase[n], __ATOMIC_ACQUIRE);
}

void storm_set_phase(unsigned n, enum storm_phase p)
{
    __atomic_store_n(&phase[n], (uint8_t)p, __ATOMIC_RELEASE);
}

void storm_join(void)
{
    through_at = quiet_at = 0;
    storm_set_phase(processor_self(), STORM_ON);
}

void storm_leave(void)
{
    storm_set_phase(processor_self(), STORM_OFF);
}

static bool any(enum storm_phase from, enum storm_phase to)
{
    for (unsigned n = 0; n < processors_running(); n++)
        if (phase_of(n) >= from && phase_of(n) <= to)
            return true;
    return false;
}

bool storm_may_stop(void)
{
    uint64_t now = rdtsc();

    if (!through_at) {
        through_at = now;
        storm_set_phase(processor_self(), STORM_THROUGH);
    }
    if (now - through_at > PATIENCE_SECONDS * handoff.tsc_hz)
        return true;
    if (!quiet_at && !any(STORM_TOLD, STORM_ON)) {
        quiet_at = now;
        storm_set_phase(processor_self(), STORM_QUIET);
    }
    return quiet_at && !any(STORM_TOLD, STORM_THROUGH) &&
           now - quiet_at > handoff.tsc_hz / MOMENT;
}

bool storm_storms(unsigned n)
{
    return phase_of(n) == STORM_ON || phase_of(n) == STORM_THROUGH;
}

bool storm_may_send(void)
{
    return storm_storms(processor_self());
}

unsigned storm_other(uint64_t random)
{
    unsigned n = (unsigned)(random % processors_running());

    return n != processor_self() && storm_storms(n) ? n + 1 : 0;
}
