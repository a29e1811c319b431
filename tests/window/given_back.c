/* SPDX-License-Identifier: MIT */
/*
 * Does a path give back what it has interrupted?  Asked of the undisturbed
 * walk, whatever path and stub it is.
 *
 * An exception or an interrupt has come between two instructions that know
 * nothing of it: all registers, flags and segments must be there again.  A
 * call has been asked for, by an instruction that is documented to change
 * some: what C's functions keep must be kept (System V ABI, 3.2.1), and RSP;
 * RAX is the result, flags of arithmetic may be one.  Compat code has no R8 to
 * R15, and no upper halves, and a call of its need not keep them.
 *
 * Where a way out was spoilt on purpose there is nothing to go by.
 */
#include "fmt.h"
#include "insn.h"
#include "judge.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"

#define REG_R12_TO_R15 0xfu
#define REG_R8_TO_R15 0xffu
#define KEPT_BY_C (REG_RBX | REG_RBP | REG_R12_TO_R15)
#define ALL_REGISTERS ((1u << GENERAL_REGISTERS) - 1)
#define RESULTS (FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF | FLAG_OF)

/* The names of the general registers, in struct trapframe's order. */
#define HEX(name)
#define FLAGS(name)
#define VECTOR(name)
#define YES(name)
#define LOW(name) name,
#define HIGH(name) name,
#define FIELD(id, name, member, kind) kind(name)
static const char *const names[] = {
#include "judge/fields.def"
};
_Static_assert(COUNT(names) == GENERAL_REGISTERS, "fields.def");

const char *given_back_name(unsigned general)
{
    return names[general];
}

static bool is_call(const struct walk *w)
{
    unsigned v = subject_vector(w->subject);

    return v >= VEC_FIRST_IRQ && v != VEC_WINDOW_IRQ;
}

static bool is_asked(const struct walk *w)
{
    const struct subject *s = w->subject;

    /* Code that spins has gone on, if it was not seen right behind the exit. */
    return w->end == RUN_GATE && (!s->fault || s->s.vector == VEC_LOAD_GS) &&
           (w->returned || (!s->asynchronous && s->first == NO_EVENT));
}

static uint64_t register_mask(const struct walk *w)
{
    return is_call(w) && w->subject->s.from == FROM_COMPAT ? 0xffffffff : ~0ull;
}

static unsigned differing(const struct walk *w)
{
    unsigned n = 0;

    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        if ((w->was.frame.general[i] ^ w->back.frame.general[i]) &
            register_mask(w))
            n |= 1u << i;
    return n;
}

static unsigned must_keep(const struct walk *w)
{
    return !is_call(w)                         ? ALL_REGISTERS
           : w->subject->s.from == FROM_COMPAT ? KEPT_BY_C & ~REG_R8_TO_R15
                                               : KEPT_BY_C;
}

/* Where it stood for the last time: the instruction behind has lost it. */
static unsigned last_seen(const struct walk *w, unsigned general)
{
    unsigned last = w->stops - 1;

    while (last > 0 &&
           (w->stop[last].f.general[general] != w->was.frame.general[general] ||
            !w->stop[last].boundary))
        last--;
    return last;
}

static void name_register(struct diff *d, const struct walk *w, unsigned i)
{
    char expected[40], seen[40];

    fmt(expected, sizeof(expected), "%s %llx", names[i],
        (unsigned long long)w->was.frame.general[i]);
    fmt(seen, sizeof(seen), "%s %llx, lost behind this", names[i],
        (unsigned long long)w->back.frame.general[i]);
    judge_differ_at(d, w, last_seen(w, i), expected, seen);
}

/* What has been interrupted goes on there; behind an instruction that has
 * asked for it, and behind a fault, as the handler sees to it. */
static uint64_t wanted_rip(const struct walk *w)
{
    const struct subject *s = w->subject;

    return s->asynchronous || s->first != NO_EVENT ? w->was.frame.rip
                                                   : (uint64_t)s->s.resume;
}

void judge_given_back(struct diff *d, const struct walk *w)
{
    const struct trapframe *was = &w->was.frame, *back = &w->back.frame;
    bool call = is_call(w);
    uint64_t flags =
        ~(uint64_t)(FLAG_TF | FLAG_RF | (call ? (uint64_t)RESULTS : 0));
    struct diff rest = {"", ""};

    if (!is_asked(w))
        return;
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        if (differing(w) & must_keep(w) & 1u << i)
            name_register(d, w, i);
    diff_hex(&rest, "rip", wanted_rip(w), back->rip);
    diff_hex(&rest, "rsp", was->rsp & register_mask(w),
             back->rsp & register_mask(w));
    diff_flags(&rest, "rflags", was->rflags & flags, back->rflags & flags);
    if (!call) {
        diff_hex(&rest, "cs", was->cs, back->cs);
        diff_hex(&rest, "ss", was->ss, back->ss);
        diff_hex(&rest, "ds", w->was.ds, w->back.ds);
        diff_hex(&rest, "es", w->was.es, w->back.es);
        diff_hex(&rest, "fs", w->was.fs, w->back.fs);
        diff_hex(&rest, "gs", w->was.gs, w->back.gs);
        diff_hex(&rest, "fs base", w->was.fs_base, w->back.fs_base);
    }
    if (diff_any(&rest))
        judge_differ_at(d, w, w->stops - 1, rest.expected, rest.seen);
}

unsigned given_back_changed(const struct walk *w)
{
    static const unsigned takes[] = {REG_RCX | REG_R11, REG_RCX | REG_RDX};
    unsigned v = subject_vector(w->subject);

    if (!is_asked(w) || !is_call(w) || v == VEC_LOAD_GS)
        return 0;
    return differing(w) & ~must_keep(w) & ~REG_RAX &
           ~(v == VEC_SYSCALL64 || v == VEC_SYSCALL32 ? takes[0]
             : v == VEC_SYSENTER                      ? takes[1]
                                                      : 0) &
           ~(w->subject->s.from == FROM_COMPAT ? REG_R8_TO_R15 : 0);
}
