/* SPDX-License-Identifier: MIT */
/*
 * Gates whose CS is unusual, and all the same right: with RPL bits, in a
 * conforming segment, in an LDT; and gates with reserved bits set.
 *
 * RPL in a gate's selector means nothing: the CS that is loaded gets the new
 * CPL there.  An LDT serves as well as the GDT, and errors then carry TI, bit
 * 2, in the error code; without an LDT any such selector is beyond its limit.
 * The reserved bits are told: Intel's manual calls them reserved, Xen and
 * Bochs refuse some of them.
 */
#include "fmt.h"
#include "gdt.h"
#include "insn.h"
#include "lib/gate_defects.h"
#include "macros.h"
#include "vectors.h"

#define TI 4
#define LDT_CODE (0x08 | TI)
#define LDT_ABSENT (0x10 | TI)
#define LDT_DATA (0x18 | TI)
#define LDT_CODE32 (0x20 | TI)
#define LDT_SLOTS 8
#define LDT_BEYOND (LDT_SLOTS * 8 | TI)

static uint64_t ldt[LDT_SLOTS] __attribute__((aligned(16)));

/* Loads it; its descriptor is not needed any longer then. */
static void lend_ldt(bool lent)
{
    const unsigned code = DESCRIPTOR_PRESENT | DESCRIPTOR_CODE;

    if (!lent) {
        lldt(0);
        return;
    }
    ldt[LDT_CODE / 8] = descriptor_flat(code, DESCRIPTOR_G | DESCRIPTOR_L);
    ldt[LDT_ABSENT / 8] =
        descriptor_flat(DESCRIPTOR_CODE, DESCRIPTOR_G | DESCRIPTOR_L);
    ldt[LDT_DATA / 8] = descriptor_flat(DESCRIPTOR_PRESENT | DESCRIPTOR_DATA,
                                        DESCRIPTOR_G | DESCRIPTOR_DB);
    ldt[LDT_CODE32 / 8] = descriptor_flat(code, DESCRIPTOR_G | DESCRIPTOR_DB);
    descriptor_system(&gdt[SEL_SPARE / 8], DESCRIPTOR_PRESENT | DESCRIPTOR_LDT,
                      (uint64_t)ldt, sizeof(ldt) - 1);
    lldt(SEL_SPARE);
    gdt_clear_spare();
}

#define SELECT(name_, selector, ...)                                           \
    {                                                                          \
        .name = name_, .clear.low = GATE_SELECTOR(0xffff),                     \
        .set.low = GATE_SELECTOR(selector), __VA_ARGS__                        \
    }
#define RPL(name, selector)                                                    \
    SELECT(name, selector, .on_amd = CONFIDENCE_MEDIUM, .facts = "IV30",       \
           .why =                                                              \
               "RPL in a gate's selector is ignored: CS.RPL becomes the new "  \
               "CPL; SDM vol 2 INT n, Operation")
#define IN_LDT(name, selector, ...)                                            \
    SELECT(name, selector, .culprit = CULPRIT_SELECTOR,                        \
           .confidence = CONFIDENCE_MEDIUM, .on_amd = CONFIDENCE_MEDIUM,       \
           .facts = "IV39 IV7",                                                \
           .why = "a gate's CS may be in the LDT; error codes then have TI "   \
                  "set; SDM vol 3, Error Code",                                \
           __VA_ARGS__)

static const struct defect defects[] = {
    RPL("rpl1", SEL_KERNEL_CS | 1),
    RPL("rpl2", SEL_KERNEL_CS | 2),
    RPL("rpl3", SEL_KERNEL_CS | 3),
    SELECT("conforming", SEL_CODE_CONFORMING, .cs = SEL_CODE_CONFORMING,
           .ring0_only = true, .confidence = CONFIDENCE_MEDIUM,
           .on_amd = CONFIDENCE_MEDIUM, .facts = "IV29",
           .why = "a gate may lead to conforming code of DPL <= CPL, which "
                  "keeps the CPL; SDM vol 2 INT n, Operation"),
    IN_LDT("no-ldt", LDT_CODE, .vector = VEC_gp),
    IN_LDT("ldt", LDT_CODE, .cs = LDT_CODE, .lend = lend_ldt),
    IN_LDT("ldt-rpl3", LDT_CODE | 3, .cs = LDT_CODE, .lend = lend_ldt),
    IN_LDT("ldt-absent", LDT_ABSENT, .vector = VEC_np, .lend = lend_ldt),
    IN_LDT("ldt-data", LDT_DATA, .vector = VEC_gp, .lend = lend_ldt),
    IN_LDT("ldt-code32", LDT_CODE32, .vector = VEC_gp, .either = true,
           .lend = lend_ldt),
    IN_LDT("ldt-beyond", LDT_BEYOND, .vector = VEC_gp, .lend = lend_ldt),
    IN_LDT("ldt-null", TI, .vector = VEC_gp, .lend = lend_ldt),
};

static void run(const struct defect *d)
{
    static const enum trigger_id events[] = {TRIGGER_INT, TRIGGER_UD,
                                             TRIGGER_IRQ, TRIGGER_NMI};

    for (unsigned e = 0; e < COUNT(events); e++)
        for (enum origin from = 0; from < FROM_COUNT; from++)
            if (!d->ring0_only || from == FROM_RING0)
                gate_run(d, &triggers[events[e]], from, d->name);
}

static void run_reserved(const char *name, struct gate set)
{
    struct defect d = {
        .set = set,
        .confidence = CONFIDENCE_VALUE,
        .on_amd = CONFIDENCE_VALUE,
        .facts = "IV22",
        .why = "reserved bits of a gate: not said to be checked; seen is what "
               "this processor does; SDM vol 3, 64-Bit IDT Gate Descriptors"};

    gate_run(&d, &triggers[TRIGGER_INT], FROM_RING3, name);
    gate_run(&d, &triggers[TRIGGER_INT], FROM_RING0, name);
}

void case_gate_cs(void)
{
    for (unsigned i = 0; i < COUNT(defects); i++)
        run(&defects[i]);
}

void case_gate_reserved(void)
{
    char name[16];

    for (unsigned bit = 8; bit <= 12; bit++) { /* a type, elsewhere */
        fmt(name, sizeof(name), "reserved%u", bit);
        run_reserved(name, (struct gate){.high = 1ull << (32 + bit)});
    }
    run_reserved("reserved-low", (struct gate){.high = 0xffull << 32});
    run_reserved("reserved-high", (struct gate){.high = 0xffffe000ull << 32});
    run_reserved("reserved-ist", (struct gate){.low = 0x1full << 35});
}
