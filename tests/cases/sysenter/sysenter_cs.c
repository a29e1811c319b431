/* SPDX-License-Identifier: MIT */
/*
 * SYSENTER_CS: null, with an RPL, with no descriptor behind it, and at the top.
 *
 * The test for null is of bits 15:2: 0 to 3 are all #GP(0), at the SYSENTER,
 * whatever the upper bits of the MSR hold.  Else CS is the MSR's lower 16 bits
 * with RPL 0, and SS is that CS + 8, unlike SYSCALL's.  At FFF8h the addition
 * wraps and SS becomes null: no #GP, Intel's specification updates say that
 * this is how it is meant.
 *
 * A kernel clears SYSENTER_CS to keep SYSENTER out; an emulator that tests
 * the whole MSR for zero lets 1 to 3 in, with a null CS.
 */
#include "fmt.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"

RING3(sysenter_cs3, "", "sysenter", "");
RING0(sysenter_cs0, "", "sysenter", "");
COMPAT(sysenter_cs32, "", "sysenter", "");

static const struct row {
    const char *name;
    uint32_t cs;
    bool null;
    enum confidence trust;
    const char *facts;
} rows[] = {
    {"null", 0, true, CONFIDENCE_HIGH, "SE3"},
    {"null-rpl1", 1, true, CONFIDENCE_HIGH, "SE3"},
    {"null-rpl2", 2, true, CONFIDENCE_HIGH, "SE3"},
    {"null-rpl3", 3, true, CONFIDENCE_HIGH, "SE3"},
    {"null-upper", 0x10000, true, CONFIDENCE_MEDIUM, "SE3"},
    {"rpl1", SEL_KERNEL_CS | 1, false, CONFIDENCE_HIGH, "SE10"},
    {"rpl2", SEL_KERNEL_CS | 2, false, CONFIDENCE_HIGH, "SE10"},
    {"rpl3", SEL_KERNEL_CS | 3, false, CONFIDENCE_HIGH, "SE10"},
    {"upper", 0x10000 | SEL_KERNEL_CS, false, CONFIDENCE_MEDIUM, "SE10"},
    {"ldt", SEL_KERNEL_CS | 4, false, CONFIDENCE_HIGH, "SE1 SE2"},
    {"not-present", SEL_NOT_PRESENT_R0, false, CONFIDENCE_HIGH, "SE1 SE2"},
    {"no-descriptor", SEL_SPARE, false, CONFIDENCE_HIGH, "SE1 SE2"},
    {"beyond-gdt", 0x400, false, CONFIDENCE_HIGH, "SE1 SE2"},
    {"fff8", 0xfff8, false, CONFIDENCE_MEDIUM, "SE11"},
    {"fff9", 0xfff9, false, CONFIDENCE_MEDIUM, "SE11"},
    {"fffa", 0xfffa, false, CONFIDENCE_MEDIUM, "SE11"},
    {"fffb", 0xfffb, false, CONFIDENCE_MEDIUM, "SE11"},
    {"fffc", 0xfffc, false, CONFIDENCE_MEDIUM, "SE11"},
};

static void set(struct trapframe *c)
{
    (void)c;
    lend_msr(MSR_SYSENTER_CS, rows[stimulus_now()->argument].cs);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct stimulus t = *s;

    if (!rows[s->argument].null) {
        expect_call(s, w, amd);
        return;
    }
    t.vector = amd ? VEC_ud : VEC_gp;
    t.error_code = !amd;
    want_as(w, &t);
}

static const struct {
    const char *name;
    struct stimulus s;
} callers[] = {
    {"ring3", {.from = FROM_RING3, CODE(sysenter_cs3)}},
    {"ring0", {.from = FROM_RING0, CODE(sysenter_cs0)}},
    {"compat", {.from = FROM_COMPAT, CODE(sysenter_cs32)}},
};

void case_sysenter_cs(void)
{
    char id[44];

    for (unsigned k = 0; k < COUNT(callers); k++)
        for (unsigned i = 0; i < COUNT(rows); i++) {
            const struct row *r = &rows[i];
            struct stimulus s = callers[k].s;

            s.id = id;
            s.vector = VEC_SYSENTER;
            s.saved = SAVED_AT;
            s.argument = i;
            s.before = set;
            s.expect = expect;
            s.by_vendor = r->null;
            s.unfit = r->null ? 0 : unless_entered;
            s.confidence = r->trust;
            s.facts = r->facts;
            s.why = r->null
                        ? "SYSENTER with SYSENTER_CS[15:2] = 0 is #GP(0) at "
                          "the instruction; #UD in long mode on AMD; SDM "
                          "vol 2 SYSENTER"
                        : "SYSENTER: CS = SYSENTER_CS & FFFCh, SS = CS + 8 "
                          "in 16 bits, no descriptor read; SDM vol 2 "
                          "SYSENTER";
            fmt(id, sizeof(id), "sysenter.cs.%s.%s", r->name, callers[k].name);
            fastcall_run(&s);
        }
}
