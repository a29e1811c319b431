/* SPDX-License-Identifier: MIT */
/*
 * STAC and CLAC: AC, and nothing else, in ring 0, and no one but ring 0.
 *
 * They open and close SMAP's door, and exist where CPUID says SMAP, whether
 * CR4 has it on or not.  In ring 3 they are #UD, not #GP, and so everywhere
 * where there is no SMAP.
 */
#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

RING3(stac3, "", "stac", "");
RING3(clac3, "", "clac", "");
COMPAT(stac32, "", "stac", "");
COMPAT(clac32, "", "clac", "");
RING0(stac0, "", "stac", "");
RING0(clac0, "", "clac", "");

static const struct row {
    const char *id;
    enum origin from;
    const char *start, *at, *resume;
    bool sets;
} rows[] = {
#define ROW(id, from, code, sets)                                              \
    {                                                                          \
        id, from, code, code##_at, code##_resume, sets                         \
    }
    ROW("stac.ring3", FROM_RING3, stac3, true),
    ROW("clac.ring3", FROM_RING3, clac3, false),
    ROW("stac.compat", FROM_COMPAT, stac32, true),
    ROW("clac.compat", FROM_COMPAT, clac32, false),
    ROW("stac.ring0", FROM_RING0, stac0, true),
    ROW("clac.ring0", FROM_RING0, clac0, false),
};

static bool smap, ac; /* CR4.SMAP, and AC before */

static const char *unfit(const struct stimulus *s)
{
    (void)s;
    return smap && !cpu_has(FEATURE_SMAP) ? "this processor has no SMAP" : 0;
}

static void before(struct trapframe *c)
{
    if (ac)
        c->rflags |= FLAG_AC;
    if (smap)
        write_cr4(read_cr4() | CR4_SMAP);
}

static void after(void)
{
    write_cr4(read_cr4() & ~(uint64_t)CR4_SMAP);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    const struct row *r = (const struct row *)s->argument;
    struct trapframe a = *stimulus_context();

    (void)amd;
    if (s->vector != VEC_gate)
        return;
    a.rflags &= ~(uint64_t)FLAG_AC;
    a.rflags |= r->sets ? FLAG_AC : 0;
    want_at(w, 0, s, &a);
}

void case_ex_stac(void)
{
    for (unsigned i = 0; i < 4 * COUNT(rows); i++) {
        const struct row *r = &rows[i / 4];
        bool works = r->from == FROM_RING0 && cpu_has(FEATURE_SMAP);
        struct stimulus s = {
            .from = r->from,
            .start = r->start,
            .at = r->at,
            .resume = r->resume,
            .vector = works ? VEC_gate : VEC_ud,
            .saved = SAVED_AT,
            .confidence = CONFIDENCE_MEDIUM,
            .unfit = unfit,
            .before = before,
            .after = after,
            .expect = expect,
            .argument = (uint64_t)r,
            .facts = "EX18",
            .why =
                "STAC and CLAC change AC in ring 0 where CPUID has SMAP, and "
                "are #UD elsewhere; SDM vol 2 STAC, CLAC",
        };
        char id[44];

        smap = i & 1;
        ac = i & 2;
        fmt(id, sizeof(id), "%s.%s.%s", r->id, smap ? "smap" : "smap-off",
            ac ? "ac" : "ac-clear");
        s.id = id;
        check_run(&s);
    }
}
