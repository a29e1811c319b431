/* SPDX-License-Identifier: MIT */
/*
 * How many instructions a path has, undisturbed: the proof that a walk has
 * stopped at every one of them.
 *
 * Some machines' TSC counts instructions: Bochs's, and QEMU's with -icount.
 * Whether this one's does is tried out first.  What the harness does around a
 * path, and in the specimen's handler, is always the same, so it is measured
 * and taken off.
 */
#include "count.h"

#include "engine/payload.h"
#include "insn.h"
#include "vectors.h"

#define NOPS 64
#define TRIES 3

RING0(count_nothing, "", "nop", "");
RING0(count_nops, "", ".rept 64\nnop\n.endr", "");
RING0(count_body, "", "call specimen_body", "");
RING0(count_handle, "", "call specimen_handle", "");
RING3(count_nothing3, "", "nop", "");
COMPAT(count_nothingc, "", "nop", "");

extern volatile uint32_t specimen_ticks; /* entry/body.S */

static struct {
    bool on;
    uint32_t unit; /* TSC ticks an instruction */
    uint32_t nothing[FROM_COUNT];
    uint32_t body, handle; /* instructions around the handler's C part */
} count;

static struct trapframe *on_event(struct outcome *o)
{
    (void)o;
    engine_abandon("an event while instructions are counted");
}

static leave on_entry(const struct entry *e, struct trapframe *f)
{
    (void)e;
    (void)f;
    return LEAVE_AS_ENTERED;
}

static void on_body(const struct body *b)
{
    (void)b;
}

uint32_t count_run(const struct run *r, const struct trapframe *c)
{
    uint32_t start;

    specimen_ticks = 0;
    start = (uint32_t)rdtsc();
    engine_run(r, c);
    return (uint32_t)rdtsc() - start - specimen_ticks;
}

static uint32_t ticks(enum origin from, const char *code)
{
    static const struct run r = {
        .on_event = on_event, .on_entry = on_entry, .on_body = on_body};
    static struct trapframe dummy = {.vector = VEC_SYSCALL64};
    struct trapframe c = payload_context(from, code);
    uint32_t best = ~0u;

    c.rdi = (uint64_t)&dummy;
    for (unsigned i = 0; i < TRIES; i++) { /* the watchdog may be due once */
        uint32_t t = count_run(&r, &c);

        best = t < best ? t : best;
    }
    return best;
}

void count_begin(void)
{
    uint32_t nothing = ticks(FROM_RING0, count_nothing), all;

    count.unit = (ticks(FROM_RING0, count_nops) - nothing) / (NOPS - 1);
    all = ticks(FROM_RING0, count_nops) - nothing;
    count.on = count.unit && all == count.unit * (NOPS - 1) &&
               ticks(FROM_RING0, count_nothing) == nothing &&
               ticks(FROM_RING0, count_nops) - nothing == all;
    if (!count.on)
        return;
    count.nothing[FROM_RING0] = nothing;
    count.nothing[FROM_RING3] = ticks(FROM_RING3, count_nothing3);
    count.nothing[FROM_COMPAT] = ticks(FROM_COMPAT, count_nothingc);
    count.body = (ticks(FROM_RING0, count_body) - nothing) / count.unit;
    count.handle = (ticks(FROM_RING0, count_handle) - nothing) / count.unit;
}

bool count_on(void)
{
    return count.on;
}

uint32_t count_instructions(enum origin from, uint32_t t, unsigned bodies,
                            unsigned handles)
{
    /* The NOP for the instruction that enters; the two CALLs likewise. */
    return (t - count.nothing[from]) / count.unit + 1 - bodies * count.body -
           handles * count.handle;
}
