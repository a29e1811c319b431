/* SPDX-License-Identifier: MIT */
/*
 * The faults of an exit that this machine may not raise.
 *
 * An IRETQ to ring 3 can raise #GP, #NP and #SS, each by something that ring 3
 * may have had put into the frame, and a load of GS #GP and #NP.  Which comes
 * of what, emulators do not agree on with silicon (QEMU and Bochs give #NP for
 * an SS that is absent, silicon #SS: CVE-2014-9322), and some never come.  So,
 * as with #MC, a frame as the processor would have pushed it is written where
 * it would have been, and the fault's stub entered:
 *
 *	the exit's stack                 the fault's stub
 *	  RSP ->  the frame for IRETQ
 *	  SS RSP RFLAGS CS
 *	  RIP     IRETQ's address
 *	  error code   <- RSP            first instruction
 *
 * It must come to the kernel's base.  What a kernel does about such a fault is
 * its own affair: where its body is called the walk ends.
 */
#include "code.h"
#include "fmt.h"
#include "hostile.h"
#include "judge.h"
#include "macros.h"
#include "msr.h"
#include "vectors.h"
#include "walking.h"

#define EXITS_MAX 16
#define ERROR_SELECTOR 0xfffcu

static struct {
    uint64_t at;
    unsigned bases;
} done[EXITS_MAX];
static unsigned done_count;

static struct {
    const struct walk *w;
    uint64_t at;
    bool sent, wrong;
} built;

void built_begin(void)
{
    done_count = 0;
    __builtin_memset(done, 0, sizeof(done));
}

/* Entered as the processor would have: f becomes its stub's first context. */
static void enter(struct trapframe *f)
{
    unsigned vector = walking.w->fault;
    const struct specimen_stub *stub =
        specimen_stub(walking.w->specimen, vector);
    uint64_t error = vector == VEC_gp ? 0
                     : code_is_iretq(f->rip)
                         ? ((const uint64_t *)f->rsp)[vector == VEC_ss ? 4 : 1]
                         : f->rdi;
    uint64_t *frame;

    f->rflags |= FLAG_RF;
    frame = (uint64_t *)bench_push_frame(vector, f);
    frame[-1] = error & ERROR_SELECTOR;
    f->rsp = (uint64_t)(frame - 1);
    f->rip = (uint64_t)stub->stub;
    f->rflags &= ~(uint64_t)(FLAG_RF | FLAG_NT | FLAG_TF |
                             (stub->trap_gate ? 0 : FLAG_IF));
    walking.faulted = true;
    walking.frame = frame;
    walking.seen = true;
    __builtin_memcpy(walking.pushed, frame, sizeof(walking.pushed));
}

static void stop(unsigned n, const struct outcome *o, struct trapframe *f)
{
    (void)n;
    (void)o;
    if (f->rip != built.at || f->cs & 3 || built.sent)
        return;
    built.sent = true;
    enter(f);
}

static void astray(unsigned vector, uint64_t rip, uint64_t gs_base)
{
    if (built.sent && walk_wrong(built.w, gs_base))
        built.wrong = true;
    engine_abandon("%s at %llx", vector_info(vector)->mnemonic,
                   (unsigned long long)rip);
}

static bool called(const struct call *c)
{
    if (!built.sent)
        return false;
    built.wrong = walk_wrong(built.w, c->gs_base);
    engine_abandon("the fault has come to its body");
}

/* Does the fault's handler come to the user's base? */
static bool comes_wrong(struct walk *w, unsigned vector, uint64_t at)
{
    static const struct visitor visitor = {
        .stop = stop, .call = called, .astray = astray};
    unsigned was = w->fault;
    struct calls calls;
    enum run_end end;

    built.w = w;
    built.at = at;
    built.sent = built.wrong = false;
    w->fault = vector;
    walk_once(w, &visitor, &end, &calls);
    w->fault = was;
    return built.wrong;
}

/* The IRETQ to ring 3 that ends the path, or a load of GS between two SWAPGS:
 * where ring 3 has a say in what comes. */
static bool may_fault(const struct walk *w, unsigned n)
{
    const struct stop *s = &w->stop[n];

    if (s->f.cs & 3 || !s->boundary)
        return false;
    if (w->subject->s.vector == VEC_LOAD_GS) /* the one that has faulted */
        return code_loads_gs(s->f.rip) && n + 1 < w->stops &&
               w->stop[n + 1].f.rip ==
                   (uint64_t)specimen_stub(w->specimen, w->fault)->stub;
    return n + 1 == w->stops && w->subject->s.from == FROM_RING3 &&
           !w->subject->in_call && !w->subject->fault &&
           code_is_iretq(s->f.rip);
}

/* Each exit once with each base; of those that find no room, each time. */
static bool is_done(uint64_t at, enum window_base base)
{
    unsigned i = 0, was;

    while (i < done_count && done[i].at != at)
        i++;
    if (i == EXITS_MAX)
        return false;
    if (i == done_count)
        done[done_count++].at = at;
    was = done[i].bases;
    done[i].bases |= 1u << base;
    return was >> base & 1;
}

static void faults_at(struct diff *d, struct walk *w, unsigned n)
{
    static const uint8_t faults[] = {VEC_ss, VEC_np, VEC_gp};
    bool loads = w->subject->s.vector == VEC_LOAD_GS;
    char expected[48];

    for (unsigned i = loads; i < COUNT(faults) && !diff_any(d); i++) {
        const struct specimen_stub *stub =
            specimen_stub(w->specimen, faults[i]);

        if (!stub)
            continue;
        fmt(expected, sizeof(expected), "kernel's GS base in its %s, built",
            vector_info(faults[i])->mnemonic);
        if (comes_wrong(w, faults[i], w->stop[n].f.rip) &&
            !judge_limit(w, stub))
            judge_differ_at(d, w, n, expected, "user's GS base");
        if (!built.sent)
            judge_differ_at(d, w, n, expected, "not come to once more");
    }
}

void built_faults(struct diff *d, struct walk *w)
{
    for (unsigned n = 0; n < w->stops; n++)
        if (may_fault(w, n) && !is_done(w->stop[n].f.rip, w->base))
            faults_at(d, w, n);
}
