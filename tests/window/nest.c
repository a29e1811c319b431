/* SPDX-License-Identifier: MIT */
/*
 * A second event of a kind whose first one is still being handled, with a stub
 * that is to survive that (linux-modern's NMI).
 *
 * NMIs, #DBs and #MCs have IST stacks, and an IST stack begins at its top each
 * time: the second event's frame lands on the first one's.  By the hardware
 * alone the first one's way back is lost.  A stub that survives has copied the
 * frame away and leaves by the copy; a second event that finds it at work only
 * points the copy back into it, so that it handles what has come meanwhile:
 *
 *	top of the IST stack
 *	  SS .. RIP       overwritten by each further event
 *	  "at work"
 *	  SS .. RIP       a copy: how the first one leaves
 *
 * (linux-modern/nmi.S has the whole of it.)
 *
 * So the handler may run once more than without the event, on registers that
 * are its own, and the stops behind the landing are other ones than those of
 * the undisturbed walk.  One event a walk, then, and two things to ask: did it
 * land where it was sent (its frame, before anything else runs), and is all
 * given back at the end.
 */
#include "injecting.h"
#include "insn.h"
#include "symbols.h"
#include "vectors.h"

#define AGAIN 4 /* calls too many: a stub that has lost its way back */

/* The event's frame, as it lies where the processor has put it. */
static void look_at_frame(void)
{
    struct landing *l = &injecting.i->at[injecting.at];
    const uint64_t *frame = bench_event_frame(injecting.vector, &injecting.f);

    if (injecting.looked || !injecting.any)
        return;
    injecting.looked = true;
    l->exact = frame[0] == injecting.f.rip && frame[1] == injecting.f.cs &&
               frame[3] == injecting.f.rsp;
    l->delivered = l->exact;
}

static void nested_stop(unsigned n, const struct outcome *o,
                        struct trapframe *f)
{
    look_at_frame();
    if (!injecting.any)
        injecting_compare(n, o, f);
}

/* From the first stop straight on to where the event shall land. */
static void nested_leave(unsigned n, struct trapframe *f)
{
    if (!injecting.any && n < injecting.from)
        walk_resume(injecting.from, true);
    injecting_send(n, f);
}

static bool nested_call(const struct call *c)
{
    look_at_frame();
    bench_take_db();
    if (++injecting.calls > injecting.w->calls.count + AGAIN)
        engine_abandon("the handler is called again and again");
    if (injecting.any && walk_wrong(injecting.w, c->gs_base))
        injecting.i->at[injecting.at].wrong = true;
    return true;
}

static void nested_astray(unsigned vector, uint64_t rip, uint64_t gs_base)
{
    char place[SYMBOL_PLACE_MAX];

    (void)gs_base;
    symbol_place(place, sizeof(place), rip);
    engine_abandon("%s at %s", vector_info(vector)->mnemonic, place);
}

/* The handler's calls that come behind a stop. */
static unsigned calls_left(unsigned n)
{
    unsigned left = injecting.w->calls.count;

    while (n-- > 0)
        left -= !injecting.w->stop[n].boundary;
    return left;
}

void nest_walk(unsigned n)
{
    static const struct visitor nester = {.stop = nested_stop,
                                          .leave = nested_leave,
                                          .call = nested_call,
                                          .astray = nested_astray};
    struct calls calls;
    enum run_end end;

    injecting.from = n;
    injecting.calls = 0;
    injecting.any = injecting.looked = injecting.outstanding = false;
    walk_once(injecting.w, &nester, &end, &calls);
    if (end == RUN_HANG) {
        injecting_trouble(engine_trouble());
        injecting.i->hung = true;
    }
    if (!injecting_ended_well(injecting.w->stops, end) ||
        injecting.calls != calls_left(n) + 1)
        injecting.i->at[n].damaged = true;
}
