/* SPDX-License-Identifier: MIT */
/*
 * IRET and RFLAGS, one bit at a time.
 *
 * Each flag is restored alone, with all others the other way round, and
 * cleared alone likewise, so that a bit that goes where another should, or
 * stays where it was, shows.  In ring 0 every flag is IRET's to load; in ring
 * 3 IF, IOPL, VIF and VIP are not, and stay without a fault: that is what
 * keeps a program from turning interrupts off.  VM and the reserved bits are
 * never loaded.  TF, once restored, traps behind the first instruction.
 *
 * LRET loads none of them.  NT set before an IRET is the one flag that makes
 * it fault: a kernel that lets SYSCALL bring NT in dies on its way out.
 * RF has a file of its own, iret_rf.c.
 */
#include "fmt.h"
#include "lib/ret.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

#define RESERVED ((1u << 3) | (1u << 5) | (1u << 15) | 0xffc00000u)
#define RESERVED_HIGH 0xffffffff00000000ull
/* What a context can be started with: IRET itself refuses NT, TF would trap,
 * VIF and VIP may not be there; IOPL 0 is part of the question. */
#define BEFORE                                                                 \
    (FLAG_ONE | ARITHMETIC_FLAGS | FLAG_IF | FLAG_DF | FLAG_AC | FLAG_ID)
#define IMAGE (BEFORE | FLAG_IOPL | FLAG_NT)

static const struct flag {
    const char *name;
    uint64_t bits;
    bool clear; /* can be asked for the other way round too */
} flags[] = {
    {"cf", FLAG_CF, true},
    {"pf", FLAG_PF, true},
    {"af", FLAG_AF, true},
    {"zf", FLAG_ZF, true},
    {"sf", FLAG_SF, true},
    {"tf", FLAG_TF, false},
    {"if", FLAG_IF, true},
    {"df", FLAG_DF, true},
    {"of", FLAG_OF, true},
    {"iopl-low", 1u << 12, true},
    {"iopl-high", 1u << 13, true},
    {"nt", FLAG_NT, false},
    {"vm", FLAG_VM, false},
    {"ac", FLAG_AC, true},
    {"vif", FLAG_VIF, false},
    {"vip", FLAG_VIP, false},
    {"id", FLAG_ID, true},
    {"reserved", RESERVED, false},
    {"reserved-high", RESERVED_HIGH, false},
};

/* TF: the trap comes behind the first instruction, with the gate to follow. */
static void expect_trap(const struct stimulus *s, struct want *w, bool amd)
{
    const struct ret *r = (const struct ret *)s->argument;
    struct trapframe a = ret_arrive(r, stimulus_context());
    struct stimulus there = *s;

    (void)amd;
    there.vector = VEC_db;
    there.saved = SAVED_RESUME;
    there.resume =
        (const char *)ret_landing_end((a.cs & 3) ? FROM_RING3 : FROM_RING0);
    there.address = DR6_BS;
    ret_want_at(w, 0, &there, &a);
    there.vector = VEC_gate;
    ret_want_at(w, 1, &there, &a);
}

static void run(const struct ret_form *way, const struct flag *f, bool set)
{
    struct ret r = {
        .from = way->from,
        .by = way->by,
        .frame = ret_frame_to(way->to),
        .rflags = set ? BEFORE & ~f->bits : FLAG_ONE | (f->bits & BEFORE),
    };
    struct stimulus s = ret_stimulus(&r);
    char id[44];

    r.frame.rflags = set ? FLAG_ONE | f->bits : IMAGE & ~f->bits;
    fmt(id, sizeof(id), "%s.%s.flag.%s.%s", way->name, ret_way(&r, way->to),
        f->name, set ? "set" : "clear");
    s.id = id;
    if (f->bits == FLAG_TF) {
        s.vector = VEC_db;
        s.expect = expect_trap;
    }
    s.facts = way->from == FROM_RING0 ? "IR19 DB25 IR6" : "IR16 IR19";
    s.why = way->from == FROM_RING0
                ? "IRET in ring 0 loads every flag but VM and the reserved "
                  "ones; SDM vol 2 IRET"
                : "IRET in ring 3 silently keeps IF, IOPL, VIF and VIP, and "
                  "loads the others: or any program could block interrupts; "
                  "SDM vol 2 IRET";
    check_run(&s);
}

static const struct nt {
    const char *name;
    enum ret_by by;
    enum origin from, to;
} nested[] = {
    {"iretq", BY_IRETQ, FROM_RING0, FROM_RING3},
    {"iretq", BY_IRETQ, FROM_RING0, FROM_COMPAT},
    {"iretq", BY_IRETQ, FROM_RING0, FROM_RING0},
    {"iretq", BY_IRETQ, FROM_RING3, FROM_RING3},
    {"iretd", BY_IRETD, FROM_RING0, FROM_RING3},
    {"iretd", BY_IRETD, FROM_RING3, FROM_RING3},
    {"iretd", BY_IRETD, FROM_COMPAT, FROM_COMPAT},
    {"lretq", BY_LRETQ, FROM_RING0, FROM_RING3},
    {"lretq", BY_LRETQ, FROM_RING0, FROM_RING0},
    {"lretq", BY_LRETQ, FROM_RING3, FROM_RING3},
    {"lretd", BY_LRETD, FROM_COMPAT, FROM_COMPAT},
};

/* NT: every IRET refuses; LRET neither asks nor changes any flag. */
static void run_nested(const struct nt *n)
{
    bool iret = n->by == BY_IRETQ || n->by == BY_IRETD;
    struct ret r = {
        .from = n->from,
        .by = n->by,
        .frame = ret_frame_to(n->to),
        .rflags = BEFORE | FLAG_NT,
    };
    struct stimulus s = ret_stimulus(&r);
    char id[44];

    fmt(id, sizeof(id), "%s.%s.nt", n->name, ret_way(&r, n->to));
    s.id = id;
    if (iret) {
        s.vector = VEC_gp;
        s.error_code = true;
    }
    s.facts = iret ? "IR1" : "IR18";
    s.why = iret ? "IRET with NT set is #GP(0) in long mode, before anything "
                   "is popped: a kernel must clear NT on entry; SDM vol 2 IRET"
                 : "a far return leaves every flag alone; SDM vol 2 RET";
    check_run(&s);
}

void case_iret_flags(void)
{
    for (unsigned i = 0; i < IRET_FORMS; i++)
        for (unsigned j = 0; j < COUNT(flags); j++) {
            if (flags[j].bits >> 32 && ret_forms[i].by == BY_IRETD)
                continue; /* pops no more than 32 bits */
            run(&ret_forms[i], &flags[j], true);
            if (flags[j].clear)
                run(&ret_forms[i], &flags[j], false);
        }
    for (unsigned i = 0; i < COUNT(nested); i++)
        run_nested(&nested[i]);
}
