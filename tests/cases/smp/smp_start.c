/* SPDX-License-Identifier: MIT */
/*
 * Every processor of the machine: does each that the firmware lists come, once
 * and in time, and is it like the first?  What each found is a record of its
 * own; the checks say whether all is well.
 */
#include "apic.h"
#include "engine/processors.h"
#include "engine/start.h"
#include "fmt.h"
#include "handoff.h"
#include "judge/diff.h"
#include "judge/finding.h"
#include "layout.h"
#include "lib/smp.h"
#include "record/result.h"

#define IDS_NAMED 4

/* "id 3, 5 and 7 more", of those for which wanted() says so. */
struct ids {
    char text[100];
    int used;
    unsigned n;
};

static void add(struct ids *s, uint32_t id)
{
    if (s->n++ < IDS_NAMED)
        s->used += fmt(s->text + s->used, sizeof(s->text) - (size_t)s->used,
                       s->n == 1 ? "APIC id %x" : ", %x", (unsigned)id);
}

static void end(const char *id, const char *facts, const char *why,
                const char *expected, struct ids *s)
{
    const struct finding f = {
        .id = id,
        .facts = facts,
        .why = why,
        .unfit = smp_unfit(),
    };
    struct diff d = {"", ""};

    if (!finding_begin(&f))
        return;
    if (s->n > IDS_NAMED)
        fmt(s->text + s->used, sizeof(s->text) - (size_t)s->used,
            " and %u more", s->n - IDS_NAMED);
    if (s->n)
        diff_text(&d, "processors", expected, s->text);
    finding_end(&f, &d, 0);
}

static void all_come(void)
{
    struct ids missing = {.n = 0}, lost = {.n = 0};

    for (unsigned i = 1; (i = processor_absent(i)); i++)
        add(&missing, handoff.processors.place[i].apic_id);
    end("smp.start.come", "MP1 MP2",
        "each processor that the firmware lists starts at INIT and SIPI",
        "all come", &missing);
    for (unsigned n = 1; n < processors_running(); n++)
        if (processor_state(n) == PROCESSOR_GONE)
            add(&lost, processor_apic_id(n));
    end("smp.start.ready", "MP1",
        "each that came runs ring 3 on tables and stacks of its own",
        "all get ready", &lost);
}

static void in_order(void)
{
    struct ids twice = {.n = 0}, late = {.n = 0}, unlisted = {.n = 0};

    for (unsigned n = 1; n < processors_running(); n++) {
        const struct processor_start *s = processor_start(n);

        if (s->twice)
            add(&twice, processor_apic_id(n));
        else if (s->late)
            add(&late, processor_apic_id(n));
        if (!s->from && handoff.processors.listed)
            add(&unlisted, processor_apic_id(n));
    }
    end("smp.start.once", "MP1",
        "a processor that runs ignores a SIPI: none comes twice",
        "each comes once", &twice);
    end("smp.start.in-time", "MP1",
        "a processor comes at once, or at the second SIPI", "none comes late",
        &late);
    end("smp.start.listed", "MP2",
        "none comes that neither the MADT nor the MP Services protocol lists",
        "those that are listed", &unlisted);
}

void case_smp_start(void)
{
    smp_start();
    all_come();
    in_order();
    smp_alike();
    for (unsigned n = 0; n < processors_running(); n++)
        smp_record(n);
}
