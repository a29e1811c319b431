/* SPDX-License-Identifier: MIT */
/*
 * The walks with events: one at every boundary, and after each the next stop
 * compared with the undisturbed walk's.
 *
 * How an event is made to land exactly there, from the harness's #DB handler,
 * which knows the boundary's whole context: #DB, by a single-step trap on the
 * IRETQ into it; NMI, by a pair of them (engine_go_with_nmi); an interrupt, by
 * requesting it with IF off.  #MC is a call of its stub on a frame as the
 * processor would have pushed it.
 *
 * A stub that goes wrong is told of and made good: the walk goes on from the
 * next stop as it should have been.
 */
#include "apic.h"
#include "fmt.h"
#include "insn.h"
#include "msr.h"
#include "records.h"
#include "selectors.h"
#include "symbols.h"
#include "vectors.h"
#include "walk.h"

#define REQUEST_POLLS 10000
#define AGAIN 4 /* calls too many: a stub that has lost its way back */

static struct {
    struct injection *i;
    const struct walk *w;
    unsigned vector;
    const struct specimen_stub *stub; /* of the event */
    unsigned from;                    /* the first stop where one is injected */
    unsigned at;                      /* the last stop where one was */
    bool any;                         /* ... if one was */
    bool once;   /* at from alone, and the walk is another one then */
    bool looked; /* once: where the event landed has been looked at */
    unsigned calls;
    bool outstanding;   /* it has not come back yet */
    struct trapframe f; /* the context that it landed in */
} now;

bool same_stack(const struct walk *w, enum window_event e)
{
    return w->subject->first == e;
}

static bool lands(const struct stop *s, enum window_event e)
{
    return s->boundary && (e != WINDOW_IRQ || s->flags & WINDOW_IF);
}

bool can_land(const struct walk *w, const struct stop *s, enum window_event e)
{
    return specimen_stub(w->specimen, event_vector(e)) && lands(s, e);
}

static bool same_registers(const struct trapframe *a, const struct trapframe *b)
{
    const uint64_t *x = &a->r15, *y = &b->r15;

    for (unsigned i = 0; i < 15; i++)
        if (x[i] != y[i])
            return false;
    return a->rip == b->rip && a->cs == b->cs && a->rsp == b->rsp &&
           !((a->rflags ^ b->rflags) & ~(uint64_t)(FLAG_TF | FLAG_RF));
}

static bool same_words(const struct stop *s)
{
    const uint64_t *live = (const uint64_t *)s->f.rsp;

    for (unsigned i = 0; i < s->words; i++)
        if (live[i] != s->stack[BELOW_WORDS + i])
            return false;
    return true;
}

/* Is all as it was without the event?  Else it is made so. */
static void on_stop(unsigned n, const struct outcome *o, struct trapframe *f)
{
    const struct stop *s = &now.w->stop[n];

    if (n >= now.w->stops)
        engine_abandon("goes on where it should have ended");
    now.outstanding = false;
    if (same_registers(f, &s->f) && o->gs_base == s->gs_base &&
        o->kernel_gs_base == s->kernel_gs_base && same_words(s))
        return;
    if (!now.any) /* nothing has been injected yet */
        engine_abandon("does not do the same thing twice");
    now.i->at[now.at].damaged = true;
    walk_restore(n, f);
}

static void inject(unsigned n, struct trapframe *f)
{
    if (n < now.from || (now.once && now.any) ||
        !lands(&now.w->stop[n], now.i->event))
        return;
    now.at = n;
    now.any = now.outstanding = true;
    now.i->at[n].sent++;
    now.f = *f;
    records_place(now.w, f->rip, (uint64_t)now.stub->stub);
    switch (now.i->event) {
    case WINDOW_DB:
        bench_take(VEC_db);
        engine_go_with_trap(f);
    case WINDOW_NMI:
        engine_go_with_nmi(f);
    case WINDOW_MC:
        f->rsp = bench_push_frame(VEC_mc, f);
        f->rip = (uint64_t)now.stub->stub;
        f->cs = SEL_KERNEL_CS;
        f->ss = 0;
        f->rflags = FLAG_ONE;
        engine_go(f);
    default:
        apic_send_self(APIC_DELIVER_FIXED, VEC_WINDOW_IRQ);
        for (unsigned i = 0;
             i < REQUEST_POLLS && !apic_requested(VEC_WINDOW_IRQ); i++)
            ;
    }
}

/* The event has come to the specimen's handler. */
static bool on_call(const struct call *c)
{
    struct landing *l = &now.i->at[now.at];
    const uint64_t *frame;

    if (!now.outstanding || (c->f && c->vector != now.vector))
        return false;
    if (now.vector == VEC_db)
        bench_take_db();
    frame = bench_event_frame(now.vector, &now.f);
    l->exact = ++l->delivered == 1 && frame[0] == now.f.rip &&
               frame[1] == now.f.cs && frame[3] == now.f.rsp &&
               !((frame[2] ^ now.f.rflags) & ~(uint64_t)FLAG_RF) &&
               (!c->f || same_registers(c->f, &now.f));
    if (c->gs_base != now.w->kernel_gs)
        l->wrong = true;
    return true;
}

static void astray(unsigned vector, uint64_t rip, uint64_t gs_base)
{
    unsigned offset;
    const char *symbol = symbol_of(rip, &offset);

    if (!now.outstanding)
        engine_abandon("%s at %s+0x%x", vector_info(vector)->mnemonic, symbol,
                       offset);
    if (gs_base != now.w->kernel_gs)
        now.i->at[now.at].wrong = true;
    now.i->at[now.at].damaged = true;
    now.outstanding = false;
    walk_resume(now.at, false);
}

static void over(void)
{
    now.outstanding = false;
}

static void trouble(const char *what)
{
    unsigned offset;
    const char *symbol = symbol_of(now.w->stop[now.at].f.rip, &offset);

    if (!now.i->trouble[0])
        fmt(now.i->trouble, sizeof(now.i->trouble), "%s at %s+0x%x: %s",
            window_event_name(now.i->event), symbol, offset, what);
}

/* The end, compared with the undisturbed walk's. */
static bool ended_well(unsigned stops, enum run_end end)
{
    const struct outcome *o = engine_last();
    const struct walk *w = now.w;

    return end == RUN_GATE && stops == w->stops &&
           same_registers(&o->frame, &w->final) && o->gs_base == w->final_gs &&
           o->kernel_gs_base == w->final_kernel_gs;
}

/*
 * A second event of the stub's own kind, on its own IST stack, which the stub
 * is to survive: it may be made to run once more, so the walk is another one
 * from there on, and its end alone can be compared.
 */
static void look_at_frame(void)
{
    struct landing *l = &now.i->at[now.at];
    const uint64_t *frame = bench_event_frame(now.vector, &now.f);

    if (now.looked || !now.any)
        return;
    now.looked = true;
    l->exact =
        frame[0] == now.f.rip && frame[1] == now.f.cs && frame[3] == now.f.rsp;
    l->delivered = l->exact;
}

static void nested_stop(unsigned n, const struct outcome *o,
                        struct trapframe *f)
{
    look_at_frame();
    if (!now.any)
        on_stop(n, o, f);
}

/* From the first stop straight on to where the event shall land. */
static void nested_leave(unsigned n, struct trapframe *f)
{
    if (!now.any && n < now.from)
        walk_resume(now.from, true);
    inject(n, f);
}

static bool nested_call(const struct call *c)
{
    look_at_frame();
    bench_take_db();
    if (++now.calls > now.w->calls.count + AGAIN)
        engine_abandon("the handler is called again and again");
    if (now.any && c->gs_base != now.w->kernel_gs)
        now.i->at[now.at].wrong = true;
    return true;
}

static void nested_astray(unsigned vector, uint64_t rip, uint64_t gs_base)
{
    (void)gs_base;
    engine_abandon("%s at %llx", vector_info(vector)->mnemonic,
                   (unsigned long long)rip);
}

/* The handler's calls that come behind a stop. */
static unsigned calls_left(unsigned n)
{
    unsigned left = now.w->calls.count;

    while (n-- > 0)
        left -= !now.w->stop[n].boundary;
    return left;
}

static void walk_nested(unsigned n)
{
    static const struct visitor nester = {.stop = nested_stop,
                                          .leave = nested_leave,
                                          .call = nested_call,
                                          .astray = nested_astray};
    struct calls calls;
    enum run_end end;

    now.from = n;
    now.calls = 0;
    now.any = now.looked = now.outstanding = false;
    walk_once(now.w, &nester, &end, &calls);
    if (end == RUN_HANG) {
        trouble(engine_trouble());
        now.i->hung = true;
    }
    if (!ended_well(now.w->stops, end) || now.calls != calls_left(n) + 1)
        now.i->at[n].damaged = true;
}

static void begin(struct injection *i)
{
    __builtin_memset(i->at, 0, sizeof(i->at[0]) * i->walk->stops);
    i->walks = 1;
    i->hung = false;
    i->trouble[0] = '\0';
    now.i = i;
    now.w = i->walk;
    now.vector = event_vector(i->event);
    now.stub = specimen_stub(now.w->specimen, now.vector);
    now.from = 0;
    now.once = same_stack(now.w, i->event) && now.stub->nests;
}

static void walk_until_end(void)
{
    static const struct visitor injector = {.stop = on_stop,
                                            .leave = inject,
                                            .over = over,
                                            .call = on_call,
                                            .astray = astray};
    struct calls calls;
    enum run_end end;

    for (; now.from < now.w->stops; now.i->walks++) {
        unsigned stops;

        now.any = now.outstanding = false;
        stops = walk_once(now.w, &injector, &end, &calls);
        if (ended_well(stops, end))
            return;
        trouble(end == RUN_GATE     ? "ring 3 did not get all back"
                : end == RUN_NO_NMI ? "the NMI was not taken"
                                    : engine_trouble());
        if (!now.any)
            return;
        now.i->at[now.at].damaged = true;
        now.i->hung = end == RUN_HANG;
        if (now.i->hung)
            return;
        now.from = now.at + 1;
    }
}

void walk_injecting(struct injection *i)
{
    begin(i);
    if (!now.once) {
        walk_until_end();
        return;
    }
    for (unsigned n = 0; n < i->walk->stops && !i->hung; n++)
        if (can_land(i->walk, &i->walk->stop[n], i->event))
            walk_nested(n);
}
