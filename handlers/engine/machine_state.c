/* SPDX-License-Identifier: MIT */
/*
 * The machine as it was; see machine_state.h.
 *
 * Each check is asked whether it has left things as they were, and not the
 * next one that fails because of it.  What is found is put right as well, so
 * that one finding stays one.
 */
#include "machine_state.h"

#include "apic.h"
#include "engine.h"
#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "snippet.h"
#include "stacks.h"

/* Of an LVT, the delivery status comes and goes by itself. */
#define APIC_LVT_BUSY (1u << 12)

enum {
    REGISTERS = 0
#define REGISTER(...) +1
#include "machine_state.def"
};
static bool present[REGISTERS];
static uint64_t values[REGISTERS];

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

/* Asked by trying: CPUID has no bit for most of them. */
static bool msr_exists(uint32_t number)
{
    uint64_t value;

    return msr_read(number, &value);
}

static bool apic_has(enum apic_register r)
{
    unsigned last_lvt = apic_read(APIC_VERSION) >> 16 & 0xff;

    return r == APIC_LVT_PERF      ? last_lvt >= 4
           : r == APIC_LVT_THERMAL ? last_lvt >= 5
                                   : true;
}

static uint64_t idtr_summary(void)
{
    struct table_pointer p;

    sidt(&p);
    return p.base ^ (uint64_t)p.limit << 32;
}

static uint64_t gdtr_summary(void)
{
    struct table_pointer p;

    sgdt(&p);
    return p.base ^ (uint64_t)p.limit << 32;
}

void machine_remember(void)
{
    uint64_t *copy = copies;
    unsigned i = 0;

    write_dr0(0); /* firmware's, if it had any */
    write_dr1(0);
    write_dr2(0);
    write_dr3(0);
    for (unsigned r = 0; r < COUNT(regions); r++)
        for (unsigned j = 0; j < regions[r].words; j++)
            *copy++ = ((uint64_t *)regions[r].live)[j];
#define REGISTER(name, exists, read, write)                                    \
    present[i] = exists;                                                       \
    if (present[i])                                                            \
        values[i] = read;                                                      \
    i++;
#include "machine_state.def"
}

static const char *restore_registers(void)
{
    const char *bad = 0;
    unsigned i = 0;
    uint64_t v;

#define REGISTER(name, exists, read, write)                                    \
    v = values[i];                                                             \
    if (present[i] && (read) != v) {                                           \
        write;                                                                 \
        bad = bad ? bad : name;                                                \
    }                                                                          \
    i++;
#include "machine_state.def"
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
                bad = bad ? bad : regions[i].name;
            }
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
    /* Selectors first: that of FS brings a base along. */
    const char *selectors = restore_selectors(),
               *registers = restore_registers(), *tables = restore_tables();

    if (tables) /* the processor may have read them: TR's hidden part */
        gdt_init();
    return tables ? tables : registers ? registers : selectors;
}
