/* SPDX-License-Identifier: MIT */
/*
 * The APIC's registers as MSRs 800h to 83Fh.
 *
 * Out of x2APIC mode none of them exists: RDMSR and WRMSR are #GP(0).  In
 * x2APIC mode #GP(0) is for what is write-only when it is read, read-only
 * when it is written, not there at all (DFR, ICR's upper half), for any of
 * bits 63:32 of a 32-bit register, and for an EOI or ESR that is not 0.  None
 * of these is an APIC error: ESR stays as it is.
 *
 * The mode is the one that the firmware left, or x2APIC with --x2apic; it is
 * never switched back.
 */
#include "fmt.h"
#include "lib/lapic.h"
#include "macros.h"
#include "vectors.h"

#define ABSENT_MSR 0x4000f00d /* SDM vol 4: of a range that stays empty */
#define VERSION_MSR 0x803

RING0(lapic_rdmsr, "", "rdmsr", "");
RING0(lapic_wrmsr, "", "wrmsr", "");

/* Written as 0: harmless, or put back, where a machine takes it after all. */
static const uint16_t registers[] = {
    0x802, 0x803, 0x808, 0x80a, 0x80b, 0x80d, 0x80f, 0x810, 0x817,
    0x818, 0x81f, 0x820, 0x827, 0x828, 0x82f, 0x830, 0x832, 0x833,
    0x834, 0x835, 0x836, 0x837, 0x838, 0x839, 0x83e, 0x83f};

static const struct row {
    uint16_t msr;
    bool write;
    const char *name;
    uint64_t value;
} rows[] = {
    {0x80b, false, "write-only-eoi", 0},
    {0x83f, false, "write-only-self-ipi", 0},
    {0x802, true, "read-only-id", 0},
    {0x803, true, "read-only-version", 0},
    {0x80a, true, "read-only-ppr", 0},
    {0x80d, true, "read-only-ldr", 0},
    {0x810, true, "read-only-isr", 0},
    {0x818, true, "read-only-tmr", 0},
    {0x820, true, "read-only-irr", 0},
    {0x839, true, "read-only-current-count", 0},
    {0x80e, false, "absent-dfr", 0},
    {0x80e, true, "absent-dfr", 0},
    {0x831, false, "absent-icr-high", 0},
    {0x831, true, "absent-icr-high", 0},
    {0x804, false, "absent-804", 0},
    {0x804, true, "absent-804", 0},
    {0x808, true, "high-tpr", 1ull << 32},
    {0x80f, true, "high-svr", 1ull << 63 | APIC_SVR_ENABLE | VEC_spurious},
    {0x832, true, "high-lvt-timer", 1ull << 32 | APIC_LVT_MASKED},
    {0x838, true, "high-initial-count", 1ull << 32},
    {0x83e, true, "high-divide", 1ull << 32},
    {0x80b, true, "eoi-not-0", 1},
    {0x828, true, "esr-not-0", 1},
};

static uint32_t before_esr, after_esr;
static uint64_t value;

static void before(struct trapframe *c)
{
    apic_write(APIC_ESR, 0);
    apic_write(APIC_ESR, 0);
    before_esr = apic_read(APIC_ESR);
    c->rcx = stimulus_now()->argument;
    c->rax = (uint32_t)value;
    c->rdx = value >> 32;
}

static void after(void)
{
    apic_write(APIC_ESR, 0);
    after_esr = apic_read(APIC_ESR);
    lapic_restore();
}

static void no_error(const struct stimulus *s, struct diff *d)
{
    (void)s;
    if (!diff_any(d))
        diff_hex(d, "ESR", before_esr, after_esr);
}

/* Some emulators read every MSR that they do not know as 0, and one is told to
 * by who starts it, as its firmware asks for one.  That is fred.msr's. */
static const char *unless_xapic(const struct stimulus *s)
{
    (void)s;
    return apic_is_x2apic() ? "the local APIC is in x2APIC mode"
           : lapic_faults(lapic_rdmsr, ABSENT_MSR, 0) ||
                   lapic_faults(lapic_rdmsr, VERSION_MSR, 0)
               ? 0
               : "this machine raises no #GP for an MSR that there is not";
}

static const char *unless_x2apic(const struct stimulus *s)
{
    (void)s;
    return apic_is_x2apic() ? 0 : lapic_no_x2apic;
}

static void access(uint16_t msr, bool write, const char *name,
                   const char *(*unfit)(const struct stimulus *s),
                   const char *why)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        .start = write ? lapic_wrmsr : lapic_rdmsr,
        .at = write ? lapic_wrmsr_at : lapic_rdmsr_at,
        .resume = write ? lapic_wrmsr_resume : lapic_rdmsr_resume,
        .vector = VEC_gp,
        .saved = SAVED_AT,
        .error_code = true,
        .argument = msr,
        .clobbers = REG_RAX | REG_RDX | REG_RCX,
        .before = before,
        .after = after,
        .also = no_error,
        .unfit = unfit,
        .facts = "AP16",
        .why = why,
    };

    fmt(id, sizeof(id), "lapic.%s.%s", name, write ? "wrmsr" : "rdmsr");
    check_run(&s);
}

void case_lapic_msr(void)
{
    char name[32];

    lapic_begin();
    value = 0;
    for (unsigned i = 0; i < COUNT(registers); i++)
        for (unsigned write = 0; write < 2; write++) {
            fmt(name, sizeof(name), "xapic.%03x", registers[i]);
            access(registers[i], write, name, unless_xapic,
                   "out of x2APIC mode its MSRs do not exist: #GP(0); SDM vol "
                   "3, Extended XAPIC (x2APIC)");
        }
    for (unsigned i = 0; i < COUNT(rows); i++) {
        value = rows[i].value;
        fmt(name, sizeof(name), "x2apic.%s", rows[i].name);
        access(rows[i].msr, rows[i].write, name, unless_x2apic,
               "x2APIC: #GP(0) for a register that is not there or not so, and "
               "for reserved bits; SDM vol 3, x2APIC Register Address Space");
    }
}
