/* SPDX-License-Identifier: MIT */
/*
 * The selectors that SYSRET loads, and what is behind them.
 *
 * CS is STAR[63:48] + 16 (SYSRETL: + 0) with RPL 3, on any processor.  SS is
 * STAR[63:48] + 8: Intel's or 3 into it and reload the hidden part; AMD's
 * load the bare number and keep the hidden part of the kernel's SS.  So the
 * usual STAR has RPL 3 in it; with 18h an AMD processor is in ring 3 with SS
 * 20h, which the next IRET to ring 3 refuses: #GP(20h).
 *
 * And if the kernel's SS was null, as after an interrupt from ring 3, an AMD
 * processor's ring 3 has an SS that says 23h and cannot be used: its first
 * push in compat code faults (Linux: X86_BUG_SYSRET_SS_ATTRS).  64-bit code
 * notices nothing.
 *
 * No descriptor is read: they need not be there.
 */
#include "engine/persona.h"
#include "fmt.h"
#include "lib/fastcall.h"
#include "macros.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"

RING0(sysret_sel_q, "", "sysretq", "");
RING0(sysret_sel_l, "", "sysretl", "");

static const struct {
    const char *name;
    uint16_t selector; /* STAR[63:48] */
} star[] = {
    {"rpl3", SEL_USER_CS32},
    {"rpl0", SEL_USER_CS32 & ~3},
    {"rpl1", (SEL_USER_CS32 & ~3) | 1},
    {"rpl2", (SEL_USER_CS32 & ~3) | 2},
    {"not-present", (SEL_NOT_PRESENT & ~3) | 3},
    {"no-descriptor", SEL_SPARE | 3},
    {"kernel", SEL_KERNEL_CS | 3},
    {"beyond-gdt", 0x400 | 3},
    {"null", 3},
};

static bool is_wide(const struct stimulus *s)
{
    return s->start == sysret_sel_q;
}

static void set(struct trapframe *c)
{
    const struct stimulus *s = stimulus_now();

    lend_msr(MSR_STAR, s->argument << 48 | (uint64_t)SEL_KERNEL_CS << 32);
    c->rcx = (uint64_t)landing(is_wide(s));
    c->r11 = c->rflags;
    c->rsp = user_stack_top();
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();

    do_sysret(&c, is_wide(s), amd);
    want_landed(w, 0, &c, is_wide(s));
}

static void row(bool wide, const char *name, uint16_t selector)
{
    bool rpl = (selector & 3) == 3;
    bool usual = selector == SEL_USER_CS32;
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        CODE(sysret_sel_l),
        .vector = VEC_gate,
        .argument = selector,
        .before = set,
        .expect = expect,
        .by_vendor = !rpl,
        .confidence =
            !rpl && !persona.intel ? CONFIDENCE_VALUE : CONFIDENCE_HIGH,
        .facts = usual || !rpl ? "SC8" : "SC18 SC8",
        .why = rpl ? "SYSRET: CS = STAR[63:48] (+ 16) | 3, SS = STAR[63:48] + "
                     "8, RPL 3, and no descriptor is read; SDM vol 2 SYSRET"
                   : "SYSRET with RPL < 3 in STAR: Intel ors 3 into SS, AMD "
                     "loads it as it is; SDM vol 2 SYSRET, APM vol 3 SYSRET",
    };

    if (wide) {
        s.start = sysret_sel_q;
        s.at = sysret_sel_q_at;
        s.resume = sysret_sel_q_resume;
    }
    fmt(id, sizeof(id), "sysret%s.star.%s", wide ? "q" : "l", name);
    fastcall_run(&s);
}

/* Ring 0's SS null, then ring 3 pushes.  No interrupt may come in between:
 * the IRETQ after it would load SS anew. */
RING0(sysret_null_l, "xor %eax, %eax\nmov %eax, %ss\nnop", "sysretl", "");
RING0(sysret_null_q, "xor %eax, %eax\nmov %eax, %ss\nnop", "sysretq", "");
COMPAT(sysret_push32, "", "push %ebx", "");
RING3(sysret_push64, "", "push %rbx", "");

static uint64_t refused_by; /* the vector: the manuals do not say which */

static void set_push(struct trapframe *c)
{
    bool wide = stimulus_now()->start == sysret_null_q;

    refused_by = VEC_ss;
    c->rcx = (uint64_t)(wide ? sysret_push64 : sysret_push32);
    c->r11 = c->rflags & ~(uint64_t)FLAG_IF;
    c->rflags = FLAG_ONE;
    c->rsp = user_stack_top();
}

static void note_vector(unsigned nth, const struct outcome *o,
                        struct trapframe *f)
{
    if (o->frame.vector == VEC_gp)
        refused_by = VEC_gp;
    fastcall_mend(nth, o, f);
}

static void expect_push(const struct stimulus *s, struct want *w, bool amd)
{
    bool wide = s->start == sysret_null_q;
    struct trapframe c = *stimulus_context();

    c.rax = 0;
    if (amd && !wide) {
        struct trapframe at = c;

        do_sysret(&at, wide, amd);
        want_event(w, 0, (unsigned)refused_by, 0, 0, &at);
        want_back(w, 1, &c);
        w->event[1].any |= ANY(saved_rflags);
        return;
    }
    do_sysret(&c, wide, amd);
    c.rsp -= wide ? 8 : 4;
    want_gate(w, 0, &c, wide,
              wide ? sysret_push64_resume : sysret_push32_resume);
}

#define NULL_SS(form)                                                          \
    {                                                                          \
        .id = "sysret" #form ".null-ss.push", .from = FROM_RING0,              \
        CODE(sysret_null_##form), .vector = VEC_gate, .clobbers = REG_RAX,     \
        .flags_changed = ARITHMETIC_FLAGS, .before = set_push,                 \
        .mend = note_vector, .expect = expect_push, .by_vendor = true,         \
        .facts = "SC9",                                                        \
        .why = "SYSRET from a null SS: usable on Intel; on AMD it keeps the "  \
               "null attributes (Linux SYSRET_SS_ATTRS); SDM, APM SYSRET",     \
    }

static const struct stimulus null_ss[] = {NULL_SS(l), NULL_SS(q)};

void case_sysret_selectors(void)
{
    for (unsigned wide = 0; wide < 2; wide++)
        for (unsigned i = 0; i < COUNT(star); i++)
            row(wide, star[i].name, star[i].selector);
    fastcall_run(&null_ss[0]);
    fastcall_run(&null_ss[1]);
}
