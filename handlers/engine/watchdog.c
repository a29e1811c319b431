/* SPDX-License-Identifier: MIT */
/* The watchdog; see watchdog.h. */
#include "watchdog.h"

#include "apic.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "ioapic.h"
#include "patience.h"
#include "pic.h"
#include "record.h"
#include "rtc.h"
#include "watched.h"

#define AGAIN_SECONDS 2 /* from the first alarm to the second */
#define ALARMS 2
#define NMI_WAIT 100 /* of a second, one part in so many */

static struct record_watchdog record;
static uint64_t moved; /* TSC when the alarm was last set */
static unsigned granted, alarms;
static bool on, by_ioapic, proving;
static volatile bool proven;
static volatile bool moving, taken; /* the RTC is busy; an NMI came then */

_Static_assert(sizeof(record.found) == RTC_REGISTERS, "");
_Static_assert(sizeof(record.left) == RTC_REGISTERS, "");

static void deafen(void)
{
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
    if (by_ioapic)
        ioapic_mask();
    pic_silence();
}

/* Nobody acknowledges the 8259s' request: they begin anew.  That opens all of
 * their lines for a moment, of which LINT0 is to hear nothing. */
static void listen(void)
{
    deafen();
    if (handoff.options.provoke == PROVOKE_NO_WATCHDOG)
        return;
    if (by_ioapic) {
        ioapic_send_nmi();
        return;
    }
    pic_open_rtc();
    apic_write(APIC_LVT_LINT0, APIC_DELIVER_NMI);
}

/* The last alarm may come while it is being moved on: whether before or after
 * the RTC was asked about it, its NMI is waited for here, and no run sees it.
 */
static void move(unsigned seconds)
{
    bool came;

    taken = false;
    moving = true;
    came = rtc_alarm(seconds);
    if (came)
        WAIT_UNTIL(handoff.tsc_hz / NMI_WAIT, taken);
    moving = false;
    if (came || taken)
        listen();
    moved = rdtsc();
}

/* One tick as an NMI, on the way that an alarm takes.  NULL, or why not. */
static const char *prove(void)
{
    uint8_t seen = 0;

    proving = true;
    rtc_tick();
    WAIT_UNTIL(handoff.tsc_hz, proven);
    proving = false;
    if (!proven)
        seen = rtc_events();
    rtc_silence();
    return proven              ? 0
           : seen & RTC_TICKED ? "the RTC's interrupt does not come as an NMI"
                               : "the RTC does not tick";
}

/* LINT0 first, which every machine of the 8259s' time has; Bochs takes what
 * comes there for an ExtINT, whatever is asked for. */
static const char *begin(void)
{
    const char *trouble = 0;

    if (!rtc_answers())
        return "no RTC answers";
    rtc_silence(); /* an earlier boot's alarm may still be pending */
    for (unsigned i = handoff.options.provoke == PROVOKE_NO_LINT0; i < 2; i++) {
        by_ioapic = i;
        if (by_ioapic && !ioapic_answers())
            break;
        listen();
        on = true;
        trouble = prove();
        if (!trouble) {
            move(WATCHDOG_SECONDS);
            return 0;
        }
        on = false;
        deafen();
    }
    return trouble;
}

void watchdog_init(const struct record_watchdog *earlier)
{
    const char *trouble;

    if (handoff.cpu) { /* the RTC is the first processor's */
        on = true;
        return;
    }
    rtc_save(record.found);
    if (earlier)
        __builtin_memcpy(record.found, earlier->found, sizeof(record.found));
    trouble = begin();
    fmt(record.state, sizeof(record.state), "%s%s",
        trouble     ? "none: "
        : by_ioapic ? "rtc by I/O APIC"
                    : "rtc",
        trouble ? trouble : "");
    if (trouble)
        watchdog_stop();
}

const struct record_watchdog *watchdog_record(void)
{
    return &record;
}

bool watchdog_on(void)
{
    return on;
}

void watchdog_grant(unsigned seconds)
{
    granted = seconds;
}

void watchdog_kick(void)
{
    alarms = 0;
    if (handoff.cpu)
        watched_kick(granted ? granted : WATCHDOG_SECONDS);
    else if (on && (granted || rdtsc() - moved > handoff.tsc_hz))
        move(granted ? granted : WATCHDOG_SECONDS);
    granted = 0;
}

void watchdog_again(void)
{
    alarms = granted = 0;
    moving = false;
    if (handoff.cpu)
        return;
    if (!on) {
        pic_silence();
        return;
    }
    listen();
    move(WATCHDOG_SECONDS);
}

/* LINT0 is masked before the RTC is asked: an 8259 has been seen raising its
 * output again when a line of its falls. */
enum watchdog_nmi watchdog_nmi(void)
{
    uint8_t events;
    bool hang;

    if (handoff.cpu)
        return watched_nmi();
    if (moving) { /* and the RTC is left alone */
        taken = true;
        return WATCHDOG_WAITS;
    }
    if (!on || !pic_rtc_requested())
        return WATCHDOG_NOT;
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
    events = rtc_events();
    if (proving) { /* or a second tick, behind the one that has done it */
        proven |= (events & RTC_TICKED) != 0;
        rtc_silence();
        listen();
        return WATCHDOG_WAITS;
    }
    listen();
    if (!(events & RTC_ALARMED)) /* its owner's, or what pulls at its line */
        return WATCHDOG_WAITS;
    hang = ++alarms == ALARMS;
    rtc_alarm(hang ? WATCHDOG_SECONDS : AGAIN_SECONDS);
    moved = rdtsc();
    return hang ? WATCHDOG_HANG : WATCHDOG_WAITS;
}

void watchdog_stop(void)
{
    if (handoff.cpu)
        return;
    if (on)
        deafen();
    ioapic_restore();
    on = false;
    if (!rtc_answers())
        return;
    rtc_restore(record.found);
    rtc_save(record.left);
}
