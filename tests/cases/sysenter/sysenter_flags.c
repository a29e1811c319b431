/* SPDX-License-Identifier: MIT */
/*
 * SYSENTER clears IF, and with it VM and RF, which 64-bit code has not: every
 * other flag goes into the kernel as the caller left it.
 *
 * So the stub has to clear NT itself, or its IRETQ faults; AC, or SMAP is
 * open; DF, or string moves run backwards; and TF, or it is stepped: #DB at
 * SYSENTER_EIP, in ring 0, on the stack that SYSENTER has loaded or on #DB's
 * IST, and again at each instruction until a handler clears TF in the image.
 */
#include "fmt.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "vectors.h"

RING3(sysenter_flags3, "", "sysenter", "");
RING0(sysenter_flags0, "", "sysenter", "");
COMPAT(sysenter_flags32, "", "sysenter", "");

static const struct {
    const char *name;
    struct stimulus s;
} callers[] = {
    {"ring3", {.from = FROM_RING3, CODE(sysenter_flags3)}},
    {"ring0", {.from = FROM_RING0, CODE(sysenter_flags0)}},
    {"compat", {.from = FROM_COMPAT, CODE(sysenter_flags32)}},
};

static void set(struct trapframe *c)
{
    c->rflags = stimulus_now()->argument | FLAG_ONE;
}

static void set_no_ist(struct trapframe *c)
{
    set(c);
    lend_ist(VEC_db, NO_IST);
}

static void row(unsigned k, const char *kind, const char *name, uint64_t flags,
                void (*before)(struct trapframe *))
{
    bool tf = flags & FLAG_TF;
    struct stimulus s = callers[k].s;
    char id[44];

    s.id = id;
    s.vector = VEC_SYSENTER;
    s.argument = flags;
    s.before = before;
    s.expect = expect_call;
    s.unfit = unless_entered;
    s.facts = tf ? "SE4" : "SE4";
    s.why = tf ? "SYSENTER leaves TF: #DB at SYSENTER_EIP, in ring 0; SDM vol "
                 "2 SYSENTER, vol 3 Single-Step Exception Condition"
               : "SYSENTER clears IF, VM and RF alone: NT, DF and AC are the "
                 "stub's to clear; SDM vol 2 SYSENTER";
    fmt(id, sizeof(id), "sysenter.flags.%s%s.%s", kind, name, callers[k].name);
    fastcall_run(&s);
}

void case_sysenter_flags(void)
{
    const uint64_t all = EVERY_FLAG | FLAG_RF;

    for (unsigned k = 0; k < COUNT(callers); k++) {
        for (unsigned bit = 0; bit < FASTCALL_FLAGS; bit++)
            if ((all & ~(uint64_t)FLAG_ONE) >> bit & 1)
                row(k, "", flag_name(bit), 1ull << bit, set);
        for (unsigned bit = 0; bit < FASTCALL_FLAGS; bit++)
            if ((all & ~(uint64_t)FLAG_ONE) >> bit & 1)
                row(k, "all-but-", flag_name(bit), all & ~(1ull << bit), set);
        row(k, "", "none", 0, set);
        row(k, "", "every", all, set);
        row(k, "", "tf.ist", FLAG_TF, set);
        row(k, "", "tf.no-ist", FLAG_TF, set_no_ist);
        row(k, "", "tf-and-every.ist", all | FLAG_TF, set);
    }
}
