/* SPDX-License-Identifier: MIT */
/*
 * SYSRET restores RFLAGS from R11, bit by bit: those of 3C7FD7h as they are,
 * bit 1 set, everything else clear, RF and VM above all.
 *
 * Each bit of R11 alone, and all flags but one.  TF in R11 steps: the #DB
 * comes at the target, before its first instruction, in ring 3 (Linux clears
 * TF or leaves by IRET because of it).  VIF and VIP are restored too: an
 * emulator that has forgotten them differs here.  RF cannot be seen in what
 * an INT n pushes; sysret_events.c asks a breakpoint.
 */
#include "fmt.h"
#include "lib/fastcall.h"
#include "msr.h"
#include "vectors.h"

RING0(sysret_flags_q, "", "sysretq", "");
RING0(sysret_flags_l, "", "sysretl", "");

/* All at once, but those that bring an event or that emulators do without. */
#define MANY (SYSRET_FLAGS & ~(FLAG_TF | 3u << 19))

/* Where VM is taken from R11, INT n gets through with IOPL 3 alone. */
#define VM 17

static bool is_wide(const struct stimulus *s)
{
    return s->start == sysret_flags_q;
}

static void set(struct trapframe *c)
{
    c->rcx = (uint64_t)landing(is_wide(stimulus_now()));
    c->r11 = stimulus_now()->argument;
    c->rsp = user_stack_top();
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();
    unsigned n = 0;

    do_sysret(&c, is_wide(s), amd);
    if (c.rflags & FLAG_TF)
        want_event(w, n++, VEC_db, 0, DR6_BS, &c);
    want_landed(w, n, &c, is_wide(s));
}

static void row(bool wide, const char *kind, const char *name, uint64_t r11)
{
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        CODE(sysret_flags_l),
        .vector = VEC_gate,
        .argument = r11,
        .before = set,
        .expect = expect,
        .facts = r11 & FLAG_TF ? "SC10 SC6" : "SC6",
        .why = r11 & FLAG_TF
                   ? "SYSRET with TF in R11: #DB at the target, in ring 3, "
                     "before its first instruction; SDM vol 2 SYSRET"
                   : "SYSRET: RFLAGS = (R11 & 3C7FD7h) | 2, so RF and VM are "
                     "clear; SDM vol 2 SYSRET, APM vol 3 SYSRET",
    };

    if (wide) {
        s.start = sysret_flags_q;
        s.at = sysret_flags_q_at;
        s.resume = sysret_flags_q_resume;
    }
    fmt(id, sizeof(id), "sysret%s.r11.%s%s", wide ? "q" : "l", kind, name);
    fastcall_run(&s);
}

void case_sysret_flags(void)
{
    static const uint8_t high[] = {22, 31, 32, 63};

    for (unsigned wide = 0; wide < 2; wide++) {
        for (unsigned bit = 0; bit < FASTCALL_FLAGS; bit++)
            row(wide, "", flag_name(bit),
                1ull << bit | (bit == VM ? FLAG_IOPL : 0));
        for (unsigned i = 0; i < sizeof(high); i++)
            row(wide, "", flag_name(high[i]), 1ull << high[i]);
        for (unsigned bit = 0; bit < FASTCALL_FLAGS; bit++)
            if (MANY >> bit & 1)
                row(wide, "all-but-", flag_name(bit), MANY & ~(1u << bit));
        row(wide, "", "none", 0);
        row(wide, "", "every", ~0ull & ~(uint64_t)FLAG_TF);
    }
}
