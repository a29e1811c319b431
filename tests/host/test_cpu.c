/* SPDX-License-Identifier: MIT */
/*
 * features.def: one row a bit and a name, and cpu_has() on this very machine,
 * beside the flags that its kernel lists from a table of its own.
 */
#include "cpu.h"
#include "host.h"
#include "insn.h"

#define NO_SUCH_LEAF 0x0fffffffu
#define NO_SUCH_SUBLEAF 0x7fffffffu

static const struct row {
    const char *id, *name;
    uint32_t leaf, subleaf;
    size_t reg;
    unsigned bit;
} rows[] = {
#define FEATURE(id, name, leaf, subleaf, reg, bit)                             \
    {#id, name, leaf, subleaf, offsetof(struct cpuid, reg), bit},
#include "features.def"
};

static void no_row_twice(void **state)
{
    for (unsigned i = 0; i < COUNT(rows); i++) {
        assert_in_range(rows[i].bit, 0, 31);
        for (unsigned k = 0; k < i; k++) {
            const struct row *a = &rows[i], *b = &rows[k];

            assert_string_not_equal(a->name, b->name);
            if (a->leaf == b->leaf && a->subleaf == b->subleaf &&
                a->reg == b->reg && a->bit == b->bit)
                fail_msg("%s and %s are one bit", a->name, b->name);
        }
    }
}

/* A kernel may hide what it does not use, so the other way round is no rule. */
static void kernel_agrees(void **state)
{
    static const struct {
        enum feature feature;
        char flag[24]; /* as /proc/cpuinfo spells it */
    } known[] = {
        {FEATURE_VME, "vme"},
        {FEATURE_DE, "de"},
        {FEATURE_MSR, "msr"},
        {FEATURE_MCE, "mce"},
        {FEATURE_APIC, "apic"},
        {FEATURE_SEP, "sep"},
        {FEATURE_PGE, "pge"},
        {FEATURE_MCA, "mca"},
        {FEATURE_CLFLUSH, "clflush"},
        {FEATURE_PCID, "pcid"},
        {FEATURE_X2APIC, "x2apic"},
        {FEATURE_TSC_DEADLINE, "tsc_deadline_timer"},
        {FEATURE_XSAVE, "xsave"},
        {FEATURE_HYPERVISOR, "hypervisor"},
        {FEATURE_FSGSBASE, "fsgsbase"},
        {FEATURE_SMEP, "smep"},
        {FEATURE_INVPCID, "invpcid"},
        {FEATURE_SMAP, "smap"},
        {FEATURE_CLFLUSHOPT, "clflushopt"},
        {FEATURE_UMIP, "umip"},
        {FEATURE_PKU, "pku"},
        {FEATURE_CET_SS, "user_shstk"},
        {FEATURE_LA57, "la57"},
        {FEATURE_RDPID, "rdpid"},
        {FEATURE_BUS_LOCK_DETECT, "bus_lock_detect"},
        {FEATURE_CET_IBT, "ibt"},
        {FEATURE_CORE_CAPABILITIES, "core_capabilities"},
        {FEATURE_FRED, "fred"},
        {FEATURE_LKGS, "lkgs"},
        {FEATURE_NX, "nx"},
    };
    static char line[8192];
    FILE *f = fopen("/proc/cpuinfo", "r");

    assert_int_equal(COUNT(known), FEATURE_COUNT);
    if (!f)
        skip();
    while (fgets(line, sizeof(line), f) && strncmp(line, "flags", 5))
        ;
    fclose(f);
    for (unsigned i = 0; i < COUNT(known); i++) {
        char flag[32];

        snprintf(flag, sizeof(flag), " %s ", known[i].flag);
        line[strcspn(line, "\n")] = ' ';
        if (strstr(line, flag) && !cpu_has(known[i].feature))
            fail_msg("%s is not where features.def has it", known[i].flag);
    }
}

static void absent_leaves(void **state)
{
    static const struct cpuid none;
    struct cpuid r = cpuid_if_there(NO_SUCH_LEAF, 0);

    assert_memory_equal(&r, &none, sizeof(r));
    r = cpuid_if_there(CPUID_EXTENDED + NO_SUCH_LEAF, 0);
    assert_memory_equal(&r, &none, sizeof(r));
    r = cpuid_if_there(7, NO_SUCH_SUBLEAF);
    assert_memory_equal(&r, &none, sizeof(r));
    assert_in_range(cpu_physical_bits(), 32, 52);
}

TEST_LIST(cpu, cmocka_unit_test(no_row_twice), cmocka_unit_test(kernel_agrees),
          cmocka_unit_test(absent_leaves));
