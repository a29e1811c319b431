/* SPDX-License-Identifier: MIT */
/*
 * The walks with events: one at every boundary, and after each the next stop
 * compared with the undisturbed walk's.
 *
 * How an event is made to land exactly there.  The harness's #DB handler, which
 * stands at the boundary and knows its whole context, becomes that context
 * again by an IRETQ, and behind that IRETQ, before the next instruction, the
 * event must come:
 *
 *   #DB   TF is set by a POPF just in front of the IRETQ: the trap comes behind
 *         it, with a frame that has TF clear
 *   IRQ   requested while IF is 0.  The IRETQ sets IF, and opens the door
 *   NMI   has no door of software's.  One that is sent from the handler lands
 *         in the handler, some instructions later.  So two are sent: the first
 *         is taken by the harness, and while it is, NMIs are blocked and the
 *         second is latched.  The IRETQ into the boundary ends the blocking,
 *         and there it is (engine_go_with_nmi)
 *   #MC   cannot be raised: a frame as the processor would have pushed it is
 *         written, and its stub entered
 *
 * That it came there, and once, is not assumed: its frame is read when the
 * specimen's handler is called, and must hold the boundary's RIP, CS, RFLAGS,
 * RSP and registers.
 *
 * A stub that goes wrong costs one landing and not the walk.  What it has
 * spoilt is recorded and put right from the undisturbed walk, and the walk
 * goes on from the next stop.  If that is not possible, another walk begins
 * behind the boundary.
 */
#include "apic.h"
#include "bench.h"
#include "fmt.h"
#include "injecting.h"
#include "insn.h"
#include "msr.h"
#include "records.h"
#include "symbols.h"
#include "vectors.h"
#include "walking.h"

struct injecting injecting;

bool same_stack(const struct walk *w, enum window_event e)
{
    return w->subject->first == e;
}

bool only_overwritten(const struct walk *w, enum window_event e)
{
    return w->specimen == specimen_own && same_stack(w, e) &&
           !specimen_stub(w->specimen, event_vector(e))->nests;
}

/* Is an IRQ in service at the stop?  Its EOI is the handler's. */
static bool in_service(const struct walk *w, const struct stop *s)
{
    const struct stop *before = w->stop;

    while (before < s && before->boundary)
        before++;
    return w->subject->s.vector == VEC_WINDOW_IRQ && !(s->f.cs & 3) &&
           before == s;
}

/* At an IRQ's boundaries IF is set, and none of its kind is in service; the
 * others need no leave. */
static bool lands(const struct walk *w, const struct stop *s,
                  enum window_event e)
{
    return s->boundary &&
           (e != WINDOW_IRQ || (s->flags & WINDOW_IF && !in_service(w, s)));
}

bool can_land(const struct walk *w, const struct stop *s, enum window_event e)
{
    return specimen_stub(w->specimen, event_vector(e)) && lands(w, s, e);
}

/*
 * Stubs that come from elsewhere may share code with one another.  Where the
 * next stop rests on a breakpoint, the event's own stub may come to it: that
 * landing is looked at closely, or not at all (careful.c).
 */
static bool shared_way(void)
{
    return injecting.w->specimen == specimen_own && walking.armed;
}

void injecting_send(unsigned n, struct trapframe *f)
{
    if (n < injecting.from || (injecting.once && injecting.any) ||
        !lands(injecting.w, &injecting.w->stop[n], injecting.i->event) ||
        shared_way())
        return;
    injecting.at = n;
    injecting.any = injecting.outstanding = true;
    injecting.i->at[n].sent++;
    injecting.f = *f;
    records_place(injecting.w, f->rip, (uint64_t)injecting.stub->stub);
    switch (injecting.i->event) {
    case WINDOW_DB:
        bench_take(VEC_db);
        engine_go_with_trap(f);
    case WINDOW_NMI:
        engine_go_with_nmi(f);
    case WINDOW_MC:
        f->rsp = bench_push_frame(VEC_mc, f);
        f->rip = (uint64_t)injecting.stub->stub;
        f->cs = bench_kernel_cs();
        f->ss = 0;
        f->rflags = FLAG_ONE;
        engine_go(f);
    default:
        bench_request_irq();
    }
}

/* The event has come to the specimen's handler.  What the processor pushed is
 * still there; what the stub has made of the registers is in c->f, if it builds
 * such a frame.  RF is left out: a #DB pushes it as it likes. */
static bool on_call(const struct call *c)
{
    struct landing *l = &injecting.i->at[injecting.at];
    const uint64_t *frame;

    if (!injecting.outstanding || (c->f && c->vector != injecting.vector))
        return false;
    if (injecting.vector == VEC_db)
        bench_take_db();
    frame = bench_event_frame(injecting.vector, &injecting.f);
    l->exact = ++l->delivered == 1 && frame[0] == injecting.f.rip &&
               frame[1] == injecting.f.cs && frame[3] == injecting.f.rsp &&
               !((frame[2] ^ injecting.f.rflags) & ~(uint64_t)FLAG_RF) &&
               (!c->f || injecting_same_registers(c->f, &injecting.f));
    if (walk_wrong(injecting.w, c->gs_base))
        l->wrong = true;
    return true;
}

/*
 * Something has come that nobody waited for: mostly the event's stub has
 * faulted, on a base or a stack that it had not expected.  While it is
 * outstanding that is its doing; the walk goes on as if it had not been sent.
 */
static void astray(unsigned vector, uint64_t rip, uint64_t gs_base)
{
    char place[SYMBOL_PLACE_MAX];

    symbol_place(place, sizeof(place), rip);
    if (!injecting.outstanding)
        engine_abandon("%s at %s", vector_info(vector)->mnemonic, place);
    if (walk_wrong(injecting.w, gs_base))
        injecting.i->at[injecting.at].wrong = true;
    injecting.i->at[injecting.at].damaged = true;
    injecting.outstanding = false;
    walk_resume(injecting.at, false);
}

static void over(void)
{
    injecting.outstanding = false;
}

void injecting_trouble(const char *what)
{
    unsigned offset;
    const char *symbol =
        symbol_of(injecting.w->stop[injecting.at].f.rip, &offset);

    if (!injecting.i->trouble[0])
        fmt(injecting.i->trouble, sizeof(injecting.i->trouble),
            "%s at %s+0x%x: %s", window_event_name(injecting.i->event), symbol,
            offset, what);
}

/* The end, compared with the undisturbed walk's. */
bool injecting_ended_well(unsigned stops, enum run_end end)
{
    const struct outcome *o = engine_last();
    const struct walk *w = injecting.w;

    return end == RUN_GATE && stops == w->stops &&
           injecting_same_registers(&o->frame, &w->final) &&
           o->gs_base == w->final_gs &&
           o->kernel_gs_base == w->final_kernel_gs &&
           o->gs == w->final_selector;
}

static void begin(struct injection *i)
{
    __builtin_memset(i->at, 0, sizeof(i->at[0]) * i->walk->stops);
    i->walks = 1;
    i->closely = 0;
    i->hung = false;
    i->trouble[0] = '\0';
    i->changed = (struct diff){"", ""};
    injecting.i = i;
    injecting.w = i->walk;
    injecting.vector = event_vector(i->event);
    injecting.stub = specimen_stub(injecting.w->specimen, injecting.vector);
    injecting.from = 0;
    injecting.once = same_stack(injecting.w, i->event) && injecting.stub->nests;
}

/* Mostly one walk is enough.  One that does not come to its end has been led
 * away by the last event: the next begins to inject behind that boundary. */
static void walk_until_end(void)
{
    static const struct visitor injector = {.stop = injecting_compare,
                                            .leave = injecting_send,
                                            .over = over,
                                            .call = on_call,
                                            .astray = astray};
    struct calls calls;
    enum run_end end;

    for (; injecting.from < injecting.w->stops; injecting.i->walks++) {
        unsigned stops;

        injecting.any = injecting.outstanding = false;
        stops = walk_once(injecting.w, &injector, &end, &calls);
        if (injecting_ended_well(stops, end))
            return;
        injecting_trouble(end == RUN_GATE     ? "ring 3 did not get all back"
                          : end == RUN_NO_NMI ? "the NMI was not taken"
                                              : engine_trouble());
        if (!injecting.any)
            return;
        injecting.i->at[injecting.at].damaged = true;
        if (end == RUN_GATE)
            injecting_name_end();
        injecting.i->hung = end == RUN_HANG;
        if (injecting.i->hung)
            return;
        injecting.from = injecting.at + 1;
    }
}

void walk_injecting(struct injection *i)
{
    begin(i);
    if (!injecting.once) {
        walk_until_end();
        return;
    }
    for (unsigned n = 0; n < i->walk->stops && !i->hung; n++)
        if (can_land(i->walk, &i->walk->stop[n], i->event))
            nest_walk(n);
}
