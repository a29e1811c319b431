/* SPDX-License-Identifier: MIT */
/*
 * Storms of --self-test: each stub that is wrong on purpose must be caught,
 * and with it each invariant of tests/storm/judge.c is seen to break.
 */
#include "engine/processors.h"
#include "macros.h"
#include "selftest.h"
#include "specimen.h"
#include "storm/storm.h"

#define ENTRIES 100000
#define MILLISECONDS 2000
#define SEED 1

extern const struct specimen specimen_canary_sound, specimen_canary_r12,
    specimen_canary_r12_slot, specimen_canary_vector, specimen_canary_below,
    specimen_canary_rsp, specimen_canary_df, specimen_canary_gs_base,
    specimen_canary_kernel_gs;

void selftest_storm(void)
{
    static const struct specimen *const stubs[] = {
        &specimen_never,
        &specimen_twice,
        &specimen_canary_sound,
        &specimen_canary_r12,
        &specimen_canary_r12_slot,
        &specimen_canary_vector,
        &specimen_canary_below,
        &specimen_canary_rsp,
        &specimen_canary_df,
        &specimen_canary_gs_base,
        &specimen_canary_kernel_gs,
    };
    const struct storm_plan plan = {
        .seed = SEED, .entries = ENTRIES, .milliseconds = MILLISECONDS};
    struct storm_plan stale = plan;

    processors_start();
    for (unsigned i = 0; i < specimens_count; i++)
        if (specimens[i]->wrong)
            storm_check(specimens[i], &plan);
    for (unsigned i = 0; i < COUNT(stubs); i++)
        storm_check(stubs[i], &plan);
    stale.name = "stale";
    stale.keeps_stale = true;
    storm_check(&specimen_linux, &stale);
}
