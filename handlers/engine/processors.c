/* SPDX-License-Identifier: MIT */
/*
 * The other processors, as the first sees them, and their side of it; see
 * processors.h.  What a processor says of itself stands in SHARED memory, and
 * each word there has one writer at a time, by its state.
 */
#include "processors.h"

#include "apic.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "patience.h"
#include "record/result.h"
#include "running.h"
#include "shared.h"
#include "start.h"
#include "vectors.h"
#include "watchdog.h"
#include "watched.h"

/* Of the interrupt array: wakes one that waits for work. */
#define WAKE_VECTOR 0xfb
#define ALIVE_SECONDS 1 /* between two signs of life, for who watches */

static struct one {
    enum processor_state state;
    uint32_t apic_id;
    void (*job)(uint64_t argument);
    uint64_t argument;
    char words[96];
} one[PROCESSORS_MAX] SHARED __attribute__((aligned(64)));

static unsigned running_now SHARED; /* 0: not started, the first is alone */
static uint32_t recalled SHARED;
static volatile bool waiting; /* of the processor's own: halted */

enum processor_state processor_state(unsigned n)
{
    return __atomic_load_n(&one[n].state, __ATOMIC_ACQUIRE);
}

void processor_set_state(unsigned n, enum processor_state s)
{
    __atomic_store_n(&one[n].state, s, __ATOMIC_RELEASE);
}

unsigned processor_self(void)
{
    return handoff.cpu;
}

uint32_t processor_apic_id(unsigned n)
{
    return one[n].apic_id;
}

const char *processor_words(unsigned n)
{
    return processor_state(n) == PROCESSOR_REFUSED ? "came twice"
                                                   : one[n].words;
}

unsigned processors_running(void)
{
    return running_now ? running_now : 1;
}

unsigned processors_start(void)
{
    if (!running_now) {
        one[0].apic_id = apic_id();
        processor_set_state(0, PROCESSOR_WORKING);
        running_now = 1;
        running_now += start_others();
    }
    return running_now;
}

bool processor_lost(unsigned n)
{
    return processor_state(n) >= PROCESSOR_GONE;
}

bool processor_done(unsigned n)
{
    return processor_state(n) == PROCESSOR_WAITING;
}

bool processor_call(unsigned n, void (*job)(uint64_t argument),
                    uint64_t argument)
{
    if (!n || n >= processors_running() || !processor_done(n))
        return false;
    one[n].job = job;
    one[n].argument = argument;
    watched_begin(n);
    processor_set_state(n, PROCESSOR_WORKING);
    apic_send(one[n].apic_id, APIC_DELIVER_FIXED, WAKE_VECTOR);
    return true;
}

static void lose(unsigned n)
{
    processor_set_state(n, PROCESSOR_GONE);
    fmt(one[n].words, sizeof(one[n].words), "does not answer any more");
    apic_send(one[n].apic_id, APIC_DELIVER_INIT, 0); /* and does nothing */
}

/* How many are still at work. */
static unsigned look(void)
{
    unsigned busy = 0;

    for (unsigned n = 1; n < processors_running(); n++) {
        if (processor_state(n) != PROCESSOR_WORKING)
            continue;
        busy++;
        if (watched_look(n) == WATCHED_LOST &&
            processor_state(n) == PROCESSOR_WORKING)
            lose(n);
    }
    return busy;
}

unsigned processors_wait(void)
{
    unsigned lost = 0, busy;
    uint64_t told = rdtsc();

    while ((busy = look())) {
        watchdog_kick();
        pause();
        if (rdtsc() - told < ALIVE_SECONDS * handoff.tsc_hz)
            continue;
        result_alive("%u of %u processors are at work", busy,
                     processors_running());
        told = rdtsc();
    }
    for (unsigned n = 1; n < processors_running(); n++)
        lost += processor_lost(n);
    __atomic_store_n(&recalled, 0, __ATOMIC_RELEASE);
    return lost;
}

void processors_recall(void)
{
    __atomic_store_n(&recalled, 1, __ATOMIC_RELEASE);
}

bool processors_recalled(void)
{
    return __atomic_load_n(&recalled, __ATOMIC_ACQUIRE);
}

void processors_stop(void)
{
    if (running_now > 1)
        apic_command(APIC_ALL, APIC_DELIVER_INIT | APIC_SHORTHAND_OTHERS);
    running_now = 0;
}

/* --- on the others -------------------------------------------------------- */

bool processor_woken(const struct trapframe *f)
{
    return waiting && f->vector >= VEC_FIRST_IRQ && f->vector < VECTORS;
}

bool processor_arrive(void)
{
    unsigned n = handoff.cpu;

    one[n].apic_id = apic_id();
    processor_set_state(n, PROCESSOR_ARRIVED);
    WAIT_UNTIL(START_SECONDS * handoff.tsc_hz,
               processor_state(n) != PROCESSOR_ARRIVED);
    return processor_state(n) == PROCESSOR_TAKEN;
}

_Noreturn void processor_die(const char *words)
{
    fmt(one[handoff.cpu].words, sizeof(one[0].words), "%s", words);
    processor_set_state(handoff.cpu, PROCESSOR_GONE);
    for (;;)
        halt_for_good();
}

/* STI holds interrupts off for one instruction: none comes before the HLT that
 * it is to end. */
static void rest(void)
{
    waiting = true;
    __asm__ volatile("sti; hlt; cli" ::: "memory");
    waiting = false;
}

_Noreturn void processor_serve(void)
{
    struct one *me = &one[handoff.cpu];

    for (;;) {
        processor_set_state(handoff.cpu, PROCESSOR_WAITING);
        while (processor_state(handoff.cpu) != PROCESSOR_WORKING)
            rest();
        watchdog_kick();
        me->job(me->argument);
    }
}
