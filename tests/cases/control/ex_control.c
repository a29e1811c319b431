/* SPDX-License-Identifier: MIT */
/*
 * Values that a control register must not take.
 *
 * A kernel that sets a bit which this processor has not, or a combination
 * which no processor allows, must get #GP(0) and find every register as it
 * was: that is how a bug shows, instead of a machine in a mode that does not
 * exist.  For whoever writes an emulator these are the checks that are left
 * for later.  (QEMU 7.2 makes for a #VMEXIT that no hypervisor waits for, and
 * spins; one that takes CR0 without PE runs on as nothing in particular.)
 *
 * So most of this is risky: a machine that takes such a value may be lost.
 * What it takes and survives is read back and put right.
 */
#include "cpu.h"
#include "fmt.h"
#include "insn.h"
#include "judge/diff.h"
#include "judge/stimulus.h"
#include "macros.h"
#include "msr.h"
#include "record/result.h"
#include "vectors.h"

#define BIT(n) (1ull << (n))

#define CR0_NW BIT(29)
#define CR3_PCD BIT(4) /* of the bits that PCIDs are made of */
#define CR4_FRED BIT(32)
#define CR4_FIRST_RESERVED 15
#define CPUID_ENCRYPTION 0x8000001f
#define PHYSICAL_BITS 52 /* of an address in CR3; those above are reserved */

enum control { IN_CR0, IN_CR3, IN_CR4, IN_CR8, IN_EFER, CONTROLS };
static const char *const control_names[CONTROLS] = {"CR0", "CR3", "CR4", "CR8",
                                                    "EFER"};

RING0(control_cr0, "", "mov %rax, %cr0", "");
RING0(control_cr3, "", "mov %rax, %cr3", "");
RING0(control_cr4, "", "mov %rax, %cr4", "");
RING0(control_cr8, "", "mov %rax, %cr8", "");
RING0(control_efer, "", "wrmsr", "");

static const struct snippet codes[CONTROLS] = {
    SNIPPET(control_cr0), SNIPPET(control_cr3), SNIPPET(control_cr4),
    SNIPPET(control_cr8), SNIPPET(control_efer)};

static uint64_t all[CONTROLS]; /* as they were */
static uint64_t left;          /* in the register that was written */

static uint64_t read_control(enum control c)
{
    switch (c) {
    case IN_CR0:
        return read_cr0();
    case IN_CR3:
        return read_cr3();
    case IN_CR4:
        return read_cr4();
    case IN_CR8:
        return read_cr8();
    default:
        return rdmsr(MSR_EFER);
    }
}

static void write_control(enum control c, uint64_t v)
{
    switch (c) {
    case IN_CR0:
        write_cr0(v);
        break;
    case IN_CR3:
        write_cr3(v);
        break;
    case IN_CR4:
        write_cr4(v);
        break;
    case IN_CR8:
        write_cr8(v);
        break;
    default:
        wrmsr(MSR_EFER, v);
    }
}

static const char *needs_pcid(void)
{
    return cpu_has(FEATURE_PCID) ? 0 : "this processor has no PCIDs";
}

static const char *needs_la57(void)
{
    return cpu_has(FEATURE_LA57) ? 0 : "this processor has no LA57";
}

static const char *needs_cet(void)
{
    return cpu_has(FEATURE_CET_SS) || cpu_has(FEATURE_CET_IBT)
               ? 0
               : "this processor has no CET";
}

static const char *needs_no_fred(void)
{
    return cpu_has(FEATURE_FRED) ? "this machine has FRED" : 0;
}

static const char *needs_small(void)
{
    if (cpuid_if_there(CPUID_ENCRYPTION, 0).eax)
        return "a bit above the addresses may be memory encryption's";
    return cpu_physical_bits() < PHYSICAL_BITS
               ? 0
               : "this processor's physical addresses fill CR3";
}

static const char why_cr0[] =
    "MOV CR0 faults for bits 63:32, PG without PE, NW without CD, and PG "
    "cleared in 64-bit mode; SDM vol 2 MOV--Move to/from Control Registers";
static const char why_cr3[] = "a reserved bit of CR3 is #GP(0): those from "
                              "MAXPHYADDR up; SDM vol 2 MOV--Move to/from "
                              "Control Registers";
static const char why_cr4[] =
    "a reserved bit of CR4, PAE cleared or LA57 changed in long mode, and "
    "PCIDE over a CR3 with a PCID are #GP(0); SDM vol 2 MOV to/from CR";
static const char why_cet[] = "CR4.CET needs CR0.WP: either without the other "
                              "is #GP(0); SDM vol 3, Control Registers";
static const char why_cr8[] = "CR8 has four bits; another is #GP(0); SDM vol "
                              "2 MOV--Move to/from Control Registers";
static const char why_efer[] = "WRMSR of EFER faults for a reserved bit, and "
                               "for LME changed while paging is on; SDM vol 3, "
                               "Initializing IA-32e Mode";

/* The register is to become (as it was | set) & ~clear, and must not. */
static const struct row {
    const char *id;
    enum control c;
    uint64_t set, clear;
    const char *why;
    const char *(*unfit)(void);
    const char *rests_on; /* one such hang is enough */
    bool risky, cet, wp_off, pcid;
    enum confidence confidence;
    const char *facts;
} rows[] = {
#define ROW(name, reg, on, off, reason, ...)                                   \
    {                                                                          \
        .id = name, .c = reg, .set = on, .clear = off, .why = reason,          \
        ##__VA_ARGS__                                                          \
    }
    ROW("cr0.nw-without-cd", IN_CR0, CR0_NW, BIT(30), why_cr0),
    ROW("cr0.bit-32", IN_CR0, BIT(32), 0, why_cr0),
    ROW("cr0.bit-63", IN_CR0, BIT(63), 0, why_cr0),
    ROW("cr0.wp-off-under-cet", IN_CR0, 0, CR0_WP, why_cet, .unfit = needs_cet,
        .cet = true),
    ROW("cr4.cet-without-wp", IN_CR4, CR4_CET, 0, why_cet, .unfit = needs_cet,
        .wp_off = true),
    ROW("cr4.pcide-over-pcid", IN_CR4, CR4_PCIDE, 0, why_cr4,
        .unfit = needs_pcid, .pcid = true),
    ROW("cr8.bit-4", IN_CR8, BIT(4), 0, why_cr8),
    ROW("cr8.bit-63", IN_CR8, BIT(63), 0, why_cr8),
    ROW("efer.bit-9", IN_EFER, BIT(9), 0, why_efer),
    ROW("efer.bit-63", IN_EFER, BIT(63), 0, why_efer),
    ROW("efer.lme-cleared", IN_EFER, 0, EFER_LME, why_efer),
    ROW("cr4.la57-changed", IN_CR4, CR4_LA57, 0, why_cr4, .unfit = needs_la57,
        .risky = true),
    ROW("cr4.pae-cleared", IN_CR4, 0, CR4_PAE, why_cr4, .risky = true),
    ROW("cr4.reserved-15", IN_CR4, BIT(15), 0, why_cr4, .risky = true),
    ROW("cr4.reserved-31", IN_CR4, BIT(31), 0, why_cr4, .risky = true,
        .rests_on = "cr4.reserved-15"),
    ROW("cr4.reserved-63", IN_CR4, BIT(63), 0, why_cr4, .risky = true,
        .rests_on = "cr4.reserved-15"),
    ROW("cr4.fred", IN_CR4, CR4_FRED, 0, why_cr4, .risky = true,
        .rests_on = "cr4.reserved-15", .unfit = needs_no_fred,
        .confidence = CONFIDENCE_MEDIUM, .facts = "EX9 FR2"),
    ROW("cr3.bit-60", IN_CR3, BIT(60), 0, why_cr3, .risky = true),
    ROW("cr3.above-maxphyaddr", IN_CR3, 0, 0, why_cr3, .risky = true,
        .rests_on = "cr3.bit-60", .unfit = needs_small),
    ROW("cr0.pg-cleared", IN_CR0, 0, CR0_PG, why_cr0, .risky = true),
    ROW("cr0.pg-without-pe", IN_CR0, 0, CR0_PE, why_cr0, .risky = true),
};

static const struct row *row_of(const struct stimulus *s)
{
    return (const struct row *)s->argument;
}

static const char *unfit(const struct stimulus *s)
{
    static char reason[80];
    const struct row *r = row_of(s);
    const char *why = r->unfit ? r->unfit() : 0;

    if (why || !r->rests_on || !result_hung(r->rests_on))
        return why;
    fmt(reason, sizeof(reason), "rests on %s, which has hung", r->rests_on);
    return reason;
}

static void before(struct trapframe *context)
{
    const struct row *r = row_of(stimulus_now());
    uint64_t v;

    for (enum control c = 0; c < CONTROLS; c++)
        all[c] = read_control(c);
    if (r->cet)
        write_cr4(read_cr4() | CR4_CET);
    if (r->wp_off)
        write_cr0(read_cr0() & ~(uint64_t)CR0_WP);
    if (r->pcid)
        write_cr3(read_cr3() | CR3_PCD);
    v = (read_control(r->c) | r->set) & ~r->clear;
    if (r->unfit == needs_small)
        v |= BIT(cpu_physical_bits());
    if (r->c == IN_EFER) {
        context->rcx = MSR_EFER;
        context->rdx = v >> 32;
        v = (uint32_t)v;
    }
    context->rax = v;
}

static void after(void)
{
    const struct row *r = row_of(stimulus_now());

    left = read_control(r->c);
    for (enum control c = CONTROLS; c-- > 0;)
        if (read_control(c) != all[c])
            write_control(c, all[c]);
}

static void also(const struct stimulus *s, struct diff *d)
{
    const struct row *r = row_of(s);
    diff_hex(d, control_names[r->c], all[r->c], left);
}

void case_ex_control(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++) {
        const struct row *r = &rows[i];

        check_run(&(struct stimulus){
            .id = r->id,
            .from = FROM_RING0,
            .start = codes[r->c].start,
            .at = codes[r->c].at,
            .resume = codes[r->c].resume,
            .vector = VEC_gp,
            .error_code = true,
            .saved = SAVED_AT,
            .risky = r->risky,
            .confidence = r->confidence,
            .unfit = unfit,
            .before = before,
            .after = after,
            .also = also,
            .argument = (uint64_t)r,
            .facts = r->facts ? r->facts : "EX9",
            .why = r->why,
        });
    }
}
