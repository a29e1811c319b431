/* SPDX-License-Identifier: MIT */
/* Guests that are refused, and a clock where the firmware cannot wait. */
#include "host.h"

#include "before/unfit.h"
#include "insn.h"

static struct {
    struct cpuid tdx, tsc;
    bool guest;          /* leaf 1 ECX, bit 31 */
    uint32_t encryption; /* leaf 8000_001F EAX */
    uint64_t sev;        /* the MSR; there only where CPUID says so */
} machine;
static unsigned reads;

static struct cpuid cpuid_of(uint32_t leaf, uint32_t subleaf)
{
    assert_int_equal(subleaf, 0);
    switch (leaf) {
    case 1:
        return (struct cpuid){.ecx = machine.guest ? 1u << 31 : 0};
    case 0x15:
        return machine.tsc;
    case 0x21:
        return machine.tdx;
    case 0x8000001f:
        return (struct cpuid){.eax = machine.encryption};
    }
    fail_msg("leaf %x", leaf);
    return (struct cpuid){0};
}

static uint64_t msr_of(uint32_t number)
{
    assert_int_equal(number, 0xc0010131);
    assert_true(machine.guest && machine.encryption & 2);
    reads++;
    return machine.sev;
}

static int begin(void **state)
{
    memset(&machine, 0, sizeof(machine));
    reads = 0;
    return 0;
}

static void refused(const char *word)
{
    const char *why = unfit_guest(cpuid_of, msr_of);

    assert_non_null(why);
    assert_non_null(strstr(why, word));
    assert_true(strlen(why) < 100);
}

static void tdx(void **state)
{
    static const uint32_t name[] = {0x65746e49, 0x5844546c, 0x20202020};

    machine.tdx =
        (struct cpuid){.ebx = name[0], .edx = name[1], .ecx = name[2]};
    assert_memory_equal(name, "IntelTDX    ", 12);
    refused("TDX guest");
    assert_int_equal(reads, 0);
    machine.tdx.ecx++;
    assert_null(unfit_guest(cpuid_of, msr_of));
}

static void sev(void **state)
{
    machine.encryption = 1 << 1 | 1 << 3 | 1 << 4;
    assert_null(unfit_guest(cpuid_of, msr_of)); /* the host of such guests */
    assert_int_equal(reads, 0);
    machine.guest = true;
    assert_null(unfit_guest(cpuid_of, msr_of)); /* a guest in the clear */
    assert_int_equal(reads, 1);
    machine.sev = 1;
    refused("an SEV guest");
    machine.sev = 3;
    refused("SEV-ES");
    machine.sev = 7;
    refused("SEV-SNP");
}

/* SME alone, or nothing of the kind: the MSR may be absent, and is not read. */
static void no_sev(void **state)
{
    machine.sev = 7;
    machine.encryption = 1;
    assert_null(unfit_guest(cpuid_of, msr_of));
    machine.encryption = 0;
    assert_null(unfit_guest(cpuid_of, msr_of));
    assert_int_equal(reads, 0);
}

static void clock_of_cpuid(void **state)
{
    assert_int_equal(unfit_tsc_rate(cpuid_of), 0);
    machine.tsc = (struct cpuid){.eax = 2, .ebx = 216, .ecx = 24000000};
    assert_int_equal(unfit_tsc_rate(cpuid_of), 2592000000);
    machine.tsc.ecx = 0; /* a crystal that CPUID does not know */
    assert_int_equal(unfit_tsc_rate(cpuid_of), 0);
    machine.tsc = (struct cpuid){.eax = 0, .ebx = 216, .ecx = 24000000};
    assert_int_equal(unfit_tsc_rate(cpuid_of), 0);
}

#define TEST(f) cmocka_unit_test_setup(f, begin)

TEST_LIST(unfit, TEST(tdx), TEST(sev), TEST(no_sev), TEST(clock_of_cpuid));
