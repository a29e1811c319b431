/* SPDX-License-Identifier: MIT */
/* The machine as it was; see machine_state.h. */
#include "machine_state.h"

#include "apic.h"
#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "macros.h"
#include "msr.h"

/* Memory that the processor reads. */
static const struct region {
    const char *name;
    void *live;
    unsigned words; /* of eight bytes */
} regions[] = {
    {"GDT", gdt, sizeof(gdt) / 8},
    {"TSS", &tss, sizeof(tss) / 8},
    {"IDT", idt, sizeof(idt) / 8},
};
static uint64_t copies[(sizeof(gdt) + sizeof(tss) + sizeof(idt)) / 8];

static const struct {
    const char *name;
    uint32_t number;
} msrs[] = {
    {"EFER", MSR_EFER},
    {"STAR", MSR_STAR},
    {"LSTAR", MSR_LSTAR},
    {"CSTAR", MSR_CSTAR},
    {"FMASK", MSR_FMASK},
    {"SYSENTER_CS", MSR_SYSENTER_CS},
    {"SYSENTER_ESP", MSR_SYSENTER_ESP},
    {"SYSENTER_EIP", MSR_SYSENTER_EIP},
    {"FS_BASE", MSR_FS_BASE},
    {"APIC_BASE", MSR_APIC_BASE},
};
static uint64_t msr_values[COUNT(msrs)];

static const struct {
    const char *name;
    enum apic_register r;
} apic_registers[] = {
    {"TPR", APIC_TPR},
    {"SVR", APIC_SVR},
    {"LVT timer", APIC_LVT_TIMER},
    {"LVT LINT0", APIC_LVT_LINT0},
    {"LVT LINT1", APIC_LVT_LINT1},
    {"LVT error", APIC_LVT_ERROR},
    {"timer divider", APIC_TIMER_DIVIDE},
};
/* Of an LVT, the delivery status comes and goes by itself. */
#define APIC_STABLE (~(1u << 12))
static uint32_t apic_values[COUNT(apic_registers)];

static uint64_t cr0, cr3, cr4;

void machine_remember(void)
{
    uint64_t *copy = copies;

    for (unsigned i = 0; i < COUNT(regions); i++)
        for (unsigned j = 0; j < regions[i].words; j++)
            *copy++ = ((uint64_t *)regions[i].live)[j];
    for (unsigned i = 0; i < COUNT(msrs); i++)
        msr_values[i] = rdmsr(msrs[i].number);
    for (unsigned i = 0; i < COUNT(apic_registers); i++)
        apic_values[i] = apic_read(apic_registers[i].r) & APIC_STABLE;
    cr0 = read_cr0();
    cr3 = read_cr3();
    cr4 = read_cr4();
}

static const char *restore_control(void)
{
    const char *bad = 0;

    if (read_cr3() != cr3) {
        write_cr3(cr3);
        bad = "CR3";
    }
    if (read_cr4() != cr4) {
        write_cr4(cr4);
        bad = "CR4";
    }
    if (read_cr0() != cr0) {
        write_cr0(cr0);
        bad = "CR0";
    }
    if (read_dr7() != DR7_CLEAR) {
        write_dr7(DR7_CLEAR);
        bad = "DR7";
    }
    return bad;
}

static const char *restore_tables(void)
{
    const uint64_t *copy = copies;
    const char *bad = 0;

    for (unsigned i = 0; i < COUNT(regions); i++)
        for (unsigned j = 0; j < regions[i].words; j++, copy++) {
            uint64_t *live = (uint64_t *)regions[i].live + j;

            if (*live != *copy) {
                *live = *copy;
                bad = regions[i].name;
            }
        }
    return bad;
}

static const char *restore_registers(void)
{
    const char *bad = 0;

    for (unsigned i = 0; i < COUNT(msrs); i++)
        if (rdmsr(msrs[i].number) != msr_values[i]) {
            wrmsr(msrs[i].number, msr_values[i]);
            bad = msrs[i].name;
        }
    for (unsigned i = 0; i < COUNT(apic_registers); i++)
        if ((apic_read(apic_registers[i].r) & APIC_STABLE) != apic_values[i]) {
            apic_write(apic_registers[i].r, apic_values[i]);
            bad = apic_registers[i].name;
        }
    return bad;
}

/* NULL, all of them; that of GS is not to cost its base. */
static const char *restore_selectors(void)
{
    uint64_t gs_base = rdmsr(MSR_GS_BASE);

    if (!(read_ds() | read_es() | read_fs() | read_gs()))
        return 0;
    write_ds(0);
    write_es(0);
    write_fs(0);
    write_gs(0);
    wrmsr(MSR_GS_BASE, gs_base);
    return "a data selector";
}

const char *machine_restore(void)
{
    const char *control = restore_control(), *tables = restore_tables(),
               *selectors = restore_selectors(),
               *registers = restore_registers();

    if (tables) /* TR and IDTR may have been reloaded with other limits */
        gdt_init();
    return control     ? control
           : tables    ? tables
           : selectors ? selectors
                       : registers;
}
