/* SPDX-License-Identifier: MIT */
/*
 * SYSENTER: from ring 0, on any stack, to any place.
 *
 * It saves nothing and asks for nothing: RSP and RIP come from two MSRs, all
 * 64 bits of them, the general registers stay, and FMASK is SYSCALL's alone.
 * It has no test of CPL either.  The caller's RSP is lost, so it can be
 * anything; the stack that the MSR names is not touched until the handler
 * does.
 *
 * AMD's processors do not have it in long mode: #UD, in 64-bit as in compat
 * code, though CPUID says SEP.
 */
#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

RING3(sysenter_entry3, "", "sysenter", "");
RING0(sysenter_entry0, "", "sysenter", "");
COMPAT(sysenter_entry32, "", "sysenter", "");

#define UNMAPPED_HIGH 0xffffffffa0000000ull
#define UNMAPPED_LOW 0x20000000ull

static const uint64_t some_data;

enum kind { PLAIN, FMASK, CALLER_RSP, ESP, EIP, NO_EXECUTE, LA57 };

static const struct row {
    const char *name;
    enum kind kind;
    uint64_t value;
} rows[] = {
    {"plain", PLAIN, 0},
    {"fmask-all", FMASK, 0xffffffff},
    {"rsp.null", CALLER_RSP, 0},
    {"rsp.noncanonical", CALLER_RSP, BAD_EVERYWHERE},
    {"esp-msr.null", ESP, 0},
    {"esp-msr.odd", ESP, STACK_TOP(STACK_rsp0) - 5},
    {"esp-msr.unmapped", ESP, UNMAPPED_HIGH},
    {"esp-msr.low", ESP, UNMAPPED_LOW},
    {"to.unmapped-high", EIP, UNMAPPED_HIGH},
    {"to.unmapped-low", EIP, UNMAPPED_LOW},
    {"to.no-execute", NO_EXECUTE, (uint64_t)&some_data},
    {"to.la57-low", LA57, 1ull << 47},
    {"to.la57-high", LA57, 0xff00000000000000ull},
};

#define IST 0x100
#define INDEX 0xff

static const struct row *row_of(const struct stimulus *s)
{
    return &rows[s->argument & INDEX];
}

static const char *unfit(const struct stimulus *s)
{
    enum kind kind = row_of(s)->kind;

    if (kind == NO_EXECUTE && !(rdmsr(MSR_EFER) & EFER_NXE))
        return "this processor has no EFER.NXE";
    if (kind == LA57 && !cpu_has(FEATURE_LA57))
        return "this processor has no LA57";
    if (kind == LA57 && read_cr4() & CR4_LA57)
        return "five-level paging is in use: the address is canonical";
    return unless_entered(s);
}

static void set(struct trapframe *c)
{
    const struct row *r = row_of(stimulus_now());

    switch (r->kind) {
    case PLAIN:
        break;
    case FMASK:
        lend_msr(MSR_FMASK, r->value);
        break;
    case CALLER_RSP:
        c->rsp =
            stimulus_now()->from == FROM_COMPAT ? (uint32_t)r->value : r->value;
        break;
    case ESP:
        lend_msr(MSR_SYSENTER_ESP, r->value);
        break;
    case EIP:
    case NO_EXECUTE:
    case LA57:
        lend_msr(MSR_SYSENTER_EIP, r->value);
        break;
    }
    if (stimulus_now()->argument & IST)
        lend_ist(r->kind == LA57 ? VEC_gp : VEC_pf, IST_spare);
}

static void expect_fault(const struct stimulus *s, struct want *w, bool amd)
{
    enum kind kind = row_of(s)->kind;
    struct trapframe c = *stimulus_context();

    (void)amd;
    do_sysenter(&c);
    if (kind == LA57)
        want_event(w, 0, VEC_gp, 0, 0, &c);
    else
        want_event(w, 0, VEC_pf, fetch_bit() | (kind == EIP ? 0 : PF_PRESENT),
                   c.rip, &c);
    want_back(w, 1, &c);
}

static const struct {
    const char *name;
    struct stimulus s;
} callers[] = {
    {"ring3", {.from = FROM_RING3, CODE(sysenter_entry3)}},
    {"ring0", {.from = FROM_RING0, CODE(sysenter_entry0)}},
    {"compat", {.from = FROM_COMPAT, CODE(sysenter_entry32)}},
};

static void one(unsigned i, unsigned k, bool ist)
{
    bool faults = rows[i].kind >= EIP;
    struct stimulus s = callers[k].s;
    char id[44];

    s.id = id;
    s.vector = VEC_SYSENTER;
    s.argument = i | (ist ? IST : 0);
    s.before = set;
    s.expect = faults ? expect_fault : expect_call;
    s.unfit = unfit;
    s.confidence = rows[i].kind == LA57 ? CONFIDENCE_VALUE : CONFIDENCE_HIGH;
    s.facts = rows[i].kind == LA57    ? "SC31"
              : s.from == FROM_RING0  ? "SE9 SE1"
              : s.from == FROM_COMPAT ? "SE2"
                                      : "SE1";
    s.why = faults
                ? "SYSENTER to an address that cannot be fetched faults in "
                  "ring 0, on SYSENTER_ESP's stack; SDM vol 2 SYSENTER"
                : "SYSENTER: RIP, RSP, CS and SS from its MSRs, IF clear, all "
                  "else kept, at any CPL; SDM vol 2 SYSENTER";
    fmt(id, sizeof(id), "sysenter.%s%s.%s", rows[i].name,
        !faults ? ""
        : ist   ? ".ist"
                : ".no-ist",
        callers[k].name);
    fastcall_run(&s);
}

void case_sysenter_entry(void)
{
    const struct stimulus ring0 = {
        .id = "sysenter.ring0",
        .from = FROM_RING0,
        CODE(sysenter_entry0),
        .vector = VEC_SYSENTER,
        .saved = SAVED_AT,
        .expect = expect_or_ud,
        .by_vendor = true,
        .facts = "SE9",
        .why = "SYSENTER has no CPL test: in ring 0 it enters as from ring 3; "
               "#UD in long mode on AMD; SDM vol 2, APM vol 3 SYSENTER",
    };

    fastcall_run(&ring0);
    for (unsigned k = 0; k < COUNT(callers); k++)
        for (unsigned i = 0; i < COUNT(rows); i++) {
            /* Without an IST the fault needs SYSENTER_ESP's stack. */
            one(i, k, false);
            if (rows[i].kind >= EIP)
                one(i, k, true);
        }
}
