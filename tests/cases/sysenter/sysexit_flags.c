/* SPDX-License-Identifier: MIT */
/*
 * SYSEXIT leaves RFLAGS alone, bit by bit: what ring 0 has, ring 3 gets.
 *
 * So the flags are the kernel's to restore first, IF by an STI right before
 * (whose shadow covers the SYSEXIT), and IOPL is best not left behind.  TF is
 * looked at after the instruction: with it set in ring 0 the #DB comes at the
 * target, in ring 3.  VIF and VIP are left out, for IRET must set them first.
 */
#include "fmt.h"
#include "lib/fastcall.h"
#include "msr.h"
#include "vectors.h"

RING0(sysexit_flags_q, "", "sysexitq", "");
RING0(sysexit_flags_l, "", "sysexitl", "");

static bool is_wide(const struct stimulus *s)
{
    return s->start == sysexit_flags_q;
}

static void set(struct trapframe *c)
{
    sysexit_to_landing(c, is_wide(stimulus_now()));
    c->rflags = stimulus_now()->argument | FLAG_ONE;
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    struct trapframe c = *stimulus_context();
    unsigned n = 0;

    (void)amd;
    do_sysexit(&c, is_wide(s));
    if (c.rflags & FLAG_TF)
        want_event(w, n++, VEC_db, 0, DR6_BS, &c);
    want_landed(w, n, &c, is_wide(s));
}

static void row(bool wide, const char *kind, const char *name, uint64_t flags)
{
    bool tf = flags & FLAG_TF;
    char id[44];
    struct stimulus s = {
        .id = id,
        .from = FROM_RING0,
        CODE(sysexit_flags_l),
        .vector = VEC_gate,
        .argument = flags,
        .before = set,
        .expect = expect,
        .unfit = unless_sysexit,
        .confidence = tf ? CONFIDENCE_MEDIUM : CONFIDENCE_HIGH,
        .facts = tf ? "SE13 SE6" : "SE6",
        .why = tf ? "SYSEXIT with TF set: #DB at the target, in ring 3; SDM "
                    "vol 3, Single-Step Exception Condition"
                  : "SYSEXIT changes no flag; SDM vol 2 SYSEXIT",
    };

    if (wide) {
        s.start = sysexit_flags_q;
        s.at = sysexit_flags_q_at;
        s.resume = sysexit_flags_q_resume;
    }
    fmt(id, sizeof(id), "sysexit%s.flags.%s%s", wide ? "q" : "l", kind, name);
    fastcall_run(&s);
}

void case_sysexit_flags(void)
{
    const uint64_t all = (EVERY_FLAG | FLAG_TF) & ~FLAG_ONE;

    for (unsigned wide = 0; wide < 2; wide++) {
        for (unsigned bit = 0; bit < FASTCALL_FLAGS; bit++)
            if (all >> bit & 1)
                row(wide, "", flag_name(bit), 1ull << bit);
        for (unsigned bit = 0; bit < FASTCALL_FLAGS; bit++)
            if (all & ~FLAG_TF & 1ull << bit)
                row(wide, "all-but-", flag_name(bit),
                    all & ~(FLAG_TF | 1ull << bit));
        row(wide, "", "none", 0);
        row(wide, "", "every", EVERY_FLAG);
    }
}
