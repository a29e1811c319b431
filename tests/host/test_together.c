/* SPDX-License-Identifier: MIT */
/*
 * When a processor may leave a storm: as soon as nobody may send to it any
 * more, and never because of one that has died.
 */
#include "engine/processors.h"
#include "handoff.h"
#include "host.h"
#include "insn.h"
#include "storm/own.h"
#include "storm/together.h"

#define PROCESSORS 4
#define HERE 2

static bool lost[PROCESSORS], recalled;
static unsigned self;

unsigned processor_self(void)
{
    return self;
}

unsigned processors_running(void)
{
    return PROCESSORS;
}

bool processor_lost(unsigned n)
{
    return lost[n];
}

bool processors_recalled(void)
{
    return recalled;
}

/* All storm, this one is through; the moment is short, patience is long. */
static int all_storm(void **state)
{
    handoff.tsc_hz = 1000000000;
    recalled = false;
    for (self = PROCESSORS; self-- > 0;) {
        lost[self] = false;
        storm_set_phase(self, STORM_ON);
    }
    self = HERE;
    storm_join();
    return 0;
}

/* Asked again and again for so many TSC cycles. */
static bool may_stop(uint64_t cycles)
{
    uint64_t end = rdtsc() + cycles;

    while (rdtsc() < end)
        if (storm_may_stop())
            return true;
    return false;
}

#define MOMENT 3000000       /* longer than the one that must be quiet */
#define SOON 100000000000ull /* a host may be busy */

static void waits_for_who_storms(void **state)
{
    assert_false(may_stop(MOMENT));
    assert_true(storm_may_send()); /* through, and goes on */
    storm_set_phase(0, STORM_THROUGH);
    storm_set_phase(1, STORM_THROUGH);
    assert_false(may_stop(MOMENT));
    storm_set_phase(3, STORM_TOLD); /* it is to come */
    assert_false(may_stop(MOMENT));
    assert_true(storm_may_send());
    storm_set_phase(3, STORM_THROUGH);
    assert_false(storm_may_stop());
    assert_false(storm_may_send()); /* quiet, until all are */
    assert_false(may_stop(MOMENT));
    for (unsigned n = 0; n < PROCESSORS; n++)
        if (n != HERE)
            storm_set_phase(n, n ? STORM_QUIET : STORM_OFF);
    assert_true(may_stop(SOON));
}

static void a_moment_passes(void **state)
{
    handoff.tsc_hz = 1000ull * 1000000000000;
    for (unsigned n = 0; n < PROCESSORS; n++)
        if (n != HERE)
            storm_set_phase(n, STORM_OFF);
    assert_false(may_stop(MOMENT));
}

static void the_dead(void **state)
{
    lost[1] = lost[3] = true;
    assert_false(storm_storms(1));
    assert_true(storm_storms(0));
    assert_false(may_stop(MOMENT));
    storm_set_phase(0, STORM_QUIET);
    assert_true(may_stop(SOON));
}

/* Whoever has died is not sent to. */
static void to_whom(void **state)
{
    lost[3] = recalled = true;
    for (uint64_t n = 0; n < 2 * PROCESSORS; n++)
        assert_int_equal(storm_other(n), n % PROCESSORS == 1 ? 2 : 0);
    lost[3] = recalled = false;
    for (uint64_t n = 0; n < PROCESSORS; n++)
        assert_int_equal(storm_other(n), n == HERE ? 0 : n + 1);
}

/* The first has: all leave, whoever is still at it. */
static void recall(void **state)
{
    recalled = true;
    assert_false(storm_storms(0));
    assert_true(may_stop(4000000000)); /* within less than patience */
}

static void patience(void **state)
{
    handoff.tsc_hz = 1000000; /* cycles: five million of them, a thousand */
    storm_set_phase(1, STORM_OFF);
    assert_true(may_stop(SOON)); /* they stand still */
}

#define OF(test) cmocka_unit_test_setup(test, all_storm)

TEST_LIST(together, OF(waits_for_who_storms), OF(a_moment_passes), OF(the_dead),
          OF(to_whom), OF(recall), OF(patience));
