/* SPDX-License-Identifier: MIT */
/* How long an IPI takes; see latency.h. */
#include "latency.h"

#include "apic.h"
#include "engine/engine.h"
#include "engine/payload.h"
#include "engine/processors.h"
#include "idt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/user_shared.h"
#include "lib/wait.h"
#include "macros.h"
#include "msr.h"
#include "percpu.h"
#include "shared.h"
#include "stacks.h"
#include "vectors.h"

#define ANSWER_VECTOR 0xfa
#define SHOOT_VECTOR 0xf9
#define END_VECTOR 0x21
#define SAMPLES 64
#define SAMPLES_MIN 4      /* however long they take */
#define ALL_PART 30        /* of a second, for all samples of a kind */
#define ONE_PART 4         /* of a second, for an answer */
#define LISTENS_PART 2     /* of a second, to be there */
#define LISTENS_SECONDS 10 /* at most */

extern const char latency_ipi[], latency_shoot[], latency_nmi[];
uint32_t latency_answers SHARED;
uint32_t latency_x2apic; /* each processor's own */

_Static_assert(USER_SHARED_TARGET == 2, "latency.S");

RING3(latency_loop, "1:", "lock incl (%rbx)", "pause\n" WAIT_OR("1b"));

static struct record_latency result[2] SHARED; /* by IPI, by NMI */
static uint32_t page[PAGE_SIZE / 4] SHARED __attribute__((aligned(4096)));
static uint64_t samples[SAMPLES]; /* the sender's */

static uint32_t answers(void)
{
    return __atomic_load_n(&latency_answers, __ATOMIC_ACQUIRE);
}

/* --- who answers -----------------------------------------------------------
 */

static struct trapframe *end_of_loop(struct outcome *o)
{
    if (o->frame.vector != END_VECTOR)
        return &o->frame;
    apic_eoi();
    return 0;
}

static void listen(uint64_t unused)
{
    static const struct run r = {.on_event = end_of_loop};
    struct trapframe c = payload_context(FROM_RING3, latency_loop);

    (void)unused;
    c.rbx = user_word_va(processor_self());
    latency_x2apic = apic_is_x2apic();
    stimulus_stop = 0;
    stimulus_looks = 0;
    stimulus_deadline = rdtsc() + LISTENS_SECONDS * handoff.tsc_hz;
    idt[ANSWER_VECTOR] = gate_make(latency_ipi, GATE_INTERRUPT, 0, 0);
    idt[SHOOT_VECTOR] = gate_make(latency_shoot, GATE_INTERRUPT, 0, 0);
    idt[VEC_nmi] = gate_make(latency_nmi, GATE_INTERRUPT, IST_nmi, 0);
    engine_set_gs(0, (uint64_t)percpu);
    engine_run(&r, &c);
    engine_set_gs((uint64_t)percpu, 0);
    idt_point(capture_stubs);
    apic_quiesce();
    engine_drain();
}

/* --- who asks --------------------------------------------------------------
 */

/* Without a look at whether it is on its way: that would be measured, too. */
static void fire(uint32_t id, uint32_t low)
{
    low |= APIC_ICR_ASSERT;
    if (apic_is_x2apic()) {
        memory_fence();
        wrmsr(MSR_X2APIC + APIC_ICR / 16, (uint64_t)id << 32 | low);
        return;
    }
    apic_write(APIC_ICR_HIGH, id << 24);
    apic_write(APIC_ICR, low);
}

static uint64_t ask(unsigned from, unsigned to, uint32_t low)
{
    uint32_t wanted = answers() + (to - from + 1);
    uint64_t begun = rdtsc(), cycles;

    for (unsigned n = from; n <= to; n++)
        fire(processor_apic_id(n), low);
    WAIT_FOR_OTHER(handoff.tsc_hz / ONE_PART, answers() == wanted);
    cycles = rdtsc() - begun;
    return answers() == wanted ? cycles : 0;
}

static uint64_t shoot(unsigned to)
{
    volatile uint64_t *entry = page_shared_entry(USER_SHARED_TARGET);
    uint64_t begun, va = user_shared_va(USER_SHARED_TARGET);

    user_shared_map(USER_SHARED_TARGET, page);
    begun = rdtsc();
    *entry = 0;
    invlpg(va);
    return ask(1, to, APIC_DELIVER_FIXED | SHOOT_VECTOR) ? rdtsc() - begun : 0;
}

static void sort(uint64_t *v, unsigned n)
{
    for (unsigned i = 1; i < n; i++) {
        uint64_t x = v[i];
        unsigned k = i;

        for (; k && v[k - 1] > x; k--)
            v[k] = v[k - 1];
        v[k] = x;
    }
}

/* In its loop: it is round again. */
static bool is_there(unsigned n)
{
    uint32_t turns = user_word(n);

    WAIT_FOR_OTHER(handoff.tsc_hz / LISTENS_PART, user_word(n) - turns >= 2);
    return user_word(n) - turns >= 2;
}

static void end_loop(unsigned n)
{
    apic_send(processor_apic_id(n), APIC_DELIVER_FIXED, END_VECTOR);
}

/* Fills *r, but for what it is about.  False: one has not come back. */
static bool sample(struct record_latency *r)
{
    uint32_t low = r->kind == LATENCY_NMI ? APIC_DELIVER_NMI
                                          : APIC_DELIVER_FIXED | ANSWER_VECTOR;
    /* By the clock: while a host is away there is nothing to be measured. */
    uint64_t end = rdtsc() + handoff.tsc_hz / ALL_PART, cycles = 1;
    uint32_t n = 0;

    while (n < SAMPLES && (n < SAMPLES_MIN || rdtsc() < end) && cycles) {
        cycles = r->kind == LATENCY_SHOOTDOWN ? shoot(r->to)
                                              : ask(r->to, r->to, low);
        if (cycles)
            samples[n++] = cycles;
    }
    r->n = n;
    if (n) {
        sort(samples, n);
        r->min = samples[0];
        r->median = samples[n / 2];
        r->p99 = samples[(n - 1) * 99 / 100];
    }
    return cycles;
}

static bool answered SHARED;

static void ask_number(uint64_t to)
{
    answered = is_there((unsigned)to);
    for (unsigned k = 0; k < COUNT(result) && answered; k++)
        answered = sample(&result[k]);
}

/* The first listens itself: who asks has to end that. */
static void ask_first(uint64_t unused)
{
    (void)unused;
    ask_number(0);
    end_loop(0);
}

static bool one(unsigned from, unsigned to, latency_seen *seen)
{
    for (unsigned k = 0; k < COUNT(result); k++)
        result[k] = (struct record_latency){
            .kind = (uint16_t)(k ? LATENCY_NMI : LATENCY_FIXED),
            .from = (uint16_t)from,
            .to = (uint16_t)to};
    answered = false;
    if (!from) {
        ask_number(to);
    } else if (processor_call(from, to ? ask_number : ask_first, to)) {
        if (!to)
            listen(0);
        WAIT_FOR_OTHER(LISTENS_SECONDS * handoff.tsc_hz,
                       processor_done(from) || processor_lost(from));
    }
    for (unsigned k = 0; k < COUNT(result); k++)
        if (result[k].n)
            seen(&result[k]);
    return answered;
}

bool latency_to(unsigned to, bool (*wanted)(unsigned from, unsigned to),
                latency_seen *seen, unsigned *who)
{
    bool all = true;

    processors_wait(); /* what a check that died has left at work */
    user_words_map();
    *who = to;
    if (to && !processor_call(to, listen, 0))
        return false;
    for (unsigned from = 0; from < processors_running() && all; from++)
        if (wanted(from, to)) {
            *who = from;
            all = one(from, to, seen);
        }
    if (to)
        end_loop(to);
    processors_wait();
    return all;
}

bool latency_shootdown(struct record_latency *r)
{
    bool all = true;

    processors_wait();
    user_words_map();
    for (unsigned n = 1; n <= r->to; n++)
        all = processor_call(n, listen, 0) && all;
    for (unsigned n = 1; n <= r->to && all; n++)
        all = is_there(n);
    all = all && sample(r);
    *page_shared_entry(USER_SHARED_TARGET) = 0;
    invlpg(user_shared_va(USER_SHARED_TARGET));
    for (unsigned n = 1; n <= r->to; n++)
        end_loop(n);
    processors_wait();
    return all;
}
