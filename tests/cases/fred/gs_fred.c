/* SPDX-License-Identifier: MIT */
/*
 * LKGS, and what FRED does about GS.
 *
 * FRED's events and its ERETU swap the bases by themselves, and SWAPGS is
 * then #UD: the whole question that this program asks goes away.  To see it
 * the machine would have to run on FRED, which ringside does not turn on.
 *
 * LKGS comes with it but works without: it loads GS as MOV does, with the base
 * going to KERNEL_GS_BASE, so that a kernel need not swap around a load.
 */
#include "cpu.h"
#include "gdt.h"
#include "lib/gs.h"
#include "macros.h"
#include "vectors.h"

/* LKGS %ax; gas 2.40 does not know it. */
#define LKGS ".byte 0xf2, 0x0f, 0x00, 0xf0"
#define BASE 0x12345678u

RING0(lkgs_ring0, "", LKGS, "");
RING3(lkgs_ring3, "", LKGS, "");
COMPAT(lkgs_compat, "", LKGS, "");
RING0(fred_swapgs, "", "swapgs", "");

static const struct gs_state start = {0, SEL_USER_SS, FS_POSITIVE, GS_NEGATIVE,
                                      GS_POSITIVE};

static const char *without_lkgs(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_LKGS) ? 0 : "the processor has no LKGS";
}

static const char *without_fred(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_FRED)
               ? "FRED is there, but not turned on: the cases are about the IDT"
               : "the processor has no FRED";
}

static void before(struct trapframe *c)
{
    c->rax = stimulus_now()->argument;
    gdt[SEL_SPARE / 8] = descriptor_based(
        DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(3) | DESCRIPTOR_DATA,
        DESCRIPTOR_G | DESCRIPTOR_DB, BASE);
    gs_set(&start);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct gs_state end = start;

    (void)amd;
    if (s->vector == VEC_gate) {
        end.gs = (uint16_t)s->argument;
        end.kernel_gs_base = s->argument > 3 ? BASE : 0;
    }
    gs_want(w, 0, &end);
}

static const struct stimulus stimuli[] = {
    {.id = "lkgs.load",
     .from = FROM_RING0,
     CODE(lkgs_ring0),
     .vector = VEC_gate,
     .argument = SEL_SPARE | 3,
     .unfit = without_lkgs,
     .facts = "GS24 GS18"},
    {.id = "lkgs.null",
     .from = FROM_RING0,
     CODE(lkgs_ring0),
     .vector = VEC_gate,
     .argument = 0,
     .unfit = without_lkgs,
     .facts = "GS24"},
    {.id = "lkgs.not-present",
     .from = FROM_RING0,
     CODE(lkgs_ring0),
     .vector = VEC_np,
     .error_code = true,
     .error = SEL_NOT_PRESENT & ~3,
     .argument = SEL_NOT_PRESENT,
     .unfit = without_lkgs,
     .facts = "GS24"},
    {.id = "lkgs.beyond-limit",
     .from = FROM_RING0,
     CODE(lkgs_ring0),
     .vector = VEC_gp,
     .error_code = true,
     .error = GDT_SLOTS * 8,
     .argument = GDT_SLOTS * 8,
     .unfit = without_lkgs,
     .facts = "GS24"},
    /* Above ring 0 it is #UD, with the feature and without. */
    {.id = "lkgs.ring3",
     .from = FROM_RING3,
     CODE(lkgs_ring3),
     .vector = VEC_ud,
     .argument = SEL_SPARE | 3,
     .facts = "GS24 GS18"},
    {.id = "lkgs.compat",
     .from = FROM_COMPAT,
     CODE(lkgs_compat),
     .vector = VEC_ud,
     .argument = SEL_SPARE | 3,
     .facts = "GS24 GS18"},
    {.id = "fred.swapgs",
     .from = FROM_RING0,
     CODE(fred_swapgs),
     .vector = VEC_ud,
     .unfit = without_fred,
     .facts = "GS18"},
    {.id = "fred.event.gs",
     .from = FROM_RING3,
     CODE(lkgs_ring3),
     .vector = VEC_ud,
     .unfit = without_fred,
     .facts = "GS18"},
};

void case_gs_fred(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++) {
        struct stimulus s = stimuli[i];

        s.confidence = CONFIDENCE_MEDIUM;
        s.before = before;
        s.expect = expect;
        s.after = gs_after;
        s.why =
            "LKGS loads GS with the base in KERNEL_GS_BASE, in ring 0 alone; "
            "under FRED events swap by themselves; Linux, x86/fred.rst";
        check_run(&s);
    }
}
