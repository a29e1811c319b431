/* SPDX-License-Identifier: MIT */
/*
 * SYSRET in compat code of ring 0, which no kernel has, but a processor does.
 *
 * Intel's processors do not know SYSRET outside 64-bit mode: #UD.  AMD's
 * return as from legacy mode: CS = STAR[63:48] | 3, SS = STAR[63:48] + 8, EIP
 * = ECX, IF set, and no flag is taken from R11, which 32-bit code does not
 * have.
 */
#include "gdt.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"

COMPAT(sysret_compat_code, "", "sysretl", "");

#define CODE32_RING0 0x9b /* present, DPL 0, readable, accessed */
#define GRANULAR_32 0xc

static void set(struct trapframe *c)
{
    gdt[SEL_SPARE / 8] = descriptor_flat(CODE32_RING0, GRANULAR_32);
    c->cs = SEL_SPARE;
    c->rsp = user_stack_top(); /* 32 bits of RSP are all there are */
    c->rcx = (uint64_t)landing(false);
    c->r11 = FLAG_ONE | FLAG_DF | FLAG_NT; /* not taken, by anyone */
    c->rflags = stimulus_now()->argument;
}

static void after(void)
{
    gdt[SEL_SPARE / 8] = 0;
    fastcall_restore();
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();

    if (amd) {
        uint64_t flags = c.rflags | FLAG_IF;

        do_sysret(&c, false, amd);
        c.rflags = flags;
        want_landed(w, 0, &c, false);
        return;
    }
    c.rip = (uint64_t)s->at;
    want_event(w, 0, VEC_ud, 0, 0, &c);
    want_back(w, 1, &c);
    for (unsigned i = 0; i < w->count; i++) {
        w->event[i].compat = true;
        w->event[i].any |= 0xffull << FIELD_r15;
    }
}

#define ROW(name, flags)                                                       \
    {                                                                          \
        .id = "sysretl.compat-ring0." name, .from = FROM_RING0,                \
        CODE(sysret_compat_code), .vector = VEC_ud, .saved = SAVED_AT,         \
        .argument = FLAG_ONE | (flags), .before = set, .after = after,         \
        .expect = expect, .by_vendor = true, .confidence = CONFIDENCE_MEDIUM,  \
        .facts = "SC20",                                                       \
        .why =                                                                 \
            "SYSRET in ring-0 compat code: #UD on Intel; on AMD it returns, "  \
            "sets IF and leaves R11 alone; SDM vol 2, APM vol 3 SYSRET",       \
    }

static const struct stimulus stimuli[] = {
    ROW("if0", 0),
    ROW("if1", FLAG_IF),
    ROW("flags", ARITHMETIC_FLAGS),
};

void case_sysret_compat(void)
{
    for (unsigned i = 0; i < COUNT(stimuli); i++)
        fastcall_run(&stimuli[i]);
}
