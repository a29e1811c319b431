/* SPDX-License-Identifier: MIT */
/*
 * One stimulus, one run; see trial.h.  verdict.c says what is to be made of it.
 *
 * Around a run everything is set that the code under test could have changed
 * or could depend on, so that no check rests on the one before it: registers,
 * the stack around RSP, GS bases, CR2, DR6.  What the case itself changes it
 * has to change back; that is looked at here, and put right, behind each run.
 */
#include "trial.h"

#include "apic.h"
#include "engine/machine_state.h"
#include "engine/payload.h"
#include "engine/persona.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "msr.h"
#include "mutants.h"
#include "percpu.h"
#include "selectors.h"
#include "specimen.h"
#include "vectors.h"

volatile uint32_t stimulus_stop __attribute__((section(".user.data")));
volatile uint64_t stimulus_deadline __attribute__((section(".user.data")));
volatile int32_t stimulus_looks __attribute__((section(".user.data")));

#define WAIT_SECONDS 3
#define WAIT_LOOKS 1000000

static struct trial *now;

void stimulus_stop_spinning(unsigned nth)
{
    (void)nth;
    stimulus_stop = 1;
}

const struct stimulus *stimulus_now(void)
{
    return now->x.s;
}

const struct trapframe *stimulus_context(void)
{
    return &now->x.context;
}

void want_at(struct want *w, unsigned i, const struct stimulus *s,
             const struct trapframe *c)
{
    static struct want one;
    struct start x = now->x;

    x.s = s;
    x.context = *c;
    predict(&one, &x);
    w->event[i] = one.event[0];
    w->count = i + 1;
}

void want_as(struct want *w, const struct stimulus *s)
{
    struct start x = now->x;

    x.s = s;
    predict(w, &x);
}

void want_vector(struct want *w, unsigned vector)
{
    struct stimulus s = *now->x.s;

    s.vector = vector;
    want_as(w, &s);
}

void trial_begin(struct trial *t, const struct stimulus *s, uint64_t user)
{
    bool ring0 = s->from == FROM_RING0;

    *t = (struct trial){
        .x = {.s = s,
              .gs_base = ring0 ? (uint64_t)percpu : user,
              .kernel_gs_base = ring0 ? user : (uint64_t)percpu},
    };
}

/* The data selectors are a context's own, like its general registers; bases
 * that come along with FS and GS are put right behind this. */
static void drop_selectors(void)
{
    write_ds(0);
    write_es(0);
    if (read_fs()) /* NULL may bring a base along, and hide one that is left */
        write_fs(0);
    write_gs(0);
}

const char *trial_too_early(const struct stimulus *s, const struct outcome *o)
{
    return s->send && o->frame.vector == VEC_mc && !(o->frame.cs & 3) &&
                   !engine_under_test(o->frame.rip)
               ? "it came before the code ran"
               : 0;
}

const char *trial_not_sent(const struct stimulus *s, unsigned entries)
{
    return s->send && !entries && engine_end() == RUN_GATE
               ? "what was asked for outside did not come in time"
               : 0;
}

enum run_end trial_run(struct trial *t, const struct run *r)
{
    const struct stimulus *s = t->x.s;
    enum run_end end;
    uint64_t rsp;

    now = t;
    t->x.context = payload_context(s->from, s->start);
    rsp = t->x.context.rsp; /* before() may want another one */
    stimulus_stop = 0;
    stimulus_deadline = rdtsc() + WAIT_SECONDS * handoff.tsc_hz;
    stimulus_looks = WAIT_LOOKS;
    write_cr2(CR2_BEFORE);
    write_dr6(DR6_CLEAR);
    engine_set_gs(t->x.gs_base, t->x.kernel_gs_base);
    if (s->before)
        s->before(&t->x.context);
    t->x.dr7 = read_dr7();
    start_tables(&t->x);
    mutants_set();
    end = engine_run(r, &t->x.context);
    if (s->after)
        s->after();
    drop_selectors();
    engine_set_gs((uint64_t)percpu, 0);
    if (specimen_installed()) /* it came between, and has the tables changed */
        specimen_remove();
    /* In this order: an interrupt can be taken only when none is in service,
     * and through an IDT that is right again. */
    t->left.in_service = apic_quiesce();
    t->left.changed = machine_restore();
    if (mutants_on()) /* what one has set is no case's leaving */
        t->left.changed = 0;
    /* Not sooner: the case may have watched it with a breakpoint. */
    t->stack_intact.below = payload_below_intact(rsp);
    t->stack_intact.above = payload_above_intact(rsp);
    t->left.pending = engine_drain();
    return end;
}

/* Enough for the code to go on: it is not to fault for ever, nor to step. */
void trial_mend(const struct start *x, struct trapframe *f)
{
    if (f->vector == VEC_db) {
        f->rflags &= ~(uint64_t)FLAG_TF;
        f->rflags |= FLAG_RF; /* over an instruction breakpoint, once */
    }
    if (f->vector < VECTORS && vector_info((unsigned)f->vector)->class == FAULT)
        f->rip = (uint64_t)x->s->resume;
    if (f->vector == VEC_df) { /* nothing that it saved can be relied on */
        uint64_t vector = f->vector;
        *f = x->context;
        f->vector = vector;
        f->rip = (uint64_t)x->s->resume;
    }
    if (f->vector == VEC_mc && x->s->saved != SAVED_RESUME) /* no INT 18 */
        wrmsr(MSR_MCG_STATUS, 0); /* else the next one is a shutdown */
}

/* An MSR entry has no frame to go back by: IRETQ from what it left. */
static void frame_of_call(const struct start *x, struct trapframe *f)
{
    f->cs = x->context.cs;
    f->ss = x->context.ss;
    if (f->vector == VEC_SYSENTER) {
        f->rip = (uint64_t)x->s->resume;
        f->rsp = x->context.rsp;
        f->rflags = x->context.rflags;
    } else {
        f->rip = f->rcx;
        f->rflags = f->r11;
    }
}

static struct trapframe *on_event(struct outcome *o)
{
    static struct trapframe f;
    const struct stimulus *s = now->x.s;
    unsigned nth = now->seen.count;

    if (nth == WANT_MAX - 1)
        engine_abandon("entered more than %d times", WANT_MAX - 1);
    now->seen.event[now->seen.count++] = *o;
    mutants_shown(nth, &now->seen.event[nth]);
    f = o->frame;
    if (f.vector >= VECTORS)
        frame_of_call(&now->x, &f);
    else if (!s->no_eoi && vector_info((unsigned)f.vector)->class == EVENT &&
             f.vector != VEC_nmi && apic_in_service((uint8_t)f.vector))
        apic_eoi();
    trial_mend(&now->x, &f);
    if (s->in_handler)
        s->in_handler(nth);
    if (s->mend)
        s->mend(nth, o, &f);
    return &f;
}

void trial_capture(struct trial *t)
{
    struct run r = {
        .on_event = on_event, .begun = t->x.s->send, .nmi = t->x.s->nmi};
    enum run_end end;

    if (t->x.s->vector == VEC_gate)
        r.own_gates = t->x.s->entries;
    t->seen.count = 0;
    end = trial_run(t, &r);
    if (end == RUN_GATE) { /* the arrival is the last of the outcomes */
        t->seen.event[t->seen.count] = *engine_last();
        mutants_shown(t->seen.count, &t->seen.event[t->seen.count]);
        t->seen.count++;
    }
    trial_judge(t, end);
}
