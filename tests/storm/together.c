/* SPDX-License-Identifier: MIT */
/*
 * A processor among the others.  Each may disturb those that storm, and no
 * other: who does not, has no run that an NMI could come into.  So nobody
 * leaves while somebody may still send.  Whoever is through with its own share
 * goes on until all are; then all stop sending, and when a moment has passed
 * in which nobody has sent any more, they leave.
 *
 * One whose own C has died does not leave any more: it is not sent to, and not
 * waited for.  Where that is the first, whose storm it is, all leave at once.
 */
#include "together.h"
#include "engine/processors.h"
#include "handoff.h"
#include "insn.h"
#include "own.h"
#include "shared.h"

#define PATIENCE_SECONDS 5 /* with who is not through, and stands still */
#define MOMENT 1000        /* of a second, one part in so many */

static uint8_t phase[PROCESSORS_MAX] SHARED;
static uint32_t beats SHARED; /* of all: some entries each */
static uint64_t quiet_at;     /* TSC; 0: not yet */
static uint64_t moved_at;     /* TSC, when beats was seen to change ... */
static uint32_t seen;         /* ... to this */

static bool is_dead(unsigned n)
{
    return n ? processor_lost(n) : processors_recalled();
}

static enum storm_phase phase_of(unsigned n)
{
    return is_dead(n) ? STORM_OFF
                      : __atomic_load_n(&phase[n], __ATOMIC_ACQUIRE);
}

void storm_set_phase(unsigned n, enum storm_phase p)
{
    __atomic_store_n(&phase[n], (uint8_t)p, __ATOMIC_RELEASE);
}

void storm_join(void)
{
    quiet_at = moved_at = 0;
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

void storm_beat(void)
{
    if (!moved_at)
        __atomic_add_fetch(&beats, 1, __ATOMIC_RELAXED);
}

/* Are the others, who are not through, getting on? */
static bool patient(uint64_t now)
{
    uint32_t all = __atomic_load_n(&beats, __ATOMIC_RELAXED);

    if (all != seen || !moved_at) {
        seen = all;
        moved_at = now;
    }
    return now - moved_at < PATIENCE_SECONDS * handoff.tsc_hz;
}

bool storm_may_stop(void)
{
    uint64_t now = rdtsc();
    bool wait = patient(now) && !processors_recalled();

    if (!quiet_at)
        storm_set_phase(processor_self(), STORM_THROUGH);
    if (!quiet_at && !(wait && any(STORM_TOLD, STORM_ON))) {
        quiet_at = now;
        storm_set_phase(processor_self(), STORM_QUIET);
    }
    return quiet_at && !(wait && any(STORM_TOLD, STORM_THROUGH)) &&
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
