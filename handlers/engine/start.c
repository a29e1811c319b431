/* SPDX-License-Identifier: MIT */
/*
 * Starting the other processors; see start.h.  SDM vol 3, "MP Initialization
 * Protocol Algorithm": INIT, ten milliseconds, SIPI, and one more SIPI to who
 * has not come.  INIT goes to all at once, so that the ten are spent once.
 *
 * One is started after the other, as far as they are listed.  Numbers are given
 * away at the trampoline, in the order in which they come, and what they are
 * they say themselves: so one that comes late, twice or unasked is in nobody's
 * way.
 */
#include "start.h"

#include "apic.h"
#include "handoff.h"
#include "layout.h"
#include "msr.h"
#include "patience.h"
#include "processors.h"
#include "record.h"
#include "running.h"
#include "shared.h"
#include "trampoline.h"
#include "watchdog.h"

#define PART(seconds_one_part_in) (handoff.tsc_hz / (seconds_one_part_in))
#define INIT_PART 100   /* of a second: 10 ms from INIT to SIPI */
#define SIPI_PART 500   /* 2 ms to the second SIPI */
#define COME_PART 5     /* 200 ms for one to come ... */
#define LATE_SECONDS 1  /* ... and for all who have not, in the end */
#define READY_SECONDS 5 /* from then on until it waits for work */
#define PAGE_SHIFT 12
#define ABSENT_ID 0x7e /* of nobody */
#define DESCRIPTOR_CODE64 0x00af9b000000ffffull

static struct processor_start start[PROCESSORS_MAX] FIRST_ONLY;
static bool place_came[PROCESSORS_MAX] FIRST_ONLY;
static unsigned taken; /* numbers, refused ones among them */
static uint64_t sent;  /* TSC at the SIPI to whoever is to come */

static struct trampoline *page(void)
{
    return (struct trampoline *)VA_TRAMPOLINE;
}

void *processor_sees(unsigned n, const void *own)
{
    extern const char private_data_offset[], data_va[];

    return (void *)(VA_WORLD(n) + (uint64_t)private_data_offset +
                    ((uint64_t)own - (uint64_t)data_va));
}

static void prepare(void)
{
    struct trampoline *t = page();

    __builtin_memset(t, 0, sizeof(*t));
    __builtin_memcpy(t->code, trampoline_code,
                     (size_t)(trampoline_code_end - trampoline_code));
    t->count = handoff.worlds;
    t->cr4 = CR4_PAE | (handoff.levels == 5 ? CR4_LA57 : 0);
    t->efer = EFER_LME | (rdmsr(MSR_EFER) & EFER_NXE);
    t->entry = (uint64_t)core_entry;
    t->gdt[1] = DESCRIPTOR_CODE64;
    t->gdt_pointer.limit = sizeof(t->gdt) - 1;
    t->gdt_pointer.base = handoff.trampoline + TRAMPOLINE_GDT;
    t->far.selector = 8;
    t->far.offset =
        handoff.trampoline + (uint32_t)(trampoline_long - trampoline_code);
    for (unsigned n = 1; n <= handoff.worlds; n++) {
        struct handoff *h = processor_sees(n, &handoff);

        h->options.x2apic = apic_is_x2apic();
        t->cr3[n - 1] = (uint32_t)h->cr3_rt;
    }
}

static bool known_id(uint32_t id)
{
    for (unsigned n = 0; n <= taken; n++)
        if (processor_apic_id(n) == id &&
            processor_state(n) != PROCESSOR_REFUSED)
            return true;
    return false;
}

/* The next number has come: is it wanted? */
static void receive(bool late)
{
    const struct processors *p = &handoff.processors;
    unsigned n = taken + 1;
    uint32_t id = processor_apic_id(n);
    uint64_t hz = handoff.tsc_hz / 1000000;

    start[n] = (struct processor_start){
        .microseconds = (uint32_t)((rdtsc() - sent) / (hz ? hz : 1)),
        .late = late,
        .twice = known_id(id),
    };
    for (unsigned i = 1; i < p->n; i++)
        if (p->place[i].apic_id == id) {
            place_came[i] = true;
            start[n].from = p->place[i].from;
        }
    taken++;
    processor_set_state(n,
                        start[n].twice ? PROCESSOR_REFUSED : PROCESSOR_TAKEN);
    WAIT_UNTIL(READY_SECONDS * handoff.tsc_hz,
               processor_state(n) != PROCESSOR_TAKEN);
    if (processor_state(n) == PROCESSOR_TAKEN)
        processor_set_state(n, PROCESSOR_GONE);
}

static bool next_is_there(void)
{
    return taken < handoff.worlds &&
           processor_state(taken + 1) == PROCESSOR_ARRIVED;
}

/* Whoever comes within so many cycles; true: that was number `until', or one
 * with that id. */
static void receive_all(uint64_t cycles, bool late)
{
    watchdog_kick();
    WAIT_UNTIL(cycles, next_is_there());
    while (next_is_there())
        receive(late);
}

static void sipi(uint32_t id)
{
    apic_send(id, APIC_DELIVER_STARTUP,
              (uint8_t)(handoff.trampoline >> PAGE_SHIFT));
}

static void start_place(unsigned i)
{
    uint32_t id = handoff.processors.place[i].apic_id;

    sent = rdtsc();
    sipi(id);
    receive_all(PART(SIPI_PART), false);
    if (place_came[i])
        return;
    sipi(id); /* one that runs by now ignores it */
    receive_all(PART(COME_PART), false);
}

/* --provoke cpu-twice: INIT and SIPI to one that runs. */
static void start_again(unsigned n)
{
    uint32_t id = processor_apic_id(n);

    apic_send(id, APIC_DELIVER_INIT, 0);
    WAIT_UNTIL(PART(INIT_PART), false);
    sipi(id);
    receive_all(PART(COME_PART), false);
}

static void start_unlisted(void)
{
    unsigned before;

    sent = rdtsc();
    apic_command(APIC_ALL, APIC_DELIVER_STARTUP | APIC_SHORTHAND_OTHERS |
                               handoff.trampoline >> PAGE_SHIFT);
    do {
        before = taken;
        receive_all(PART(COME_PART), false);
    } while (taken != before);
}

unsigned processor_absent(unsigned at)
{
    for (; at < handoff.processors.n && at <= handoff.worlds; at++)
        if (at && !place_came[at])
            return at;
    return 0;
}

const struct processor_start *processor_start(unsigned n)
{
    return &start[n];
}

unsigned start_others(void)
{
    const struct processors *p = &handoff.processors;

    if (!handoff.trampoline || !handoff.worlds)
        return 0; /* of no processor, or --cpus first */
    prepare();
    if (handoff.options.provoke == PROVOKE_CPU_ABSENT && p->n <= handoff.worlds)
        handoff.processors.place[handoff.processors.n++].apic_id = ABSENT_ID;
    apic_command(APIC_ALL, APIC_DELIVER_INIT | APIC_SHORTHAND_OTHERS);
    WAIT_UNTIL(PART(INIT_PART), false);
    if (!p->listed)
        start_unlisted();
    else
        for (unsigned i = 1; i < p->n && i <= handoff.worlds; i++)
            start_place(i);
    if (handoff.options.provoke == PROVOKE_CPU_TWICE && taken)
        start_again(1);
    if (processor_absent(1) && p->listed)
        receive_all(LATE_SECONDS * handoff.tsc_hz, true);
    return taken;
}
