/* SPDX-License-Identifier: MIT */
/*
 * FS_BASE, GS_BASE and KERNEL_GS_BASE as MSRs: who may, and which values.
 *
 * Ring 3 may not, whatever CR4 says.  A value must be canonical, and here the
 * width is the one that the processor supports, not the one in use: a machine
 * with LA57 takes 57-bit addresses in 4-level paging too.  A processor that
 * takes anything lets a kernel store a base at which the next %gs: access is
 * a #GP inside its own entry.
 *
 * SWAPGS (the subject itself, hence not from entry/gs.inc) never checks: what
 * an MSR took, it exchanges.
 */
#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "lib/gs.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

RING0(msr_write0, "", "wrmsr", "");
RING0(msr_read0, "", "rdmsr", "");
RING3(msr_write3, "", "wrmsr", "");
RING3(msr_read3, "", "rdmsr", "");
COMPAT(msr_writec, "", "wrmsr", "");
COMPAT(msr_readc, "", "rdmsr", "");
RING0(msr_swapgs, "", "swapgs", "");
RING0(msr_access, "", "mov %gs:0, %al", "");

static const struct gs_state start = {0, 0, FS_POSITIVE, GS_NEGATIVE,
                                      GS_POSITIVE};
static const struct {
    const char *name;
    uint32_t number;
    size_t field; /* of struct gs_state */
} msrs[] = {
    {"fs-base", MSR_FS_BASE, offsetof(struct gs_state, fs_base)},
    {"gs-base", MSR_GS_BASE, offsetof(struct gs_state, gs_base)},
    {"kernel-gs-base", MSR_KERNEL_GS_BASE,
     offsetof(struct gs_state, kernel_gs_base)},
};

static struct {
    unsigned msr;
    bool read;
    uint64_t value;
    struct gs_state start;
} now;

static uint64_t *base(struct gs_state *g)
{
    return (uint64_t *)((char *)g + msrs[now.msr].field);
}

static void before(struct trapframe *c)
{
    c->rcx = msrs[now.msr].number;
    c->rax = (uint32_t)now.value;
    c->rdx = now.value >> 32;
    gs_set(&now.start);
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct gs_state end = now.start;

    (void)amd;
    if (s->vector == VEC_gate && now.read) {
        w->event[0].o.frame.rax = (uint32_t)*base(&end);
        w->event[0].o.frame.rdx = *base(&end) >> 32;
    } else if (s->vector == VEC_gate) {
        *base(&end) = now.value;
    }
    gs_want(w, 0, &end);
}

static void run(const char *condition, enum origin from,
                const struct snippet *code, unsigned vector, const char *facts)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = from,
        .vector = vector,
        .error_code = vector == VEC_gp,
        .before = before,
        .expect = expect,
        .after = gs_after,
        .facts = facts,
        .why =
            "the base MSRs are ring 0's, and take canonical addresses of the "
            "width that the processor supports, else #GP(0); SDM vol 2 WRMSR",
    };

    fmt(id, sizeof(id), "%s.%s.%s.%s", now.read ? "rdmsr" : "wrmsr",
        msrs[now.msr].name, condition, origin_ids[from]);
    stimulus_code(&s, code);
    check_run(&s);
}

static void one_msr(void)
{
    static const struct snippet write0 = SNIPPET(msr_write0),
                                read0 = SNIPPET(msr_read0),
                                write3 = SNIPPET(msr_write3),
                                read3 = SNIPPET(msr_read3),
                                writec = SNIPPET(msr_writec),
                                readc = SNIPPET(msr_readc);
    static const struct {
        const char *name;
        uint64_t value;
        bool good;
    } rows[] = {
        {"zero", 0, true},
        {"lower-edge", 0x00007fffffffffff, true},
        {"upper-edge", 0xffff800000000000, true},
        {"non-canonical", GS_NONCANONICAL, false},
        {"sign-only", GS_NONCANONICAL_SIGN, false},
    };

    now.start = start;
    now.read = true;
    run("value", FROM_RING0, &read0, VEC_gate, "GS9");
    run("refused", FROM_RING3, &read3, VEC_gp, "GS22");
    run("refused", FROM_COMPAT, &readc, VEC_gp, "GS22");
    now.read = false;
    now.value = GS_POSITIVE;
    run("refused", FROM_RING3, &write3, VEC_gp, "GS22");
    run("refused", FROM_COMPAT, &writec, VEC_gp, "GS22");
    for (unsigned i = 0; i < COUNT(rows); i++) {
        now.value = rows[i].value;
        run(rows[i].name, FROM_RING0, &write0, rows[i].good ? VEC_gate : VEC_gp,
            "GS9 EX21");
    }
    now.value = GS_CANONICAL_57;
    run("canonical-57", FROM_RING0, &write0,
        cpu_has(FEATURE_LA57) ? VEC_gate : VEC_gp, "GS23 EX21");
}

static const char *unfit_57(const struct stimulus *s)
{
    (void)s;
    return !cpu_has(FEATURE_LA57) ? "the processor has no LA57"
           : read_cr4() & CR4_LA57
               ? "5-level paging is on: the address is an ordinary one"
               : 0;
}

static void exchange_57(const struct stimulus *s, struct want *w, bool amd)
{
    struct gs_state end = now.start;

    (void)s, (void)amd;
    end.gs_base = now.start.kernel_gs_base;
    end.kernel_gs_base = now.start.gs_base;
    gs_want(w, 0, &end);
}

/* A base with 57 bits where addresses have 48: taken, exchanged, not usable. */
static void base_57(void)
{
    struct stimulus s = {
        .id = "swapgs.canonical-57",
        .from = FROM_RING0,
        CODE(msr_swapgs),
        .vector = VEC_gate,
        .before = before,
        .expect = exchange_57,
        .after = gs_after,
        .unfit = unfit_57,
        .confidence = CONFIDENCE_MEDIUM,
        .facts = "GS23 EX21",
        .why = "SWAPGS checks no base; one that needs 57 bits faults when used "
               "with 48-bit addresses; SDM vol 2 SWAPGS",
    };

    now.start = start;
    now.start.kernel_gs_base = start.gs_base;
    now.start.gs_base = GS_CANONICAL_57;
    check_run(&s);

    s.id = "gs.canonical-57.access";
    s.start = msr_access;
    s.at = msr_access_at;
    s.resume = msr_access_resume;
    s.vector = VEC_gp;
    s.error_code = true;
    s.expect = expect;
    s.confidence = CONFIDENCE_VALUE;
    check_run(&s);
}

void case_gs_msr(void)
{
    for (now.msr = 0; now.msr < COUNT(msrs); now.msr++)
        one_msr();
    now.msr = 0; /* RCX alone shows it */
    base_57();
}
