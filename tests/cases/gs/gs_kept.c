/* SPDX-License-Identifier: MIT */
/*
 * No entry touches GS, and no return to ring 3 does.
 *
 * SWAPGS exists because an entry leaves both bases alone: what an INT n, an
 * exception, an interrupt, an NMI, a SYSCALL or a SYSENTER finds in GS_BASE
 * and KERNEL_GS_BASE is what its handler finds there, and what the code behind
 * IRETQ finds again.  Each is asked twice: with the user's base positive and
 * GS null, and with a user's base that looks like a kernel's and a selector
 * whose descriptor has another base, which must not come back.
 *
 * Call gates are in callgate_enter.c, the other returns in gs_return.c, #MC
 * in mc.c, which has the run script inject it.
 */
#include "fmt.h"
#include "lib/fastcall.h"
#include "lib/gs.h"
#include "lib/origin.h"
#include "lib/triggers.h"
#include "macros.h"
#include "selectors.h"
#include "vectors.h"

RING3(kept_syscall, "", "syscall", "");
RING3(kept_sysenter, "", "sysenter", "");
COMPAT(kept_sysenterc, "", "sysenter", "");

static const struct {
    const char *name;
    struct gs_state g;
} states[] = {
    {"positive", {0, 0, FS_POSITIVE, GS_POSITIVE, GS_NEGATIVE}},
    {"negative",
     {SEL_USER_SS, SEL_USER_SS, GS_POSITIVE, GS_NEGATIVE, FS_POSITIVE}},
};

static struct {
    const struct trigger *trigger; /* NULL: an MSR entry */
    const struct gs_state *g;
} now;

static void before(struct trapframe *c)
{
    gs_set(now.g);
    if (now.trigger)
        trigger_start(now.trigger, c);
}

static void after(void)
{
    if (now.trigger)
        trigger_stop(now.trigger);
    gs_after();
}

static void expect(const struct stimulus *s, struct want *w, bool amd)
{
    (void)s, (void)amd;
    gs_want(w, 0, now.g);
}

/* Whether ICEBP is there is DB7's question. */
static const char *unless_icebp(const struct stimulus *s)
{
    return unless_entered(s) ? "this processor has no ICEBP" : 0;
}

static void run(struct stimulus *s, const char *name)
{
    char id[44];

    s->id = id;
    s->before = before;
    s->after = after;
    s->expect = expect;
    s->facts = "GS4";
    s->why =
        "no entry and no IRETQ changes GS_BASE, KERNEL_GS_BASE or FS_BASE: the "
        "stub has to; SDM vol 3, Interrupt and Exception Handling";
    for (unsigned i = 0; i < COUNT(states); i++) {
        fmt(id, sizeof(id), "gs-kept.%s.%s.%s", name, origin_ids[s->from],
            states[i].name);
        now.g = &states[i].g;
        check_run(s);
    }
}

void case_gs_kept(void)
{
    struct stimulus syscall = {
        .from = FROM_RING3, CODE(kept_syscall), .vector = VEC_SYSCALL64};
    struct stimulus sysenter = {.from = FROM_RING3,
                                CODE(kept_sysenter),
                                .vector = VEC_SYSENTER,
                                .unfit = unless_entered};
    struct stimulus sysenterc = {.from = FROM_COMPAT,
                                 CODE(kept_sysenterc),
                                 .vector = VEC_SYSENTER,
                                 .unfit = unless_entered};

    for (unsigned i = 0; i < TRIGGER_COUNT; i++)
        for (enum origin from = 0; from < FROM_COUNT; from++) {
            struct stimulus s = {0};

            if (!triggers[i].code[from].start)
                continue;
            now.trigger = &triggers[i];
            trigger_fill(&s, now.trigger, from);
            if (i == TRIGGER_INT1)
                s.unfit = unless_icebp;
            run(&s, now.trigger->name);
        }
    now.trigger = 0;
    run(&syscall, "syscall");
    run(&sysenter, "sysenter");
    run(&sysenterc, "sysenter");
}
