/* SPDX-License-Identifier: MIT */
/*
 * What the MSRs of SYSCALL and SYSENTER accept, and give back.
 *
 * LSTAR, CSTAR, SYSENTER_EIP and SYSENTER_ESP hold addresses, and WRMSR
 * refuses what is not canonical: #GP(0), and the old value stays.  Canonical
 * here goes by what the processor is capable of, not by the paging in use: one
 * that has LA57 takes 57-bit addresses with four levels as well.
 *
 * AMD's processors, which have no SYSENTER in long mode, keep 32 bits of its
 * MSRs and test none.  An MSR that takes any address moves the fault from the
 * WRMSR to the SYSCALL, where it is ring 0's on the user's stack.
 */
#include "cpu.h"
#include "engine/persona.h"
#include "fmt.h"
#include "lib/fastcall.h"
#include "lib/fastcall_lend.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

RING0(syscall_msr_code, "", "wrmsr", "rdmsr");

static const struct {
    const char *name;
    uint32_t number;
    bool sysenter;
} msrs[] = {
    {"lstar", MSR_LSTAR, false},
    {"cstar", MSR_CSTAR, false},
    {"sysenter-esp", MSR_SYSENTER_ESP, true},
    {"sysenter-eip", MSR_SYSENTER_EIP, true},
};

static const struct {
    const char *name;
    uint64_t value;
    enum { GOOD, BAD, LA57 } kind; /* LA57: canonical for 57 bits alone */
} values[] = {
    {"zero", 0, GOOD},
    {"low-last", 0x00007fffffffffff, GOOD},
    {"high-first", 0xffff800000000000, GOOD},
    {"high", 0xffff800012345678, GOOD},
    {"ones", ~0ull, GOOD},
    {"bad-everywhere", BAD_EVERYWHERE, BAD},
    {"bit63", 1ull << 63, BAD},
    {"all-but-bit63", ~0ull >> 1, BAD},
    {"la57-low-first", 1ull << 47, LA57},
    {"la57-low-last", (1ull << 56) - 1, LA57},
    {"la57-high-first", 0xff00000000000000, LA57},
    {"la57-high-last", 0xffff7fffffffffff, LA57},
};

/* argument: indices into both. */
#define ARGUMENT(m, v) ((m) << 8 | (v))

static uint64_t value_of(const struct stimulus *s)
{
    return values[s->argument & 0xff].value;
}

static void set(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();

    c->rcx = msrs[s->argument >> 8].number;
    c->rax = (uint32_t)value_of(s);
    c->rdx = value_of(s) >> 32;
}

static uint64_t old_value(uint32_t msr)
{
    return msr == MSR_LSTAR          ? lent_msr.lstar
           : msr == MSR_CSTAR        ? lent_msr.cstar
           : msr == MSR_SYSENTER_ESP ? lent_msr.esp
                                     : lent_msr.eip;
}

/* At the gate RAX and RDX hold what the RDMSR behind it has read. */
static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    unsigned kind = values[s->argument & 0xff].kind;
    const bool sysenter = msrs[s->argument >> 8].sysenter;
    bool refused = kind == BAD || (kind == LA57 && !cpu_has(FEATURE_LA57));
    uint64_t value = value_of(s);
    struct trapframe *gate;

    if (amd && sysenter) {
        refused = false;
        value = (uint32_t)value;
    }
    want_vector(w, refused ? VEC_gp : VEC_gate);
    if (refused)
        value = old_value(msrs[s->argument >> 8].number);
    gate = &w->event[w->count - 1].o.frame;
    gate->rax = (uint32_t)value;
    gate->rdx = value >> 32;
}

/* KVM answers for MSRs that it intercepts as it thinks right, and Intel's own
 * list of what WRMSR tests does not name CSTAR. */
static enum confidence trust(unsigned m, unsigned v)
{
    if (values[v].kind == GOOD && !msrs[m].sysenter)
        return CONFIDENCE_HIGH;
    if (persona.virtualized && (values[v].kind == LA57 || msrs[m].sysenter))
        return CONFIDENCE_MEDIUM;
    if (msrs[m].number == MSR_CSTAR && !persona.amd)
        return CONFIDENCE_MEDIUM;
    return CONFIDENCE_HIGH;
}

void case_syscall_msr(void)
{
    char id[44];

    for (unsigned m = 0; m < COUNT(msrs); m++)
        for (unsigned v = 0; v < COUNT(values); v++) {
            struct stimulus s = {
                .id = id,
                .from = FROM_RING0,
                CODE(syscall_msr_code),
                .vector = VEC_gp,
                .error_code = true,
                .saved = SAVED_AT,
                .argument = ARGUMENT(m, v),
                .before = set,
                .expect = expect,
                .by_vendor = msrs[m].sysenter,
                .confidence = trust(m, v),
                .facts = values[v].kind == LA57 ? "SC31 EX21"
                         : msrs[m].sysenter     ? "SE8 SE15"
                                                : "SC16 EX21",
                .why = msrs[m].sysenter
                           ? "Intel: SYSENTER_ESP and EIP keep 64 bits, #GP(0) "
                             "if not canonical; AMD: 32 bits, no test; WRMSR"
                           : "WRMSR of an address that no paging mode of this "
                             "processor has is #GP(0), the value stays; SDM "
                             "vol 2 WRMSR",
            };
            fmt(id, sizeof(id), "wrmsr.%s.%s", msrs[m].name, values[v].name);
            fastcall_run(&s);
        }
}
