/* SPDX-License-Identifier: MIT */
/*
 * SSE's six exceptions, each alone, unmasked.
 *
 * With CR4.OSXMMEXCPT an unmasked one is #XM (#XF to AMD): a fault without
 * error code, RIP on the instruction itself, not on the next one as with x87.
 * Without it, it is #UD: the kernel has said that it does not know #XM.
 * Masked, nothing comes.  QEMU 7.2 knows no #XM: a division by zero that a
 * program asked to be told of goes on.
 */
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/origin.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

/* MXCSR: the six flags are bits 0 to 5, their masks bits 7 to 12. */
#define ALL_MASKED 0x1f80
#define MASK(n) (1u << (7 + (n)))

struct operands {
    uint32_t mxcsr, a, b;
};
static struct operands xm_operands __attribute__((section(".user.data"), used));

#define LOAD                                                                   \
    "ldmxcsr %cs:xm_operands\nmovss %cs:xm_operands + 4, %xmm0\n"              \
    "movss %cs:xm_operands + 8, %xmm1"
#define EVERYWHERE(name, insn)                                                 \
    RING3(xm_##name##3, LOAD, insn, "");                                       \
    RING0(xm_##name##0, LOAD, insn, "");                                       \
    COMPAT(xm_##name##32, LOAD, insn, "")
EVERYWHERE(div, "divss %xmm1, %xmm0");
EVERYWHERE(mul, "mulss %xmm1, %xmm0");
EVERYWHERE(add, "addss %xmm1, %xmm0");

#define ZERO 0x00000000
#define DENORMAL 0x00000001
#define SMALLEST 0x00800000
#define ONE 0x3f800000
#define THREE 0x40400000
#define LARGEST 0x7f7fffff

#define OP(name)                                                               \
    {                                                                          \
        SNIPPET(xm_##name##3), SNIPPET(xm_##name##32), SNIPPET(xm_##name##0)   \
    }

static const struct row {
    const char *name;
    unsigned bit; /* of MXCSR's flags */
    uint32_t a, b;
    struct snippet code[FROM_COUNT];
} rows[] = {
    {"invalid", 0, ZERO, ZERO, OP(div)},
    {"denormal", 1, DENORMAL, ONE, OP(add)},
    {"divide-by-zero", 2, ONE, ZERO, OP(div)},
    {"overflow", 3, LARGEST, LARGEST, OP(mul)},
    {"underflow", 4, SMALLEST, SMALLEST, OP(mul)},
    {"precision", 5, ONE, THREE, OP(div)},
};

static bool enabled;
static unsigned ist;

static void before(struct trapframe *c)
{
    (void)c;
    if (!enabled)
        write_cr4(read_cr4() & ~(uint64_t)CR4_OSXMMEXCPT);
    idt[stimulus_now()->vector].low |= (uint64_t)ist << 32;
}

static void after(void)
{
    write_cr4(read_cr4() | CR4_OSXMMEXCPT);
    idt[stimulus_now()->vector].low &= ~((uint64_t)ist << 32);
    fpu_reset();
}

static void run(const struct row *r, enum origin from, bool masked)
{
    struct stimulus s = {
        .from = from,
        .start = r->code[from].start,
        .at = r->code[from].at,
        .resume = r->code[from].resume,
        .vector = masked    ? VEC_gate
                  : enabled ? VEC_xm
                            : VEC_ud,
        .saved = SAVED_AT,
        .before = before,
        .after = after,
        .facts = "EX3",
        .why = "an unmasked SSE exception is #XM with CR4.OSXMMEXCPT and #UD "
               "without, RIP on the instruction; SDM vol 3, Interrupt 19",
    };
    char id[44];

    /* Each alone: underflow is always inexact too, and stays masked there. */
    xm_operands.mxcsr = masked ? ALL_MASKED : ALL_MASKED & ~MASK(r->bit);
    xm_operands.a = r->a;
    xm_operands.b = r->b;
    fmt(id, sizeof(id), "xm.%s.%s.%s%s", r->name,
        masked    ? "masked"
        : enabled ? "enabled"
                  : "disabled",
        origin_ids[from], ist ? ".ist" : "");
    s.id = id;
    check_run(&s);
}

void case_ex_xm(void)
{
    for (unsigned i = 0; i < COUNT(rows); i++)
        for (unsigned from = 0; from < FROM_COUNT; from++) {
            ist = 0;
            enabled = true;
            run(&rows[i], from, true);
            run(&rows[i], from, false);
            enabled = false;
            run(&rows[i], from, false);
            ist = IST_spare;
            enabled = true;
            run(&rows[i], from, false);
        }
}
