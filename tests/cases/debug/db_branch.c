/* SPDX-License-Identifier: MIT */
/*
 * What newer processors can raise #DB and #AC for: branches, bus locks and
 * split locks.
 *
 * With BTF in IA32_DEBUGCTL, TF steps from taken branch to taken branch, and
 * each #DB clears BTF.  With bit 2, a locked access that splits a cache line
 * is followed by a #DB in ring 3, with DR6's bit 11 clear; and an Intel
 * processor can be told to refuse it with #AC at any level.  Where nothing of
 * that is on, a split lock must simply work, which is the check that every
 * machine gets.
 *
 * The MSRs are not on every machine, and an emulator may take a write and
 * forget it: each is tried first, with its #GP caught.
 */
#include "cpu.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/debug.h"
#include "lib/sequence.h"
#include "macros.h"
#include "vectors.h"

#define DEBUGCTL_BTF (1 << 1)
#define DEBUGCTL_BUS_LOCK (1 << 2)
#define DR6_BLD (1 << 11)
#define MSR_TEST_CTRL 0x33
#define TEST_CTRL_SPLIT_LOCK (1u << 29)
#define MSR_CORE_CAPABILITIES 0xcf
#define CORE_SPLIT_LOCK (1 << 5)
#define LINE 64

RING3(branch_steps, "", "nop", "nop\njmp 1f\nnop\n1: nop");
RING0(branch_steps0, "", "nop", "nop\njmp 1f\nnop\n1: nop");
RING3(branch_split3, "", "lock incl (%rbx)", "nop");
COMPAT(branch_splitc, "", "lock incl %ss:(%ebx)", "nop");
RING0(branch_split0, "", "lock incl (%rbx)", "nop");
#define TO_TARGET 4 /* bytes from behind the first NOP: NOP, JMP, NOP */

static uint32_t lines[2 * LINE / 4]
    __attribute__((section(".user.data"), aligned(2 * LINE)));

static uint64_t debugctl;

/* --- does an MSR keep the bits?
 * ------------------------------------------------ */

static bool keeps(uint32_t msr, uint64_t bits)
{
    uint64_t was, is;

    return msr_read(msr, &was) && msr_write(msr, was | bits) &&
           msr_read(msr, &is) && msr_write(msr, was) && (is & bits) == bits;
}

static const char *without_btf(const struct stimulus *s)
{
    return keeps(MSR_DEBUGCTL, DEBUGCTL_BTF)
               ? 0
               : "IA32_DEBUGCTL is absent, or does not keep BTF";
}

static const char *without_bus_lock(const struct stimulus *s)
{
    uint64_t value;

    return !cpu_has(FEATURE_BUS_LOCK_DETECT)
               ? "CPUID lists no bus-lock detection"
           : msr_read(MSR_DEBUGCTL, &value)
               ? 0
               : "CPUID lists bus-lock detection, and RDMSR of IA32_DEBUGCTL "
                 "faults";
}

/* Bochs's Tiger Lake lists IA32_CORE_CAPABILITIES and has it not. */
static const char *without_split_lock(const struct stimulus *s)
{
    uint64_t core, test;

    if (!cpu_has(FEATURE_CORE_CAPABILITIES))
        return "CPUID lists no split-lock #AC";
    if (!msr_read(MSR_CORE_CAPABILITIES, &core))
        return "CPUID lists IA32_CORE_CAPABILITIES, and RDMSR of it faults";
    if (!(core & CORE_SPLIT_LOCK))
        return "IA32_CORE_CAPABILITIES lists no split-lock #AC";
    return msr_read(MSR_TEST_CTRL, &test)
               ? 0
               : "split-lock #AC is listed, and RDMSR of MSR 33h faults";
}

/* --- the stimuli
 * --------------------------------------------------------------- */

static void step_branches(struct trapframe *c)
{
    debugctl = rdmsr(MSR_DEBUGCTL);
    wrmsr(MSR_DEBUGCTL, debugctl | DEBUGCTL_BTF);
    debug_step(c);
}

static void split(struct trapframe *c)
{
    c->rbx = (uint64_t)lines + LINE - 2;
    lines[LINE / 4 - 1] = lines[LINE / 4] = 0;
}

static void split_watched(struct trapframe *c)
{
    split(c);
    debugctl = rdmsr(MSR_DEBUGCTL);
    wrmsr(MSR_DEBUGCTL, debugctl | DEBUGCTL_BUS_LOCK);
}

static void restore(void)
{
    wrmsr(MSR_DEBUGCTL, debugctl);
    debug_off();
}

static uint64_t test_ctrl;

static void split_refused(struct trapframe *c)
{
    split(c);
    test_ctrl = rdmsr(MSR_TEST_CTRL);
    wrmsr(MSR_TEST_CTRL, test_ctrl | TEST_CTRL_SPLIT_LOCK);
}

static void allow(void)
{
    wrmsr(MSR_TEST_CTRL, test_ctrl);
}

static void expect_branch(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    sequence_db(&q, s->resume + TO_TARGET, DR6_BS);
    sequence_end(&q);
}

/* BLD is active-low. */
static void expect_bus_lock(const struct stimulus *s, struct want *w, bool amd)
{
    struct sequence q;

    sequence_begin(&q, s, w);
    if (s->from != FROM_RING0)
        sequence_db(&q, s->resume, 0)->o.dr6 &= ~(uint64_t)DR6_BLD;
    sequence_end(&q);
}

static const char why_btf[] =
    "with DEBUGCTL.BTF, TF traps behind taken branches alone; SDM vol 3, "
    "Single-Stepping on Branches";
static const char why_split[] =
    "a locked access across two cache lines works where nothing detects it; "
    "SDM "
    "vol 3, Bus-Lock Detection and Handling Locked Accesses";

#define BRANCH(name, origin, code, v, ...)                                     \
    {                                                                          \
        .id = name, .from = origin, CODE(branch_##code), .vector = v,          \
        __VA_ARGS__                                                            \
    }
#define SPLIT(name, v, ...)                                                    \
    BRANCH("split-lock." name "ring3", FROM_RING3, split3, v, __VA_ARGS__),    \
        BRANCH("split-lock." name "compat", FROM_COMPAT, splitc, v,            \
               __VA_ARGS__),                                                   \
        BRANCH("split-lock." name "ring0", FROM_RING0, split0, v, __VA_ARGS__)

static const struct stimulus stimuli[] = {
    BRANCH("step-branch.ring3", FROM_RING3, steps, VEC_db,
           .before = step_branches, .after = restore, .expect = expect_branch,
           .mend = sequence_mend, .unfit = without_btf,
           .confidence = CONFIDENCE_MEDIUM, .facts = "DB20", .why = why_btf),
    BRANCH("step-branch.ring0", FROM_RING0, steps0, VEC_db,
           .before = step_branches, .after = restore, .expect = expect_branch,
           .mend = sequence_mend, .unfit = without_btf,
           .confidence = CONFIDENCE_MEDIUM, .facts = "DB20", .why = why_btf),
    SPLIT("", VEC_gate, .before = split, .flags_changed = ARITHMETIC_FLAGS,
          .facts = "DB10", .why = why_split),
    SPLIT("bus-lock.", VEC_db, .before = split_watched, .after = restore,
          .expect = expect_bus_lock, .mend = sequence_mend,
          .flags_changed = ARITHMETIC_FLAGS, .unfit = without_bus_lock,
          .facts = "DB10", .why = why_split),
    SPLIT("refused.", VEC_ac, .saved = SAVED_AT, .error_code = true,
          .before = split_refused, .after = allow, .unfit = without_split_lock,
          .facts = "DB10", .why = why_split),
};

void case_db_branch(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        check_run(&stimuli[i]);
}
