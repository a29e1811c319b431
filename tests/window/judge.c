/* SPDX-License-Identifier: MIT */
/*
 * The window's verdicts.
 *
 * A stub declares its rule; the rule and what was live at a boundary predict
 * whether an event's handler comes to the kernel's base.  What was measured
 * must be just that.  And it must not be wrong anywhere, but for limits that
 * are published: by-sign with a negative user base; an interrupt in a shadow,
 * where silicon may not let it land, or at a call gate, which leaves
 * interrupts on; a second event on an IST stack that is in use.  A specimen
 * that is wrong on purpose may be wrong where its rules predict it, and must.
 */
#include "judge.h"

#include "fmt.h"
#include "selectors.h"
#include "stacks.h"
#include "symbols.h"
#include "vectors.h"

/* always is blind's code, in a place where it is right. */
static unsigned tried_as(enum gs_rule rule)
{
    return rule == RULE_ALWAYS ? WINDOW_BLIND : window_rule_of(rule);
}

static bool rule_right(enum gs_rule rule, const struct stop *s)
{
    return rule == RULE_NONE    ? true
           : rule == RULE_NEVER ? !s->users
                                : !(s->wrong >> tried_as(rule) & 1);
}

/*
 * Where FSGSBASE is off ring 3 has a negative base only if its kernel gives it
 * one.  A stub that declares no rule and is on the user's base may go by the
 * sign, then: with a negative base it is held to that.
 */
static enum gs_rule held_to(const struct walk *w, enum gs_rule rule, bool wrong)
{
    const struct specimen_machine *m = w->specimen->machine;
    bool limit = w->base == WINDOW_NEGATIVE && m && m->no_fsgsbase;

    return rule == RULE_NONE && wrong && limit ? RULE_BY_SIGN : rule;
}

static bool has_fixup(const struct specimen *s, uint64_t rip)
{
    for (unsigned i = 0; i < s->fixups_count; i++)
        if (rip == (uint64_t)s->fixups[i].at)
            return true;
    return false;
}

/* By its rule, and by the addresses that a by-cs gate knows: with interrupts
 * on, IRETQ and the load of GS run on the user's base, and no CS says so. */
static bool event_right(const struct walk *w, const struct stop *s,
                        enum window_event e, enum gs_rule rule)
{
    return rule_right(rule, s) ||
           (e == WINDOW_IRQ && rule == RULE_BY_CS && s->users &&
            has_fixup(w->specimen, s->f.rip));
}

/*
 * The published limits.  An interrupt in the shadow of STI lands there because
 * the IRETQ into the boundary has dropped the shadow; silicon would hold it
 * off until SYSEXIT has left.  A call gate leaves IF as it is: there it does
 * land, on every machine, and that is the gate's own fault.
 */
static bool within_limits(const struct walk *w, const struct stop *s,
                          enum window_event e, enum gs_rule rule)
{
    if (w->specimen->wrong)
        return true;
    if (window_rule_limit(tried_as(rule)))
        return window_rule_limit(tried_as(rule)) >> w->base & 1;
    return e == WINDOW_IRQ &&
           (s->flags & WINDOW_SHADOW || w->subject->s.vector == VEC_CALLGATE);
}

void judge_differ_at(struct diff *d, const struct walk *w, unsigned n,
                     const char *expected, const char *seen)
{
    const struct trapframe *f = &w->stop[n].f;
    unsigned offset = 0;
    const char *symbol = f->cs & 3 ? "ring 3" : symbol_of(f->rip, &offset);
    char where[80];

    if (diff_any(d))
        return;
    fmt(where, sizeof(where), "at %s+0x%x, base %s:", symbol, offset,
        window_base_name(w->base));
    diff_text(d, where, expected, seen);
}

/* Does RSP lie on the stack that the event begins at the top of? */
static bool on_stack_of(enum window_event e, uint64_t rsp)
{
    return stack_at(rsp) == stack_of_ist(vector_info(event_vector(e))->ist);
}

/* Has the handler proper been called yet?  What lets a second NMI in, an
 * exception's IRET, can only happen from there on. */
static bool has_called(const struct walk *w, unsigned n)
{
    while (n > 0 && w->stop[n].boundary)
        n--;
    return !w->stop[n].boundary;
}

/*
 * One landing: was the handler on the base that the stub's rule says, is that
 * the right one, has the interrupted code got all back, and did the event land
 * where it was sent?
 *
 * A second event on the stack of the first is a case for itself.  If the stub
 * does not nest, what lies there is overwritten (may), and is missed for sure
 * if the next instruction still needs it (must): that it was not would mean
 * that the event never came.
 */
static void judge_landing(struct diff *d, const struct injection *i, unsigned n,
                          const struct specimen_stub *stub)
{
    const struct walk *w = i->walk;
    const struct stop *s = &w->stop[n];
    const struct landing *l = &i->at[n];
    enum gs_rule rule = held_to(w, stub->rule, l->wrong);
    bool wrong = !event_right(w, s, i->event, rule);
    bool may = same_stack(w, i->event) && (!stub->nests || !has_called(w, n));
    /* What is popped next is gone; what has been copied may have been. */
    bool must = may && !stub->nests && w->specimen != specimen_own &&
                on_stack_of(i->event, s->f.rsp) &&
                (n + 1 == w->stops || on_stack_of(i->event, s[1].f.rsp));

    if ((may && stub->nests) || only_overwritten(w, i->event))
        ; /* its frame is gone: nothing is known of where it goes */
    else if (l->wrong != wrong)
        judge_differ_at(d, w, n,
                        wrong ? "wrong, by its rule" : "kernel's GS base",
                        l->wrong ? "user's GS base" : "right");
    else if (wrong && !within_limits(w, s, i->event, rule))
        judge_differ_at(d, w, n, "kernel's GS base", "user's GS base");
    if (must && !l->damaged)
        judge_differ_at(d, w, n, "frame overwritten", "not overwritten");
    if (l->damaged && !may && !wrong && diff_any(&i->changed) &&
        i->changed_at == n)
        judge_differ_at(d, w, n, i->changed.expected, i->changed.seen);
    else if (l->damaged && !may && !wrong)
        judge_differ_at(d, w, n, "all given back",
                        i->trouble[0] ? i->trouble : "not all");
    if (l->sent && (l->delivered != 1 || !l->exact))
        judge_differ_at(d, w, n, "delivered once, exactly",
                        !l->delivered       ? "not delivered"
                        : l->delivered != 1 ? "delivered twice"
                                            : "not exact");
}

bool judge_doubts(const struct injection *i, unsigned n)
{
    struct diff d = {"", ""};

    judge_landing(&d, i, n,
                  specimen_stub(i->walk->specimen, event_vector(i->event)));
    return diff_any(&d) || i->at[n].sent != 1;
}

void judge_events(struct diff *d, const struct injection *i, struct tally *t)
{
    const struct walk *w = i->walk;
    const struct specimen_stub *stub =
        specimen_stub(w->specimen, event_vector(i->event));

    if (!same_stack(w, i->event))
        t->walks += i->walks - 1;
    for (unsigned n = 0; n < w->stops; n++) {
        if (!can_land(w, &w->stop[n], i->event))
            continue;
        t->planned++;
        t->sent += i->at[n].sent;
        t->delivered += i->at[n].delivered;
        t->exact += i->at[n].exact;
        judge_landing(d, i, n, stub);
    }
}

/* A sweep that has sent nothing would be right everywhere: so what was planned
 * must be more than none, and all of it must have been sent, and come. */
void judge_tally(struct diff *d, const struct tally *t)
{
    char expected[64], seen[64];

    fmt(expected, sizeof(expected), "%u sent, delivered and exact", t->planned);
    fmt(seen, sizeof(seen), "%u sent, %u delivered, %u exact", t->sent,
        t->delivered, t->exact);
    if (!t->planned || t->sent != t->planned || t->delivered != t->planned ||
        t->exact != t->planned)
        diff_text(d, "injections", expected, seen);
}

/*
 * Does the rule of the path's own stub bring its handler to the right base?
 * What it finds at its first instruction is known without looking: the base of
 * where it comes from, and the other one in KERNEL_GS_BASE.  In a call that an
 * event has interrupted (in_call) the base is still the user's, and the
 * event's frame says ring 0.
 */
static bool stub_right(const struct walk *w)
{
    const struct subject *s = w->subject;
    bool users = s->s.from != FROM_RING0;
    struct stop arrival = {
        .f.cs = users && !s->in_call ? SEL_USER_CS64 : SEL_KERNEL_CS,
        .gs_base = users ? w->user_gs : w->kernel_gs,
        .kernel_gs_base = users ? w->kernel_gs : w->user_gs,
        .users = users,
    };

    if (s->s.vector == VEC_LOAD_GS) /* no way in: a routine of ring 0's */
        return true;
    for (unsigned r = 0; r < WINDOW_RULES; r++)
        if (rules_wrong((enum window_rule)r, &arrival, w->kernel_gs))
            arrival.wrong |= (uint8_t)(1u << r);
    return rule_right(held_to(w, specimen_rule(w->specimen, subject_vector(s)),
                              w->calls.wrong),
                      &arrival);
}

/* The fault that the exit raises lands like another event: at the exit's last
 * instruction, the stop before its stub's first.  0: there is none such. */
static unsigned fault_at(const struct walk *w)
{
    const struct specimen_stub *stub = specimen_stub(w->specimen, w->fault);

    for (unsigned n = 0; n + 1 < w->stops; n++)
        if (w->stop[n + 1].f.rip == (uint64_t)stub->stub)
            return n;
    return 0;
}

/*
 * Does the stub of that fault come to the right base?  What it did is known,
 * whatever its author has declared of it, but where a specimen is wrong on
 * purpose: then it must be so where its rule says, a by-cs gate if it does not
 * know the instruction by its address.
 */
static bool fault_stub_right(const struct walk *w)
{
    const struct specimen_stub *stub = specimen_stub(w->specimen, w->fault);
    const struct stop *s = &w->stop[fault_at(w)];

    if (!w->specimen->wrong)
        return !w->calls.fault_wrong;
    return rule_right(stub->rule, s) ||
           (stub->rule == RULE_BY_CS && !w->specimen->unaware &&
            has_fixup(w->specimen, s->f.rip));
}

bool judge_limit(const struct walk *w, const struct specimen_stub *stub)
{
    return w->specimen->wrong ||
           (stub->rule == RULE_BY_SIGN && w->base == WINDOW_NEGATIVE);
}

/* How often the handler is called.  Once; for the call that the event has
 * interrupted once more; for the fault of a spoilt exit; and if the kernel's
 * table sends that somewhere, the frame is taken again as ring 3's own. */
static unsigned calls_wanted(const struct walk *w)
{
    const struct subject *s = w->subject;
    bool spoilt = s->fault && s->spoil && !s->on_harness;

    return 1u + s->in_call + spoilt + (spoilt && w->fixed);
}

/* A stranger's stub may call as often as it likes, and where it drops an event
 * on purpose not at all. */
static bool any_calls(const struct walk *w)
{
    return w->specimen == specimen_own &&
           (w->calls.count || w->subject->first != NO_EVENT);
}

/* Stopped at every instruction that runs when nothing stops it?  (From ring 0
 * the first stop is in the stub, behind the instruction that enters it.) */
static void judge_count(struct diff *d, const struct walk *w)
{
    unsigned stopped_at =
        w->boundaries + (w->subject->s.from == FROM_RING0 ? 1 : 0);

    if (w->instructions)
        diff_hex(d, "boundaries", w->instructions, stopped_at);
}

bool judge_sysret(const struct walk *w)
{
    return w->bad_sysret && !w->specimen->wrong &&
           !w->specimen->sysret_unchecked;
}

/*
 * The undisturbed walk.  A path whose own rule cannot be right here (by-sign
 * with a negative base) must be wrong, and is not held against it: limited.
 * What ring 3 can have its way out do (SYSRETQ to an address that is none:
 * CVE-2012-0217; IRETQ that faults: CVE-2014-9322) is, if it leads to a wrong
 * base or stack.
 * One that is right must leave GS as it found it, stop first in ring 3, in
 * front of the instruction that enters, and last in front of the one that
 * leaves.
 */
void judge_walk(struct diff *d, const struct walk *w)
{
    const struct subject *s = w->subject;
    bool ring0 = s->s.from == FROM_RING0, in = stub_right(w),
         out = !s->fault || s->on_harness || fault_stub_right(w);
    bool limited = w->specimen->wrong || w->base == WINDOW_NEGATIVE;

    if (!out && !judge_limit(w, specimen_stub(w->specimen, w->fault)))
        judge_differ_at(d, w, fault_at(w), "kernel's GS base in its fault",
                        "user's GS base");
    if (judge_sysret(w))
        judge_differ_at(d, w, w->bad_sysret, "an address that SYSRETQ takes",
                        "another, which faults on ring 3's stack");
    if (w->end != RUN_GATE && diff_any(d))
        return;
    if (w->end != RUN_GATE) {
        diff_text(d, "stub", "returns", w->trouble);
        return;
    }
    if (!any_calls(w))
        diff_hex(d, "handler's calls", calls_wanted(w), w->calls.count);
    if (in || !any_calls(w))
        diff_hex(d, "of them on the user's base", !in + !out, w->calls.wrong);
    if (!in && !limited)
        diff_text(d, "rule", "right", "not right here");
    if (in && out)
        diff_hex(d, "gs base at the end", ring0 ? w->kernel_gs : w->user_gs,
                 w->final_gs);
    if (s->s.vector != VEC_LOAD_GS)
        diff_text(d, "last instruction", "leaves ring 0",
                  w->leaves ? "leaves ring 0" : "does not");
    if (!ring0 && !s->asynchronous && s->first == NO_EVENT)
        diff_text(d, "first boundary", "in ring 3",
                  w->stop[0].f.cs & 3 ? "in ring 3" : "not in ring 3");
    judge_count(d, w);
    if (w->boundaries < 2)
        diff_hex(d, "boundaries", 2, w->boundaries);
}

void judge_rule(struct diff *d, const struct walk *w, enum window_rule rule)
{
    for (unsigned n = 0; n < w->stops; n++) {
        const struct stop *s = &w->stop[n];
        bool wrong = rules_wrong(rule, s, w->kernel_gs);

        if (s->boundary && wrong != (s->wrong >> rule & 1)) {
            char expected[24], seen[24];

            fmt(expected, sizeof(expected), "%s %s", window_rule_name(rule),
                wrong ? "wrong" : "right");
            fmt(seen, sizeof(seen), "%s %s, when run", window_rule_name(rule),
                wrong ? "right" : "wrong");
            judge_differ_at(d, w, n, expected, seen);
        }
    }
}
