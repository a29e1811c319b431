/* SPDX-License-Identifier: MIT */
/*
 * The lab's verdicts.
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

/* always is the same code as blind. */
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

static bool has_fixup(const struct specimen *s, uint64_t rip)
{
    for (unsigned i = 0; i < s->fixups_count; i++)
        if (rip == (uint64_t)s->fixups[i].at)
            return true;
    return false;
}

/* By its rule, and by the addresses that a by-cs gate knows. */
static bool event_right(const struct path *p, const struct stop *s,
                        enum window_event e, enum gs_rule rule)
{
    return rule_right(rule, s) ||
           (e == WINDOW_IRQ && rule == RULE_BY_CS && s->users &&
            has_fixup(p->specimen, s->f.rip));
}

static bool within_limits(const struct path *p, const struct stop *s,
                          enum window_event e, enum gs_rule rule)
{
    if (p->specimen->wrong)
        return true;
    if (window_rule_limit(tried_as(rule)))
        return window_rule_limit(tried_as(rule)) >> p->base & 1;
    return e == WINDOW_IRQ &&
           (s->flags & WINDOW_SHADOW || p->subject->s.vector == VEC_CALLGATE);
}

/* "expected A, seen B at linux_nmi+0x12 with a negative base": the first. */
static void tell(struct diff *d, const struct path *p, unsigned n,
                 const char *expected, const char *seen)
{
    const struct trapframe *f = &p->stop[n].f;
    unsigned offset = 0;
    const char *symbol = f->cs & 3 ? "ring 3" : symbol_of(f->rip, &offset);
    char where[80];

    if (diff_any(d))
        return;
    fmt(where, sizeof(where), "at %s+0x%x, base %s:", symbol, offset,
        window_base_name(p->base));
    diff_text(d, where, expected, seen);
}

/* Does RSP lie on the stack that the event begins at the top of? */
static bool on_stack_of(enum window_event e, uint64_t rsp)
{
    return stack_at(rsp) == stack_of_ist(vector_info(event_vector(e))->ist);
}

/* Has the handler proper been called yet?  What lets a second NMI in, an
 * exception's IRET, can only happen from there on. */
static bool has_called(const struct path *p, unsigned n)
{
    while (n > 0 && p->stop[n].boundary)
        n--;
    return !p->stop[n].boundary;
}

static void judge_landing(struct diff *d, const struct injection *i, unsigned n,
                          const struct specimen_stub *stub)
{
    const struct path *p = i->path;
    const struct stop *s = &p->stop[n];
    const struct landing *l = &i->at[n];
    bool wrong = !event_right(p, s, i->event, stub->rule);
    bool may = same_stack(p, i->event) && (!stub->nests || !has_called(p, n));
    /* What is popped next is gone; what has been copied may have been. */
    bool must = may && !stub->nests && on_stack_of(i->event, s->f.rsp) &&
                (n + 1 == p->stops || on_stack_of(i->event, s[1].f.rsp));

    if (may && stub->nests)
        ; /* its frame is gone: nothing is known of where it goes */
    else if (l->wrong != wrong)
        tell(d, p, n, wrong ? "wrong, by its rule" : "kernel's GS base",
             l->wrong ? "user's GS base" : "right");
    else if (wrong && !within_limits(p, s, i->event, stub->rule))
        tell(d, p, n, "kernel's GS base", "user's GS base");
    if (must && !l->damaged)
        tell(d, p, n, "frame overwritten", "not overwritten");
    if (l->damaged && !may && !wrong)
        tell(d, p, n, "all given back",
             i->trouble[0] ? i->trouble : "registers, stack or GS changed");
    if (l->sent && (l->delivered != 1 || !l->exact))
        tell(d, p, n, "delivered once, exactly",
             !l->delivered       ? "not delivered"
             : l->delivered != 1 ? "delivered twice"
                                 : "not exact");
}

void judge_events(struct diff *d, const struct injection *i, struct tally *t)
{
    const struct path *p = i->path;
    const struct specimen_stub *stub =
        specimen_stub(p->specimen, event_vector(i->event));

    if (!same_stack(p, i->event))
        t->walks += i->walks - 1;
    for (unsigned n = 0; n < p->stops; n++) {
        if (!can_land(p, &p->stop[n], i->event))
            continue;
        t->planned++;
        t->sent += i->at[n].sent;
        t->delivered += i->at[n].delivered;
        t->exact += i->at[n].exact;
        judge_landing(d, i, n, stub);
    }
}

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

/* Does the rule of the path's own stub bring its handler to the right base? */
static bool way_in_right(const struct path *p)
{
    const struct subject *s = p->subject;
    bool users = s->s.from != FROM_RING0;
    struct stop entry = {
        .f.cs = users && !s->in_call ? SEL_USER_CS64 : SEL_KERNEL_CS,
        .gs_base = users ? p->user_gs : p->kernel_gs,
        .kernel_gs_base = users ? p->kernel_gs : p->user_gs,
        .users = users,
    };

    if (s->s.vector == VEC_LOAD_GS) /* no way in: a routine of ring 0's */
        return true;
    for (unsigned r = 0; r < WINDOW_RULES; r++)
        if (rules_wrong((enum window_rule)r, &entry, p->kernel_gs))
            entry.wrong |= (uint8_t)(1u << r);
    return rule_right(specimen_rule(p->specimen, subject_vector(s)), &entry);
}

/* Does the stub of the fault that the exit raises come to the right base? */
static bool way_out_right(const struct path *p)
{
    const struct specimen_stub *stub = specimen_stub(p->specimen, p->fault);

    for (unsigned n = 0; n + 1 < p->stops; n++) {
        const struct stop *s = &p->stop[n];

        if (p->stop[n + 1].f.rip == (uint64_t)stub->stub)
            return rule_right(stub->rule, s) ||
                   (stub->rule == RULE_BY_CS && !p->specimen->unaware &&
                    has_fixup(p->specimen, s->f.rip));
    }
    return false;
}

/* The frame that was not taken is taken once more, as ring 3's own fault. */
static unsigned calls_wanted(const struct path *p)
{
    const struct subject *s = p->subject;
    bool spoilt = s->fault && s->spoil && !s->on_harness;

    return 1u + s->in_call + spoilt + (spoilt && p->fixed);
}

/* Stopped at every instruction that runs when nothing stops it?  (From ring 0
 * the first stop is in the stub, behind the instruction that enters it.) */
static void judge_count(struct diff *d, const struct path *p)
{
    unsigned stopped_at =
        p->boundaries + (p->subject->s.from == FROM_RING0 ? 1 : 0);

    if (p->instructions)
        diff_hex(d, "boundaries", p->instructions, stopped_at);
}

void judge_path(struct diff *d, const struct path *p)
{
    const struct subject *s = p->subject;
    bool ring0 = s->s.from == FROM_RING0, in = way_in_right(p),
         out = !s->fault || s->on_harness || way_out_right(p);
    bool limited = p->specimen->wrong || (in && !p->specimen->fixups) ||
                   (out && p->base == WINDOW_NEGATIVE);

    if (p->end != RUN_GATE) {
        diff_text(d, "stub", "returns", p->trouble);
        return;
    }
    diff_hex(d, "handler's calls", calls_wanted(p), p->calls.count);
    diff_hex(d, "of them on the user's base", !in + !out, p->calls.wrong);
    if ((!in || !out) && !limited)
        diff_text(d, "rule", "right", "not right here");
    if (in && out)
        diff_hex(d, "gs base at the end", ring0 ? p->kernel_gs : p->user_gs,
                 p->final_gs);
    if (s->s.vector != VEC_LOAD_GS)
        diff_text(d, "last instruction", "leaves ring 0",
                  p->leaves ? "leaves ring 0" : "does not");
    if (!ring0 && !s->asynchronous && s->first == NO_EVENT)
        diff_text(d, "first boundary", "in ring 3",
                  p->stop[0].f.cs & 3 ? "in ring 3" : "not in ring 3");
    judge_count(d, p);
    if (p->boundaries < 2)
        diff_hex(d, "boundaries", 2, p->boundaries);
}

void judge_rule(struct diff *d, const struct path *p, enum window_rule rule)
{
    for (unsigned n = 0; n < p->stops; n++) {
        const struct stop *s = &p->stop[n];
        bool wrong = rules_wrong(rule, s, p->kernel_gs);

        if (s->boundary && wrong != (s->wrong >> rule & 1)) {
            char expected[24], seen[24];

            fmt(expected, sizeof(expected), "%s %s", window_rule_name(rule),
                wrong ? "wrong" : "right");
            fmt(seen, sizeof(seen), "%s %s, when run", window_rule_name(rule),
                wrong ? "right" : "wrong");
            tell(d, p, n, expected, seen);
        }
    }
}
