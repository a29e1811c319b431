/* SPDX-License-Identifier: MIT */
/* The watchdog; see watchdog.h.  RTC: the MC146818's registers. */
#include "watchdog.h"

#include "apic.h"
#include "handoff.h"
#include "insn.h"
#include "pic.h"

#define RTC_INDEX 0x70
#define RTC_DATA 0x71
#define SECONDS 0
#define SECONDS_ALARM 1
#define MINUTES 2
#define MINUTES_ALARM 3
#define HOURS 4
#define HOURS_ALARM 5
#define STATUS_A 0xa
#define UPDATING 0x80
#define STATUS_B 0xb
#define ALARM_ENABLE 0x20
#define BINARY 0x04
#define STATUS_C 0xc /* reading it acknowledges */
#define ALARMED 0x20
#define UPDATE_POLLS 10000
#define PM 0x80 /* of the hours, in twelve-hour mode */

static uint64_t moved; /* TSC when the alarm was last set */
static bool on;

static uint8_t get(uint8_t index)
{
    outb(RTC_INDEX, index);
    return inb(RTC_DATA);
}

static void set(uint8_t index, uint8_t v)
{
    outb(RTC_INDEX, index);
    outb(RTC_DATA, v);
}

/* Adds to a clock field in the RTC's own notation; returns the carry. */
static unsigned add(uint8_t *field, unsigned n, unsigned modulus, bool binary)
{
    unsigned v = binary ? *field : (*field >> 4) * 10u + (*field & 15u);

    v += n;
    *field = (uint8_t)(v % modulus);
    if (!binary)
        *field = (uint8_t)((*field / 10) << 4 | *field % 10);
    return v / modulus;
}

static void move_alarm(void)
{
    bool binary = get(STATUS_B) & BINARY;
    uint8_t s, m, h;

    for (unsigned i = 0; i < UPDATE_POLLS && get(STATUS_A) & UPDATING; i++)
        pause();
    s = get(SECONDS);
    m = get(MINUTES);
    h = get(HOURS);
    /* An hour that would carry is left alone: in that one second of the hour
     * the alarm comes an hour late, and in 12-hour mode PM stays PM. */
    if (add(&s, WATCHDOG_SECONDS, 60, binary) && add(&m, 1, 60, binary) &&
        !(h & PM))
        add(&h, 1, 24, binary);
    set(SECONDS_ALARM, s);
    set(MINUTES_ALARM, m);
    set(HOURS_ALARM, h);
    set(STATUS_B, get(STATUS_B) | ALARM_ENABLE);
    get(STATUS_C);
    moved = rdtsc();
}

void watchdog_init(void)
{
    if (get(STATUS_B) == 0xff) /* no RTC answers */
        return;
    /* An earlier boot's alarm may still be pending. */
    set(STATUS_B, get(STATUS_B) & (uint8_t)~ALARM_ENABLE);
    get(STATUS_C);
    pic_silence();
    on = true;
    pic_open_rtc();
    apic_write(APIC_LVT_LINT0, APIC_DELIVER_NMI);
    move_alarm();
}

void watchdog_kick(void)
{
    if (on && rdtsc() - moved > handoff.tsc_hz)
        move_alarm();
}

bool watchdog_fired(void)
{
    if (!on || !(get(STATUS_C) & ALARMED))
        return false;
    /* Nobody acknowledged the 8259s' request: begin anew. */
    pic_silence();
    pic_open_rtc();
    move_alarm();
    return true;
}

void watchdog_stop(void)
{
    if (!on)
        return;
    set(STATUS_B, get(STATUS_B) & (uint8_t)~ALARM_ENABLE);
    get(STATUS_C);
    pic_silence();
    on = false;
}
