/* SPDX-License-Identifier: MIT */
/*
 * IA32_APIC_BASE: what it must not take.
 *
 * Reserved bits (7:0, 9, and from MAXPHYADDR up; EXTD too where there is no
 * x2APIC), x2APIC mode without the global enable, and the way from x2APIC
 * straight to xAPIC mode are #GP(0), and the value stays.  An emulator that
 * takes one of them may lose its APIC for good: these are risky.  The way
 * from disabled to x2APIC mode is lapic_mode.c's.
 */
#include "cpu.h"
#include "fmt.h"
#include "lib/lapic.h"
#include "msr.h"
#include "vectors.h"

RING0(lapic_base, "", "wrmsr", "");

static uint64_t was, is;
static uint64_t clear, set; /* of the value, for the write */

static void write(struct trapframe *c)
{
    uint64_t v = (was & ~clear) | set;

    c->rcx = MSR_APIC_BASE;
    c->rax = (uint32_t)v;
    c->rdx = v >> 32;
}

static void put_back(void)
{
    is = rdmsr(MSR_APIC_BASE);
    if (is != was)
        wrmsr(MSR_APIC_BASE, was);
}

static void unchanged(const struct stimulus *s, struct diff *d)
{
    (void)s;
    diff_hex(d, "IA32_APIC_BASE", was, is);
}

static const char *unless_supported(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_X2APIC)
               ? 0
               : "no x2APIC: EXTD is just a reserved bit here";
}

static const char *unless_reserved(const struct stimulus *s)
{
    (void)s;
    return cpu_has(FEATURE_X2APIC) ? "EXTD is no reserved bit where x2APIC is"
                                   : 0;
}

static const char *unless_x2apic(const struct stimulus *s)
{
    (void)s;
    return apic_is_x2apic() ? 0 : lapic_no_x2apic;
}

static void row(const char *name, uint64_t clear_bits, uint64_t set_bits,
                const char *(*unfit)(const struct stimulus *s))
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        CODE(lapic_base),
        .vector = VEC_gp,
        .saved = SAVED_AT,
        .error_code = true,
        .risky = true,
        .clobbers = REG_RAX | REG_RCX | REG_RDX,
        .before = write,
        .after = put_back,
        .also = unchanged,
        .unfit = unfit,
        .facts = "AP17",
        .why = "reserved bits and illegal changes of mode are #GP(0), and "
               "IA32_APIC_BASE stays; SDM vol 3, x2APIC State Transitions",
    };

    clear = clear_bits;
    set = set_bits;
    fmt(id, sizeof(id), "lapic.base.%s", name);
    check_run(&s);
}

static void reserved(unsigned bit)
{
    char name[16];

    fmt(name, sizeof(name), "bit-%u", bit);
    row(name, 0, 1ull << bit, 0);
}

void case_lapic_base(void)
{
    unsigned top = cpu_physical_bits();

    lapic_begin();
    was = rdmsr(MSR_APIC_BASE);
    for (unsigned bit = 0; bit < 8; bit++)
        reserved(bit);
    reserved(9);
    for (unsigned bit = top; bit < 64; bit++)
        if (bit == top || bit == 52 || bit == 63)
            reserved(bit);
    row("extd-reserved", 0, APIC_BASE_EXTD, unless_reserved);
    row("extd-without-en", APIC_BASE_EN, APIC_BASE_EXTD, unless_supported);
    row("x2apic-to-xapic", APIC_BASE_EXTD, 0, unless_x2apic);
}
