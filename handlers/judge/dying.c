/* SPDX-License-Identifier: MIT */
/*
 * A check that dies is a failure, with its last words, and costs no other
 * one: the case is run again, and what it has reported before is passed over,
 * as behind a reset.
 */
#include "dying.h"

#include "engine/fatal.h"
#include "engine/unwind.h"
#include "record/result.h"
#include "sanity.h"

void live_through(void (*body)(void))
{
    const char *unsound;

    while (!unwind_run(body)) {
        unsound = sanity_check();
        if (unsound)
            fatal_here(unsound);
        fatal_survived();
        if (!result_died())
            return;
    }
}
