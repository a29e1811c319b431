/* SPDX-License-Identifier: MIT */
/*
 * Shootdowns in a storm.  Ring 3 reads one page on all processors, behind
 * which memory is exchanged again and again: another page with a higher number
 * in it is put into the table, an interrupt goes to all that storm, and each
 * flushes and says so.  From then on its ring 3 must not read a lower number.
 *
 * Nobody waits for the others with interrupts off, for two could wait for each
 * other.  The next exchange is made by whoever finds that all have flushed; so
 * the page that a stale translation leads to is not used before.
 */
#include "engine/processors.h"
#include "handoff.h"
#include "insn.h"
#include "lib/user_shared.h"
#include "own.h"
#include "shared.h"
#include "together.h"

#define WORDS (PAGE_SIZE / 4)

static uint32_t pages[2][WORDS] SHARED __attribute__((aligned(PAGE_SIZE)));
static uint32_t generation SHARED, busy SHARED;
static uint32_t flushed[PROCESSORS_MAX] SHARED; /* up to which generation */

/* g's page: its number first, then the entry, which may be used at once. */
static void put(uint32_t g)
{
    __atomic_store_n(&pages[g & 1][0], g, __ATOMIC_RELEASE);
    __atomic_store_n(page_shared_entry(USER_SHARED_STORM),
                     page_shared_physical(pages[g & 1]) | PAGE_PRESENT |
                         PAGE_USER | PAGE_NX,
                     __ATOMIC_RELEASE);
}

void storm_shoot_prepare(void)
{
    busy = 0;
    put(++generation);
}

void storm_shoot_end(void)
{
    *page_shared_entry(USER_SHARED_STORM) = 0;
}

uint32_t storm_shoot_count(void)
{
    return generation;
}

/* INVLPG, or all there is. */
static void flush(uint64_t r)
{
    if (storming.plan->keeps_stale)
        return;
    if (r & 1)
        invlpg(user_shared_va(USER_SHARED_STORM));
    else
        write_cr3(read_cr3());
}

void storm_flush(uint64_t r)
{
    uint32_t g = __atomic_load_n(&generation, __ATOMIC_ACQUIRE);

    if (storm_user.flushed == g)
        return;
    flush(r);
    storm_user.flushed = g;
    __atomic_store_n(&flushed[processor_self()], g, __ATOMIC_RELEASE);
}

static bool all_flushed(void)
{
    uint32_t g = __atomic_load_n(&generation, __ATOMIC_ACQUIRE);

    for (unsigned n = 0; n < processors_running(); n++)
        if (storm_storms(n) &&
            __atomic_load_n(&flushed[n], __ATOMIC_ACQUIRE) != g)
            return false;
    return true;
}

void storm_shoot(uint64_t r, void (*tell)(unsigned n))
{
    if (__atomic_exchange_n(&busy, 1, __ATOMIC_ACQ_REL))
        return;
    if (all_flushed()) {
        uint32_t g = generation + 1;

        put(g);
        __atomic_store_n(&generation, g, __ATOMIC_RELEASE);
        storm_flush(r);
        for (unsigned n = 0; n < processors_running(); n++)
            if (n != processor_self() && storm_storms(n))
                tell(n);
    }
    __atomic_store_n(&busy, 0, __ATOMIC_RELEASE);
}
