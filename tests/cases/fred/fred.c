/* SPDX-License-Identifier: MIT */
/*
 * FRED: the entry that is to replace the IDT, and what a machine without it
 * must do about its instructions and registers.
 *
 * A program asks CPUID first; one that does not must fault.  ERETS and ERETU
 * are CLAC's bytes with a prefix, so a decoder that does not look at prefixes
 * runs them as CLAC.  The MSRs do not exist.  A machine that has FRED is told
 * of, and its event frames are not judged: that needs an entry of its own
 * beside the IDT, and this program runs with CR4.FRED clear.
 */
#include "cpu.h"
#include "fmt.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "vectors.h"

#define FIRST_MSR 0x1cc /* FRED_RSP0 ... FRED_CONFIG */
#define LAST_MSR 0x1d4

#define ERETS ".byte 0xf2, 0x0f, 0x01, 0xca"
#define ERETU ".byte 0xf3, 0x0f, 0x01, 0xca"
RING0(fred_erets0, "", ERETS, "");
RING3(fred_erets3, "", ERETS, "");
COMPAT(fred_eretsc, "", ERETS, "");
RING0(fred_eretu0, "", ERETU, "");
RING3(fred_eretu3, "", ERETU, "");
COMPAT(fred_eretuc, "", ERETU, "");
RING0(fred_rdmsr, "", "rdmsr", "");
RING0(fred_wrmsr, "", "wrmsr", "");

static const char *has_it(const struct stimulus *s)
{
    return cpu_has(FEATURE_FRED) ? "this machine has FRED" : 0;
}

static void address_msr(struct trapframe *c)
{
    c->rcx = stimulus_now()->argument;
    c->rax = c->rdx = 0;
}

static const char why_insn[] = "without FRED, ERETS and ERETU are undefined: "
                               "CLAC takes no prefix; Intel FRED "
                               "specification, ERETS, ERETU";
static const char why_msr[] = "without FRED its MSRs do not exist, and RDMSR "
                              "and WRMSR of them are #GP(0); "
                              "SDM vol 2 RDMSR, WRMSR";

#define UNDEFINED(name, ring, origin, code)                                    \
    {                                                                          \
        .id = "fred." name "." ring, .from = origin, CODE(fred_##code),        \
        .vector = VEC_ud, .saved = SAVED_AT, .unfit = has_it,                  \
        .confidence = CONFIDENCE_MEDIUM, .facts = "FR2", .why = why_insn,      \
    }

static const struct stimulus stimuli[] = {
    UNDEFINED("erets", "ring0", FROM_RING0, erets0),
    UNDEFINED("erets", "ring3", FROM_RING3, erets3),
    UNDEFINED("erets", "compat", FROM_COMPAT, eretsc),
    UNDEFINED("eretu", "ring0", FROM_RING0, eretu0),
    UNDEFINED("eretu", "ring3", FROM_RING3, eretu3),
    UNDEFINED("eretu", "compat", FROM_COMPAT, eretuc),
};

static void try_msr(uint32_t msr, bool write)
{
    char id[44];

    fmt(id, sizeof(id), "fred.%s.%x", write ? "wrmsr" : "rdmsr", msr);
    check_run(&(struct stimulus){
        .id = id,
        .from = FROM_RING0,
        .start = write ? fred_wrmsr : fred_rdmsr,
        .at = write ? fred_wrmsr_at : fred_rdmsr_at,
        .resume = write ? fred_wrmsr_resume : fred_rdmsr_resume,
        .vector = VEC_gp,
        .saved = SAVED_AT,
        .error_code = true,
        .argument = msr,
        .confidence = CONFIDENCE_MEDIUM,
        .reports = msr == FIRST_MSR ? DEVIATION_ABSENT_MSR : DEVIATION_NONE,
        .skipped_after =
            msr == FIRST_MSR ? DEVIATION_NONE : DEVIATION_ABSENT_MSR,
        .unfit = has_it,
        .before = address_msr,
        .facts = "FR2",
        .why = why_msr,
    });
}

/* FR1: every event's frame under FRED. */
static void skip_frames(void)
{
    static const struct finding f = {.id = "fred.frames", .facts = "FR1"};

    finding_skip(&f, cpu_has(FEATURE_FRED)
                         ? "this machine has FRED, which is left off"
                         : "this machine has no FRED (CPUID 7.1:EAX[17])");
}

void case_fred(void)
{
    skip_frames();
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
    for (uint32_t msr = FIRST_MSR; msr <= LAST_MSR; msr++) {
        try_msr(msr, false);
        try_msr(msr, true);
    }
}
