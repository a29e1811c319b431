/* SPDX-License-Identifier: MIT */
/*
 * LGDT, LIDT, LTR and LLDT with a base that is not canonical.
 *
 * The processor looks at the base when it is loaded, not when it is used, and
 * that by the width that it could use: one that has LA57 takes a 57-bit base
 * whether CR4.LA57 is set or not, so that a kernel can switch later.  LGDT and
 * LIDT tell of a bad one by #GP(0), LTR and LLDT by #GP of the selector.
 *
 * A machine that takes it would be lost at the next event: the register is
 * loaded again in the very next instruction.
 */
#include "cpu.h"
#include "fmt.h"
#include "gdt.h"
#include "idt.h"
#include "insn.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "vectors.h"

/* RBX: of what is loaded again. */
RING0(tables_lgdt, "", "lgdt (%rax)", "lgdt (%rbx)");
RING0(tables_lidt, "", "lidt (%rax)", "lidt (%rbx)");
/* ... its descriptor, which is marked available, and RCX its selector. */
RING0(tables_ltr, "", "ltr %ax", "movb $0x89, 5(%rbx)\nltr %cx");
RING0(tables_lldt, "", "lldt %ax", "lldt %cx");

enum table { GDT, IDT, TR, LDT, TABLES };
static const struct snippet codes[TABLES] = {
    SNIPPET(tables_lgdt), SNIPPET(tables_lidt), SNIPPET(tables_ltr),
    SNIPPET(tables_lldt)};
static const char *const names[TABLES] = {"lgdt", "lidt", "ltr", "lldt"};

static const struct base {
    const char *name;
    uint64_t base; /* 0: that of the table that is in use */
} bases[] = {
    {"good", 0},
    {"48-bit-hole", 1ull << 47},
    {"bad", BAD_EVERYWHERE},
};

static struct table_pointer given, usual;

static bool taken(const struct base *b)
{
    return b->base != BAD_EVERYWHERE && (b->base == 0 || cpu_has(FEATURE_LA57));
}

static struct {
    enum table table;
    const struct base *base;
} row;

static void before(struct trapframe *c)
{
    uint64_t base = row.base->base;
    uint64_t *spare = &gdt[SEL_SPARE / 8];

    switch (row.table) {
    case GDT:
        usual = (struct table_pointer){sizeof(gdt) - 1, (uint64_t)gdt};
        break;
    case IDT:
        usual = (struct table_pointer){sizeof(idt) - 1, (uint64_t)idt};
        break;
    case TR:
        descriptor_tss(spare, base ? base : (uint64_t)&tss, sizeof(tss) - 1);
        break;
    default:
        descriptor_system(spare, DESCRIPTOR_PRESENT | DESCRIPTOR_LDT,
                          base ? base : (uint64_t)gdt, sizeof(gdt) - 1);
    }
    given = usual;
    if (base)
        given.base = base;
    c->rax = row.table < TR ? (uint64_t)&given : SEL_SPARE;
    c->rbx = row.table < TR ? (uint64_t)&usual : (uint64_t)&gdt[SEL_TSS / 8];
    c->rcx = row.table == TR ? SEL_TSS : 0;
}

static void run(void)
{
    bool good = taken(row.base);
    char id[44];

    fmt(id, sizeof(id), "table.%s.%s", names[row.table], row.base->name);
    check_run(&(struct stimulus){
        .id = id,
        .from = FROM_RING0,
        .start = codes[row.table].start,
        .at = codes[row.table].at,
        .resume = codes[row.table].resume,
        .vector = good ? VEC_gate : VEC_gp,
        .error_code = !good,
        .error = row.table < TR ? 0 : SEL_SPARE,
        .saved = SAVED_AT,
        .before = before,
        .after = gdt_clear_spare,
        .facts = "IV40 EX21",
        .why = "a base that is not canonical, by the width that the processor "
               "has, is #GP(0) in LGDT and LIDT and #GP(selector) in LTR and "
               "LLDT; SDM vol 2",
    });
}

void case_ex_tables(void)
{
    for (unsigned t = 0; t < TABLES; t++)
        for (unsigned b = 0; b < COUNT(bases); b++) {
            row.table = (enum table)t;
            row.base = &bases[b];
            run();
        }
}
