/* SPDX-License-Identifier: MIT */
/*
 * How many instructions a path has, undisturbed: the proof that a walk has
 * stopped at every one of them.
 *
 * Some machines' TSC counts instructions: Bochs's, and QEMU's with -icount.
 * What the harness does around a path, and in the specimen's handler, is the
 * same every time, so it is measured and taken off.  This rests on:
 *
 * 1. Each instruction is the same number of ticks.  Tried with NOPs.
 * 2. RDTSC sees all that ran before it.  Bochs since 3.0 runs the code up to
 *    the next taken branch as one piece, and counts it when that is done: an
 *    RDTSC in the middle of a piece does not see the piece's beginning.  So
 *    there is a jump in front of each one here and in entry/body.S.  Tried
 *    with specimen_handle and specimen_body, whose lengths are known.
 * 3. An instruction that faults counts, or it does not: QEMU counts HLT in
 *    ring 3, and a load from an absent page it does not.  Tried with that very
 *    instruction and a stub whose length is known.
 *
 * Where one of them does not hold nothing is counted, and a note says so: that
 * is no fault of the machine's.
 */
#include "count.h"

#include "engine/payload.h"
#include "idt.h"
#include "insn.h"
#include "record/result.h"
#include "specimen.h"
#include "vectors.h"

#define NOPS 64
#define TRIES 3

/* Instructions of entry/body.S that a call of each takes, without those from
 * one RDTSC to the next, and less one, for the CALL stands for itself. */
#define HANDLE_LENGTH 20
#define BODY_LENGTH 44

#define SKIP_LENGTH 5 /* of count_skip; count_skip_error has one more */

RING0(count_nothing, "", "nop", "");
RING0(count_nops, "", ".rept 64\nnop\n.endr", "");
RING0(count_body, "", "call specimen_body", "");
RING0(count_handle, "", "call specimen_handle", "");
RING3(count_nothing3, "", "nop", "");
COMPAT(count_nothingc, "", "nop", "");

/* Gates for a fault that is to be skipped: on to count_resume. */
__asm__(".pushsection .text\n"
        "count_skip_error: add $8, %rsp\n"
        "count_skip: push %rax\n"
        "mov count_resume(%rip), %rax\n"
        "mov %rax, 8(%rsp)\n"
        "pop %rax\n"
        "iretq\n"
        ".popsection");
extern const char count_skip[], count_skip_error[];
uint64_t count_resume;

extern volatile uint32_t specimen_ticks; /* entry/body.S */

static struct {
    bool on;
    uint32_t unit; /* TSC ticks an instruction */
    uint32_t nothing[FROM_COUNT];
} count;

static struct trapframe *on_event(struct outcome *o)
{
    (void)o;
    engine_abandon("an event while instructions are counted");
}

static leave on_entry(const struct outcome *o, struct trapframe *f)
{
    (void)o;
    (void)f;
    return LEAVE_AS_ENTERED;
}

static void on_body(const struct body *b)
{
    (void)b;
}

static uint32_t rdtsc_exact(void)
{
    __asm__ volatile("jmp 1f\n1:");
    return (uint32_t)rdtsc();
}

uint32_t count_run(const struct run *r, const struct trapframe *c)
{
    uint32_t start;

    specimen_ticks = 0;
    start = rdtsc_exact();
    engine_run(r, c);
    return rdtsc_exact() - start - specimen_ticks;
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

/* Instructions, less one: the code's own stands where the NOP was. */
static uint32_t more_than_nothing(enum origin from, const char *code)
{
    return (ticks(from, code) - count.nothing[from]) / count.unit;
}

/* Does the TSC count instructions at all? */
static bool counts_nops(void)
{
    uint32_t nothing = ticks(FROM_RING0, count_nothing),
             nops = ticks(FROM_RING0, count_nops);

    count.nothing[FROM_RING0] = nothing;
    count.unit = (nops - nothing) / (NOPS - 1);
    return count.unit && nops - nothing == count.unit * (NOPS - 1) &&
           ticks(FROM_RING0, count_nothing) == nothing &&
           ticks(FROM_RING0, count_nops) == nops;
}

void count_begin(void)
{
    static bool noted;
    uint32_t handle, body;

    /* A kernel's functions take the harness's time, and are not timed. */
    count.on = !(specimen_own && specimen_own->kernel) && counts_nops();
    if (!count.on)
        return;
    count.nothing[FROM_RING3] = ticks(FROM_RING3, count_nothing3);
    count.nothing[FROM_COMPAT] = ticks(FROM_COMPAT, count_nothingc);
    handle = more_than_nothing(FROM_RING0, count_handle);
    body = more_than_nothing(FROM_RING0, count_body);
    count.on = handle == HANDLE_LENGTH && body == BODY_LENGTH;
    if (!count.on && !noted)
        result_note("The window's paths are not counted: this TSC counts NOPs, "
                    "but %u for %u and %u for %u instructions of the harness.",
                    handle, HANDLE_LENGTH, body, BODY_LENGTH);
    noted = !count.on;
}

bool count_on(void)
{
    return count.on;
}

uint32_t count_instructions(enum origin from, uint32_t t, unsigned bodies,
                            unsigned handles)
{
    /* The NOP for the instruction that enters; the two CALLs likewise. */
    return (t - count.nothing[from]) / count.unit + 1 - bodies * BODY_LENGTH -
           handles * HANDLE_LENGTH;
}

bool count_fault(const struct stimulus *s, unsigned lead, uint32_t *counts)
{
    bool error = vector_info(s->vector)->error_code;
    struct gate was = idt[s->vector];
    unsigned known = lead + SKIP_LENGTH + error;
    uint32_t seen;

    count_resume = (uint64_t)s->resume;
    idt[s->vector] = gate_make(error ? count_skip_error : count_skip,
                               GATE_INTERRUPT, vector_info(s->vector)->ist, 0);
    seen = more_than_nothing(s->from, s->start) + 1;
    idt[s->vector] = was;
    *counts = seen - known;
    return seen == known || seen == known + 1;
}
