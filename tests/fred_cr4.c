/* SPDX-License-Identifier: MIT */
/*
 * CR4.FRED on a machine without FRED: a reserved bit like any other, so #GP.
 *
 * Risky, for an emulator may hang over reserved bits of CR4.
 */
#include "case.h"
#include "insn.h"
#include "stimulus.h"
#include "vectors.h"

#define CR4_FRED (1ull << 32)
#define CPUID_FRED (1u << 17) /* 7.1:EAX */

RING0(fred_cr4_write, "", "mov %rax, %cr4", "");

static uint64_t cr4;

static void before(struct trapframe *c)
{
    cr4 = read_cr4();
    c->rax = cr4 | CR4_FRED;
}

/* For a machine that took it. */
static void after(void)
{
    if (read_cr4() != cr4)
        write_cr4(cr4);
}

static const char *unfit(const struct stimulus *s)
{
    return cpuid(0, 0).a >= 7 && cpuid(7, 0).a >= 1 &&
                   cpuid(7, 1).a & CPUID_FRED
               ? "this machine has FRED"
               : 0;
}

void case_fred_cr4(void)
{
    static const struct stimulus s = {
        .id = "fred.cr4",
        .from = FROM_RING0,
        CODE(fred_cr4_write),
        .vector = VEC_gp,
        .saved = SAVED_AT,
        .error_code = true,
        .risky = true,
        .confidence = CONFIDENCE_MEDIUM,
        .unfit = unfit,
        .before = before,
        .after = after,
        .facts = "FR2 12.1",
        .why = "without FRED, CR4 bit 32 is reserved, and setting it is "
               "#GP(0); SDM "
               "vol 2 MOV--Move to/from Control Registers",
    };

    check_run(&s);
}
