/* SPDX-License-Identifier: MIT */
/* The RTC; see rtc.h. */
#include "rtc.h"

#include "insn.h"
#include "patience.h"

/* Bit 7 of the index is the chipset's NMI mask.  Neither can be read back on
 * most machines: the index is left where firmware leaves it, at status D, and
 * NMIs are left open, as they have to be here. */
#define INDEX 0x70
#define DATA 0x71
#define SECONDS 0x00
#define MINUTES 0x02
#define HOURS 0x04
#define STATUS_C 0x0c
#define STATUS_D 0x0d

#define A_UPDATING 0x80
#define A_RATE 0x0f
#define RATE_1024_HZ 6
#define B_TICK 0x40
#define B_ALARM 0x20
#define B_UPDATE 0x10
#define B_INTERRUPTS (B_TICK | B_ALARM | B_UPDATE)
#define B_BINARY 0x04
#define PM 0x80 /* of the hours, in twelve-hour mode */

#define UPDATE 100 /* of a second, one part in so many: longer than any */
#define TRIES 10

static const uint8_t rtc_index[RTC_REGISTERS] = {
    [RTC_A] = 0x0a,
    [RTC_B] = 0x0b,
    [RTC_ALARM_SECONDS] = 0x01,
    [RTC_ALARM_MINUTES] = 0x03,
    [RTC_ALARM_HOURS] = 0x05,
};

static uint8_t get_at(uint8_t index)
{
    uint8_t v;

    outb(INDEX, index);
    v = inb(DATA);
    outb(INDEX, STATUS_D);
    return v;
}

static uint8_t get(enum rtc_register r)
{
    return get_at(rtc_index[r]);
}

static void set(enum rtc_register r, uint8_t v)
{
    outb(INDEX, rtc_index[r]);
    outb(DATA, v);
    outb(INDEX, STATUS_D);
}

bool rtc_answers(void)
{
    return get(RTC_B) != 0xff;
}

uint8_t rtc_events(void)
{
    return get_at(STATUS_C);
}

void rtc_silence(void)
{
    set(RTC_B, get(RTC_B) & (uint8_t)~B_INTERRUPTS);
    rtc_events();
}

void rtc_save(uint8_t value[RTC_REGISTERS])
{
    for (unsigned i = 0; i < RTC_REGISTERS; i++)
        value[i] = get(i);
    value[RTC_A] &= (uint8_t)~A_UPDATING; /* no setting of anybody's */
}

void rtc_restore(const uint8_t value[RTC_REGISTERS])
{
    rtc_silence();
    for (unsigned i = 0; i < RTC_REGISTERS; i++)
        if (i != RTC_B)
            set(i, value[i]);
    set(RTC_B, value[RTC_B]);
}

void rtc_tick(void)
{
    set(RTC_A, (uint8_t)((get(RTC_A) & ~A_RATE) | RATE_1024_HZ));
    set(RTC_B, get(RTC_B) | B_TICK);
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

/* One reading, of one moment: no update in it, and no second has passed. */
static void read_time(uint8_t *s, uint8_t *m, uint8_t *h)
{
    for (unsigned i = 0; i < TRIES; i++) {
        WAIT_UNTIL(handoff.tsc_hz / UPDATE, !(get(RTC_A) & A_UPDATING));
        *s = get_at(SECONDS);
        *m = get_at(MINUTES);
        *h = get_at(HOURS);
        if (get_at(SECONDS) == *s)
            return;
    }
}

static bool set_alarm(unsigned seconds)
{
    bool binary = get(RTC_B) & B_BINARY, came;
    uint8_t s, m, h;

    set(RTC_B, get(RTC_B) & (uint8_t)~B_ALARM);
    came = rtc_events() & RTC_ALARMED;
    read_time(&s, &m, &h);
    /* An hour that would carry is left alone: in that one second of the hour
     * the alarm comes an hour late, and in 12-hour mode PM stays PM. */
    if (add(&s, seconds, 60, binary) && add(&m, 1, 60, binary) && !(h & PM))
        add(&h, 1, 24, binary);
    set(RTC_ALARM_SECONDS, s);
    set(RTC_ALARM_MINUTES, m);
    set(RTC_ALARM_HOURS, h);
    rtc_events();
    set(RTC_B, get(RTC_B) | B_ALARM);
    return came;
}

/* Again where setting it has taken a second: the host was away, and the alarm
 * may be past. */
bool rtc_alarm(unsigned seconds)
{
    bool came = false;

    for (unsigned i = 0; i < TRIES; i++) {
        uint64_t begin = rdtsc();

        came |= set_alarm(seconds);
        if (rdtsc() - begin < handoff.tsc_hz)
            break;
    }
    return came;
}
