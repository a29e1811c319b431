/* SPDX-License-Identifier: MIT */
/*
 * The undisturbed walk: what every stop of a path looks like, for the walks
 * with events to be compared with, and which rule would be right there.
 *
 * All that an event must give back is kept: the registers, both bases, and the
 * words of the stack that are in use.  A few words below RSP are kept as well:
 * a stub that takes RSP off a frame and comes back to it (an NMI's, which
 * copies its frame) has something there.
 *
 * The same path is then run at full speed and its instructions are counted,
 * where the machine can (count.c): a boundary that the walk has missed shows
 * there and nowhere else.
 */
#include "code.h"
#include "count.h"
#include "engine/persona.h"
#include "fmt.h"
#include "insn.h"
#include "macros.h"
#include "msr.h"
#include "stacks.h"
#include "symbols.h"
#include "vectors.h"
#include "walking.h"

#define GATE_LENGTH 2 /* of INT n */
#define COUNT_TRIES 2 /* the watchdog's NMI may be due in one of them */

static struct walk *recorded;

#define SWITCH_BYTES 512 /* RSP goes further at once: another stack */

static bool near(uint64_t a, uint64_t b)
{
    return (a < b ? b - a : a - b) <= SWITCH_BYTES;
}

/*
 * Where the stack in use ends; 0: not known.  Of a stack of the specimen's own
 * nothing is known but what the walk has seen: below where RSP was when it
 * came there, or below the frame that the processor pushed, all is its.  The
 * user's stack (SYSCALL's first instructions) is nobody's.
 */
static uint64_t top_of(const struct walk *w, unsigned n, uint64_t rsp)
{
    enum stack stack = stack_at(rsp);
    uint64_t own = bench_stack_top(w->specimen), top = rsp, came = rsp;

    if (rsp <= own && own - rsp < STACK_SIZE)
        return own;
    if (stack != STACK_COUNT)
        return STACK_TOP(stack);
    for (; n > 0; n--) {
        const struct trapframe *before = &w->stop[n - 1].f;

        if (before->cs & 3)
            return near(before->rsp, came) ? 0 : came + FRAME_WORDS * 8;
        if (!near(before->rsp, came))
            return top;
        came = before->rsp;
        top = came > top ? came : top;
    }
    return 0;
}

unsigned walk_words(const struct walk *w, unsigned n, uint64_t rsp)
{
    uint64_t top = w->stop[n].f.cs & 3 ? 0 : top_of(w, n, rsp);

    return top > rsp && top - rsp < STACK_SIZE ? (unsigned)(top - rsp) / 8 : 0;
}

/* The words in use hold what is to be returned to. */
static unsigned words_in_use(unsigned n, uint64_t rsp)
{
    unsigned words = walk_words(recorded, n, rsp);

    return words < STACK_WORDS ? words : STACK_WORDS;
}

/* Does the instruction before hold events off for one boundary? */
static bool in_shadow(unsigned n)
{
    const struct stop *before = &recorded->stop[n - 1];

    return n && before->boundary &&
           ((code_is_sti(before->f.rip) && !(before->flags & WINDOW_IF)) ||
            code_loads_ss(before->f.rip));
}

/* What the path is to give back: the context at its first stop, or what the
 * processor has pushed of it where that is in the stub already.  A routine
 * returns behind its CALL. */
static void keep_interrupted(const struct outcome *o, const struct trapframe *f)
{
    recorded->was = *o;
    recorded->was.frame = *f;
    if (f->cs & 3)
        return;
    if (subject_vector(recorded->subject) < VECTORS) {
        __builtin_memcpy(&recorded->was.frame.rip, walking.frame,
                         FRAME_WORDS * 8);
    } else {
        recorded->was.frame.rip = *(const uint64_t *)f->rsp;
        recorded->was.frame.rsp = f->rsp + 8;
    }
}

/* With 48 bits or with 57: what ring 3 is given here is neither. */
static bool canonical(uint64_t address)
{
    return (uint64_t)((int64_t)(address << 7) >> 7) == address;
}

static void record(unsigned n, const struct outcome *o, struct trapframe *f)
{
    struct stop *s = &recorded->stop[n];

    s->f = *f;
    s->gs_base = o->gs_base;
    s->kernel_gs_base = o->kernel_gs_base;
    s->gs = o->gs;
    s->cr3 = read_cr3();
    s->users = walk_users(recorded, o->gs_base);
    s->boundary = f->cs & 3 || engine_under_test(f->rip);
    s->words = f->cs & 3 ? 0 : (uint8_t)words_in_use(n, f->rsp);
    if (s->words)
        __builtin_memcpy(s->stack, (const uint64_t *)f->rsp - BELOW_WORDS,
                         (BELOW_WORDS + s->words) * 8);
    s->flags = (uint8_t)((f->cs & 3 ? 0 : WINDOW_IN_RING0) |
                         (f->rflags & FLAG_IF ? WINDOW_IF : 0));
    if (!n)
        keep_interrupted(o, f);
    if (in_shadow(n))
        s->flags |= WINDOW_SHADOW;
    if (!s->boundary)
        return;
    rules_try(s, recorded->kernel_gs, (const void *)o->rsp);
    recorded->boundaries++;
    if (!(f->cs & 3)) {
        recorded->swaps += code_is_swapgs(f->rip);
        recorded->leaves = code_leaves_ring0(f->rip);
        if (code_is_sysretq(f->rip) && !canonical(f->rcx) && !persona.amd)
            recorded->bad_sysret = n;
    }
}

static void astray(unsigned vector, uint64_t rip, uint64_t gs_base)
{
    char place[SYMBOL_PLACE_MAX];

    if (walking.faulted && walk_wrong(recorded, gs_base))
        recorded->calls.fault_wrong++;
    symbol_place(place, sizeof(place), rip);
    engine_abandon("%s at %s, gs base %llx", vector_info(vector)->mnemonic,
                   place, (unsigned long long)gs_base);
}

static unsigned record_walk(struct walk *w)
{
    static const struct visitor recorder = {.stop = record, .astray = astray};

    w->boundaries = w->swaps = w->bad_sysret = 0;
    w->leaves = false;
    return walk_once(w, &recorder, &w->end, &w->calls);
}

/* At full speed: the path's instructions; 0: they cannot be counted. */
static uint32_t instructions(const struct walk *w)
{
    const struct stimulus *s = &w->subject->s;
    bool faults = s->vector < VECTORS && vector_info(s->vector)->class == FAULT;
    struct calls calls;
    enum run_end end;
    uint32_t best = ~0u, entering = 1;

    if (faults && !count_fault(s, w->subject->lead, &entering))
        return 0;
    for (unsigned i = 0; i < COUNT_TRIES; i++) {
        uint32_t n;

        walk_once(w, 0, &end, &calls);
        if (end != RUN_GATE)
            return 0;
        n = count_instructions(s->from, walking.ticks, walking.bodies,
                               walking.handles);
        best = n < best ? n : best;
    }
    return best + 1 - entering - walking.lead;
}

void walk_undisturbed(struct walk *w)
{
    static const uint8_t faults[] = {VEC_gp, VEC_np, VEC_ss};
    const struct outcome *o = engine_last();

    recorded = w;
    w->trouble[0] = '\0';
    w->fault = w->subject->fault;
    w->stops = record_walk(w);
    /* Some raise another one; whether they may is iret_bad's question. */
    for (unsigned i = 0; w->end == RUN_ABANDONED && w->subject->spoil &&
                         !w->calls.fault_wrong && i < COUNT(faults);
         i++) {
        w->fault = faults[i];
        w->stops = record_walk(w);
    }
    w->spoilt = walking.spoilt;
    w->faulted = walking.faulted;
    w->fixed = walking.fixed;
    w->returned = walking.returned;
    w->back = walking.returned ? walking.back : *o;
    if (!walking.returned)
        w->back.frame.rip -= GATE_LENGTH; /* ring 3 is at the gate */
    w->final = o->frame;
    w->final_gs = o->gs_base;
    w->final_kernel_gs = o->kernel_gs_base;
    w->final_selector = o->gs;
    w->instructions = 0;
    if (count_on() && w->end == RUN_GATE && w->subject->first == NO_EVENT &&
        !w->subject->asynchronous && !w->subject->fault && !walking.moved)
        w->instructions = instructions(w);
    if (w->end != RUN_GATE)
        fmt(w->trouble, sizeof(w->trouble), "%s", engine_trouble());
}
