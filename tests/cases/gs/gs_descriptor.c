/* SPDX-License-Identifier: MIT */
/*
 * A selector in FS or GS that is not null: loaded, or refused.
 *
 * Loaded, it brings the descriptor's base along: 32 bits, and the upper half
 * of the 64-bit base becomes zero.  So whoever reloads GS has lost the base
 * that was there, which is why a kernel loads the selector first and writes
 * the MSR afterwards, and does it between two SWAPGS.
 *
 * Refused, by #GP or #NP with the selector as the error code, it changes
 * nothing: selector, base, RSP (POP) and the destination (LGS) stay.
 */
#include "fmt.h"
#include "gdt.h"
#include "gs_load.h"
#include "lib/origin.h"
#include "macros.h"
#include "vectors.h"

/* Descriptors of the case's own. */
#define SEL_LOW (SEL_SPARE | 3)            /* base below 2 GiB */
#define SEL_HIGH ((SEL_SPARE + 8) | 3)     /* bit 31 set: no sign extension */
#define SEL_CODE ((SEL_SPARE + 16) | 3)    /* readable code will do */
#define SEL_EXECUTE ((SEL_SPARE + 24) | 3) /* execute-only will not */
#define BASE_LOW 0x12345678u
#define BASE_HIGH 0xfedcba98u
#define SEL_BEYOND (GDT_SLOTS * 8 | 3)
#define SEL_LDT (SEL_SPARE | 4 | 3) /* TI: in an LDT, and there is none */

static void put(uint16_t selector, unsigned type, uint32_t base)
{
    gdt[selector / 8] =
        descriptor_based(DESCRIPTOR_PRESENT | DESCRIPTOR_DPL(3) | type,
                         DESCRIPTOR_G | DESCRIPTOR_DB, base);
}

static const struct row {
    const char *name;
    uint16_t selector;
    uint32_t base;
    unsigned fault;
} rows[] = {
    {"low-base", SEL_LOW, BASE_LOW, VEC_gate},
    {"high-base", SEL_HIGH, BASE_HIGH, VEC_gate},
    {"rpl-0", SEL_LOW & ~3, BASE_LOW, VEC_gate},
    {"readable-code", SEL_CODE, BASE_LOW, VEC_gate},
    {"not-present", SEL_NOT_PRESENT, 0, VEC_np},
    {"dpl-0", SEL_KERNEL_SS | 3, 0, VEC_gp}, /* by its RPL from ring 0 too */
    {"code-dpl-0", SEL_KERNEL_CS | 3, 0, VEC_gp},
    {"execute-only", SEL_EXECUTE, 0, VEC_gp},
    {"system", SEL_TSS, 0, VEC_gp},
    {"beyond-limit", SEL_BEYOND, 0, VEC_gp},
    {"no-ldt", SEL_LDT, 0, VEC_gp},
};

static void run(const struct row *r, struct gs_loading l)
{
    bool loads = r->fault == VEC_gate;
    char id[44];
    struct stimulus s = {
        .id = id,
        .facts = loads ? "GS6" : "GS20",
        .why = loads
                   ? "FS and GS take the descriptor's 32-bit base, "
                     "zero-extended; KERNEL_GS_BASE stays; SDM vol 2 MOV"
                   : "a refused selector faults with itself as error code and "
                     "changes no selector, base, RSP or operand; SDM vol 2 MOV",
    };

    fmt(id, sizeof(id), "load.%s.%s.%s.%s", gs_register_ids[l.reg], r->name,
        gs_load_ids[l.load], origin_ids[l.from]);
    l.selector = r->selector;
    l.base = r->base;
    l.fault = r->fault;
    l.error = r->selector & ~3;
    put(SEL_LOW, DESCRIPTOR_DATA, BASE_LOW);
    put(SEL_HIGH, DESCRIPTOR_DATA, BASE_HIGH);
    put(SEL_CODE, DESCRIPTOR_CODE, BASE_LOW);
    put(SEL_EXECUTE, DESCRIPTOR_CODE_EXECUTE_ONLY, 0);
    gs_load_run(&s, &l);
}

void case_gs_descriptor(void)
{
    struct gs_loading l;

    for (unsigned i = 0; i < COUNT(rows); i++)
        for (l.reg = 0; l.reg < GS_REGISTERS; l.reg++)
            for (l.load = 0; l.load < GS_LOADS; l.load++)
                for (l.from = 0; l.from < FROM_COUNT; l.from++)
                    run(&rows[i], l);
}
