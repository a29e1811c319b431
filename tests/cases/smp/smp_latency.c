/* SPDX-License-Identifier: MIT */
/*
 * What it costs to interrupt another processor: an IPI and an NMI, there and
 * back, between pairs; and the shootdown of one page, against the number of
 * those that have to be asked.
 *
 * All pairs of up to eight processors; of more the first with each, and each
 * with the next.  These are figures, and no verdict: the checks say that each
 * was answered, and the report has the rest.  What an emulator takes says how
 * busy its host was.
 */
#include "engine/processors.h"
#include "fmt.h"
#include "judge/diff.h"
#include "judge/finding.h"
#include "latency.h"
#include "lib/smp.h"
#include "lib/task.h"
#include "record/result.h"

#define ALL_PAIRS 8 /* processors */

static bool wanted(unsigned from, unsigned to)
{
    if (from == to || processor_lost(from) || processor_lost(to))
        return false;
    return processors_running() <= ALL_PAIRS || !from || to == from + 1;
}

static void unanswered(struct diff *d, const struct record_latency *r)
{
    char name[40];

    fmt(name, sizeof(name), "cpu %u to %u", r->from, r->to);
    diff_text(d, name, "answered", "not answered");
}

static void measure_pairs(struct diff *d, enum latency_kind kind)
{
    unsigned n = processors_running();

    for (unsigned from = 0; from < n; from++)
        for (unsigned to = 0; to < n && !diff_any(d); to++) {
            struct record_latency r = {.kind = (uint16_t)kind,
                                       .from = (uint16_t)from,
                                       .to = (uint16_t)to};

            if (!wanted(from, to))
                continue;
            if (!latency_pair(&r))
                unanswered(d, &r);
            if (r.n)
                result_append(RECORD_LATENCY, &r, sizeof(r));
        }
}

static void measure_shootdowns(struct diff *d)
{
    for (unsigned to = 1; to <= task_others() && !diff_any(d); to++) {
        struct record_latency r = {.kind = LATENCY_SHOOTDOWN,
                                   .to = (uint16_t)to};

        if (!latency_shootdown(&r))
            unanswered(d, &r);
        if (r.n)
            result_append(RECORD_LATENCY, &r, sizeof(r));
    }
}

void case_smp_latency(void)
{
    static const char *const ids[LATENCY_KINDS] = {
        "smp.latency.ipi", "smp.latency.nmi", "smp.latency.shootdown"};
    static const char *const facts[LATENCY_KINDS] = {"AP28", "AP34", "TL3"};

    smp_start();
    for (unsigned kind = 0; kind < LATENCY_KINDS; kind++) {
        struct diff d = {"", ""};
        const struct finding f = {
            .id = ids[kind],
            .facts = facts[kind],
            .why = "whoever is sent an IPI in ring 3 takes it, each time; SDM "
                   "vol 3, Issuing Interprocessor Interrupts",
            .unfit = smp_unfit()};

        if (!finding_begin(&f))
            continue;
        if (kind == LATENCY_SHOOTDOWN)
            measure_shootdowns(&d);
        else
            measure_pairs(&d, (enum latency_kind)kind);
        finding_end(&f, &d, 0);
    }
}
