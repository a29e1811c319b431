/* SPDX-License-Identifier: MIT */
/*
 * What it costs to interrupt another processor: an IPI and an NMI, there and
 * back, between pairs; and the shootdown of one page, against the number of
 * those that have to be asked.
 *
 * All pairs of up to eight processors; of more the first with each, and each
 * with the next.  These are figures, and no verdict: the checks say that each
 * was answered, and the report has the rest.  What an emulator takes says how
 * busy its host was; where it takes too long, the rest is left out.
 */
#include "engine/processors.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/finding.h"
#include "latency.h"
#include "lib/smp.h"
#include "macros.h"
#include "record/result.h"

#define ALL_PAIRS 8 /* processors */
#define SECONDS 3   /* of either check, before it leaves the rest out */
#define GROWS 4     /* times as long, at most, the next shootdown takes */

static const uint8_t shot_at[] = {1, 2, 3, 4, 5, 6, 7, 8, 12, 15, 31, 63};
static uint64_t end; /* by the TSC */
static unsigned left_out;

static bool too_late(void)
{
    if (rdtsc() < end)
        return false;
    left_out++;
    return true;
}

static bool wanted(unsigned from, unsigned to)
{
    bool few = processors_running() <= ALL_PAIRS;

    return from != to && !processor_lost(from) &&
           (few || !from || !to || to == from + 1) && !too_late();
}

static void seen(const struct record_latency *r)
{
    result_append(RECORD_LATENCY, r, sizeof(*r));
}

static void pairs(struct diff *d)
{
    for (unsigned to = 0; to < processors_running() && !diff_any(d); to++) {
        unsigned who;
        char name[40];

        if (to && too_late())
            continue;
        if (processor_lost(to) || latency_to(to, wanted, seen, &who))
            continue;
        fmt(name, sizeof(name), "cpu %u to %u", who, to);
        diff_text(d, name, "answered", "not answered");
    }
}

static void shootdowns(struct diff *d)
{
    for (unsigned i = 0; i < COUNT(shot_at) && !diff_any(d); i++) {
        struct record_latency r = {.kind = LATENCY_SHOOTDOWN, .to = shot_at[i]};

        uint64_t begun = rdtsc();

        if (r.to >= processors_running() || too_late())
            continue;
        if (!latency_shootdown(&r))
            diff_text(d, "a shootdown", "answered", "not answered");
        else
            seen(&r);
        /* No more of them, if the next may take a second. */
        if ((rdtsc() - begun) * GROWS > handoff.tsc_hz)
            end = begun;
    }
}

static void run(const char *id, void (*measure)(struct diff *d),
                const char *unfit)
{
    struct diff d = {"", ""};
    const struct finding f = {
        .id = id,
        .facts = "AP28 AP34 TL3",
        .why = "whoever is sent an IPI or an NMI in ring 3 takes it, each "
               "time; SDM vol 3, Issuing Interprocessor Interrupts",
        .unfit = unfit};

    if (!finding_begin(&f))
        return;
    end = rdtsc() + SECONDS * handoff.tsc_hz;
    left_out = 0;
    measure(&d);
    if (left_out)
        result_note("%s: %u figures were left out; they would have taken too "
                    "long here.",
                    id, left_out);
    finding_end(&f, &d, 0);
}

void case_smp_latency(void)
{
    smp_start();
    run("smp.latency.pairs", pairs, smp_unfit());
    run("smp.latency.shootdown", shootdowns, smp_unfit_together());
}
