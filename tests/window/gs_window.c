/* SPDX-License-Identifier: MIT */
/*
 * Every instruction of an entry path, and which rule would be right there.
 *
 * From the moment that a path has entered ring 0 until its SWAPGS is done, and
 * again from the exit's SWAPGS until the last instruction has left ring 0, the
 * user's GS base is live while any event's frame says "ring 0".  An event's
 * stub that goes by CS is wrong just there.  One that asks for the base's sign
 * is right everywhere, as long as users' bases are positive; with a negative
 * one, which WRGSBASE lets ring 3 have, it is wrong wherever the user's base is
 * live, in ring 3 too.  One that saves the base and sets its own, or that finds
 * its own on its IST stack, need not ask and is right everywhere.
 *
 * Here each rule is run at every instruction of every path of the linux
 * specimen, by the #DB handler that stops there (tests/window/probe.S), and
 * held against what it asks and the two bases.  What real events at those
 * places do to real stubs is the question of the window_ cases.
 */
#include "fmt.h"
#include "judge.h"
#include "judge/diff.h"
#include "macros.h"
#include "vectors.h"
#include "walks.h"

static void side(struct diff *d, const char *name, unsigned wanted,
                 unsigned seen)
{
    if (wanted)
        diff_hex(d, name, wanted, seen);
    else if (!seen)
        diff_text(d, name, "some", "none");
}

/* Has the walk seen it all, and did the stub swap as it should? */
static void judge_sides(struct diff *d, const struct walk *p)
{
    bool ring0 = p->subject->s.from == FROM_RING0;
    /* by-sign takes a negative base for the kernel's, and leaves it. */
    bool fooled =
        p->subject->first != NO_EVENT && !ring0 && p->base == WINDOW_NEGATIVE;
    unsigned first = 0, last = 0, v = p->subject->s.vector;
    bool call = v >= VECTORS; /* SWAPGS comes first; STI may come last */

    judge_walk(d, p);
    diff_hex(d, "SWAPGS executed", ring0 || fooled ? 0 : 2, p->swaps);
    if (ring0 || fooled)
        return;
    for (unsigned i = 0, kernels = 0; i < p->stops; i++) {
        const struct stop *s = &p->stop[i];

        if (!s->boundary || s->f.cs & 3)
            continue;
        first += s->users && !kernels;
        last = s->users ? last + 1 : 0;
        kernels += !s->users;
    }
    side(d, "boundaries before SWAPGS", call ? 1 : 0, first);
    side(d, "boundaries behind it",
         !call                ? 0
         : v <= VEC_SYSCALL32 ? 1
                              : 2,
         last);
}

static const struct question {
    const char *name;
    enum window_rule rule; /* WINDOW_RULES: the path itself */
    enum window_base first, last;
    const char *facts, *why;
} questions[] = {
    {"path", WINDOW_RULES, WINDOW_ZERO, WINDOW_NEGATIVE, "GS10 GS15",
     "a stub swaps once in and once out, and every one of its instructions is "
     "seen; Linux, x86/entry_64.rst"},
    {"by-cs", WINDOW_BY_CS, WINDOW_ZERO, WINDOW_NEGATIVE, "GS10 GS15",
     "by-cs is wrong exactly where ring 0 has the user's GS: before the "
     "entry's SWAPGS is done, behind the exit's; Linux, x86/entry_64.rst"},
    {"by-sign", WINDOW_BY_SIGN, WINDOW_ZERO, WINDOW_POSITIVE, "GS11 GS15",
     "by-sign is right everywhere while users' bases are positive; Linux, "
     "x86/entry_64.rst"},
    {"by-sign.negative", WINDOW_BY_SIGN, WINDOW_NEGATIVE, WINDOW_NEGATIVE,
     "GS12 GS15",
     "by-sign is wrong wherever a negative user's base is live, in ring 3 too; "
     "Linux, paranoid_entry"},
    {"save-set", WINDOW_SAVE_SET, WINDOW_ZERO, WINDOW_NEGATIVE, "GS13 GS15",
     "saving GS_BASE and setting one's own is right everywhere, and what is "
     "restored is exact; Linux, paranoid_entry"},
    {"stored", WINDOW_STORED, WINDOW_ZERO, WINDOW_NEGATIVE, "GS14 GS15",
     "a base kept on the IST stack, or a CPU number in a segment limit, is "
     "right everywhere; FreeBSD exception.S"},
};

static void ask(const struct subject *p, const char *unfit,
                const struct question *q)
{
    struct diff d = {"", ""};
    char id[44];
    struct finding f = {.id = id, .facts = q->facts, .why = q->why};

    fmt(id, sizeof(id), "gs-window.%s.%s", p->name, q->name);
    if (unfit) {
        finding_skip(&f, unfit);
        return;
    }
    if (!finding_begin(&f))
        return;
    walks_do();
    for (unsigned b = q->first; b <= (unsigned)q->last && !diff_any(&d); b++) {
        if (walks.of[b].end != RUN_GATE)
            diff_text(&d, "stub", "returns", walks.of[b].trouble);
        else if (q->rule == WINDOW_RULES)
            judge_sides(&d, &walks.of[b]);
        else
            judge_rule(&d, &walks.of[b], q->rule);
    }
    finding_end(&f, &d, 0);
}

void case_gs_window(void)
{
    for (unsigned i = 0; i < subjects_count; i++) {
        const struct subject *p = &subjects[i];
        const char *unfit;

        if (p->fault || p->in_call)
            continue;
        unfit = walks_begin_any(p);
        for (unsigned j = 0; j < COUNT(questions); j++)
            ask(p, unfit, &questions[j]);
    }
}
