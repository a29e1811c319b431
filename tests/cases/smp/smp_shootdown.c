/* SPDX-License-Identifier: MIT */
/*
 * TLB shootdown: what one processor has changed in the page tables, and when
 * the others go by it.
 *
 * The kernel's document names it as what an APIC interrupt is for.  A kernel
 * that takes a page away and does not ask every processor, or does not wait,
 * gives it to somebody else while one of them still writes to it.  So it is
 * not enough that the others fault behind a shootdown: they must not have
 * faulted before, or it was not the shootdown; and the one that was left out
 * goes on with what it has, or the shootdown was not needed.
 *
 * A processor may drop a translation whenever it likes, so that the one which
 * was left out faults, too, is no failure and `differ'.  The same goes for
 * what an instruction need not drop: global pages at a load of CR3, another
 * PCID's.  What it has to drop it must.
 */
#include "fmt.h"
#include "judge/finding.h"
#include "lib/origin.h"
#include "lib/smp.h"
#include "lib/task.h"
#include "macros.h"
#include "shoot.h"

static const char *const changes[] = {"unmap", "protect", "remap"};

static const char why_told[] =
    "behind a shootdown the next access goes by the new entry, and none before "
    "it does; SDM vol 3, Propagation of Paging-Structure Changes";
static const char why_untold[] =
    "a processor that was told nothing may go on with what it has; SDM vol 3, "
    "Propagation of Paging-Structure Changes to Multiple Processors";
static const char why_dropped[] =
    "each way to invalidate drops what it says it does; SDM vol 3, Operations "
    "that Invalidate TLBs and Paging-Structure Caches";
static const char why_kept[] =
    "what an instruction need not drop may stay; SDM vol 3, Operations that "
    "Invalidate TLBs and Paging-Structure Caches";

static void told(enum change c, enum origin from)
{
    const struct shoot s = {.from = from, .change = c};
    struct diff d = {"", ""};
    struct shot shot;
    char id[44];
    const struct finding f = {.id = id,
                              .facts = "TL3 TL4 AP28",
                              .why = why_told,
                              .unfit = smp_unfit_together()};

    fmt(id, sizeof(id), "smp.shootdown.%s.%s", changes[c], origin_ids[from]);
    if (!finding_begin(&f))
        return;
    shoot(&s, &d, &shot);
    finding_end(&f, &d, 0);
}

static void untold(enum change c, enum origin from)
{
    const struct shoot s = {.from = from, .change = c};
    struct diff d = {"", ""};
    struct shot shot;
    char id[44];
    const struct finding f = {.id = id,
                              .facts = "TL1",
                              .why = why_untold,
                              .confidence = CONFIDENCE_MEDIUM,
                              .unfit = smp_unfit_together()};

    fmt(id, sizeof(id), "smp.stale.%s.%s", changes[c], origin_ids[from]);
    if (!finding_begin(&f))
        return;
    shoot(&s, &d, &shot);
    if (!diff_any(&d)) {
        diff_hex(&d, "that went on", task_others(), shot.stale);
        if (task_others() > 1)
            diff_text(&d, "the last, left out", "goes on",
                      shot.last_stale ? "goes on" : "does not");
    }
    finding_end(&f, &d, 0);
}

static const struct way {
    const char *id;
    enum drop how;
    enum keep keep;
    bool may_keep;
    const char *facts;
} ways[] = {
    {"cr3", DROP_CR3, KEEP_PLAIN, false, "TL5"},
    {"pge", DROP_PGE, KEEP_PLAIN, false, "TL6"},
    {"invpcid-0", DROP_INVPCID_PAGE, KEEP_PLAIN, false, "TL7"},
    {"invpcid-1", DROP_INVPCID_ONE, KEEP_PLAIN, false, "TL7"},
    {"invpcid-2", DROP_INVPCID_GLOBAL, KEEP_PLAIN, false, "TL7"},
    {"invpcid-3", DROP_INVPCID_ALL, KEEP_PLAIN, false, "TL7"},
    {"global.invlpg", DROP_PAGE, KEEP_GLOBAL, false, "TL4"},
    {"global.pge", DROP_PGE, KEEP_GLOBAL, false, "TL6"},
    {"global.invpcid-2", DROP_INVPCID_GLOBAL, KEEP_GLOBAL, false, "TL7"},
    {"global.cr3", DROP_CR3, KEEP_GLOBAL, true, "TL5"},
    {"global.invpcid-0", DROP_INVPCID_PAGE, KEEP_GLOBAL, true, "TL7"},
    {"global.invpcid-1", DROP_INVPCID_ONE, KEEP_GLOBAL, true, "TL7"},
    {"global.invpcid-3", DROP_INVPCID_ALL, KEEP_GLOBAL, true, "TL7"},
    {"pcid.invlpg", DROP_PAGE, KEEP_PCID, false, "TL4 TL8"},
    {"pcid.cr3", DROP_CR3, KEEP_PCID, false, "TL5 TL8"},
    {"pcid.invpcid-0", DROP_INVPCID_PAGE, KEEP_PCID, false, "TL7 TL8"},
    {"pcid.invpcid-1", DROP_INVPCID_ONE, KEEP_PCID, false, "TL7 TL8"},
    {"pcid.invpcid-3", DROP_INVPCID_ALL, KEEP_PCID, false, "TL7 TL8"},
    {"pcid.cr3-63", DROP_NOTHING, KEEP_PCID, true, "TL5 TL8"},
    {"pcid.other.invlpg", DROP_ELSEWHERE_PAGE, KEEP_PCID, true, "TL8"},
    {"pcid.other.invpcid", DROP_ELSEWHERE_INVPCID, KEEP_PCID, true, "TL8"},
};

static void way(const struct way *w, enum origin from)
{
    const struct shoot s = {.from = from,
                            .keep = w->keep,
                            .how = w->how,
                            .may_keep = w->may_keep,
                            .others = 1};
    struct diff d = {"", ""};
    struct shot shot;
    char id[44];
    const struct finding f = {
        .id = id,
        .facts = w->facts,
        .why = w->may_keep ? why_kept : why_dropped,
        .confidence = w->may_keep ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
        .unfit = smp_unfit_together() ? smp_unfit_together()
                                      : drop_unfit(w->how, w->keep)};

    fmt(id, sizeof(id), "smp.drop.%s.%s", w->id, origin_ids[from]);
    if (!finding_begin(&f))
        return;
    shoot(&s, &d, &shot);
    if (w->may_keep && !diff_any(&d) && !shot.early)
        diff_text(&d, "the other", "goes on",
                  shot.kept ? "goes on" : "does not");
    finding_end(&f, &d, 0);
}

static void asked(enum origin from)
{
    const struct shoot s = {.from = from, .by_ring3 = true};
    struct diff d = {"", ""};
    struct shot shot;
    char id[44];
    const struct finding f = {.id = id,
                              .facts = "TL3 TL4 AP28",
                              .why = why_told,
                              .unfit = smp_unfit_together()};

    fmt(id, sizeof(id), "smp.shootdown.by-syscall.%s", origin_ids[from]);
    if (!finding_begin(&f))
        return;
    shoot(&s, &d, &shot);
    finding_end(&f, &d, 0);
}

/* Any processor may be the one that takes a page away. */
static void by_another(enum change c, enum origin from)
{
    const struct shoot s = {.from = from, .change = c, .by = 1};
    struct diff d = {"", ""};
    struct shot shot;
    char id[44];
    const struct finding f = {.id = id,
                              .facts = "TL3 TL4 AP28",
                              .why = why_told,
                              .unfit = smp_unfit_together()};

    fmt(id, sizeof(id), "smp.shootdown.from-other.%s.%s", changes[c],
        origin_ids[from]);
    if (!finding_begin(&f))
        return;
    shoot(&s, &d, &shot);
    finding_end(&f, &d, 0);
}

/* Without an IPI: how many go on is the result. */
static void broadcast(enum origin from)
{
    const struct shoot s = {.from = from, .broadcast = true};
    struct diff d = {"", ""};
    struct shot shot;
    char id[44], seen[40];
    struct finding f = {.id = id,
                        .facts = "TL9",
                        .why = "INVLPGB and TLBSYNC drop a translation at all "
                               "processors, which need not be told; AMD APM "
                               "vol 3, INVLPGB",
                        .confidence = CONFIDENCE_VALUE,
                        .unfit = smp_unfit_together()
                                     ? smp_unfit_together()
                                     : drop_everywhere_unfit()};

    fmt(id, sizeof(id), "smp.drop.invlpgb.%s", origin_ids[from]);
    if (!finding_begin(&f))
        return;
    shoot(&s, &d, &shot);
    fmt(seen, sizeof(seen), "%u of %u go on behind it", shot.stale,
        task_others());
    if (diff_any(&d))
        f.confidence = CONFIDENCE_MEDIUM;
    finding_end(&f, &d, seen);
}

void case_smp_shootdown(void)
{
    static const enum origin origins[] = {FROM_RING3, FROM_RING0};

    smp_start();
    for (unsigned i = 0; i < COUNT(origins); i++) {
        for (enum change c = 0; c < COUNT(changes); c++) {
            told(c, origins[i]);
            untold(c, origins[i]);
            by_another(c, origins[i]);
        }
        broadcast(origins[i]);
        asked(origins[i]);
        for (unsigned j = 0; j < COUNT(ways); j++)
            way(&ways[j], origins[i]);
    }
}
