/* SPDX-License-Identifier: MIT */
/* Processors that the first keeps an eye on; see watched.h. */
#include "watched.h"

#include "apic.h"
#include "handoff.h"
#include "patience.h"
#include "processors.h"
#include "shared.h"

#define AGAIN_SECONDS 2 /* from the first alarm to the second */
#define ALARMS 2        /* the second ends what is hung, as on the first */
#define ALARMS_LOST 5   /* that change nothing: nobody is there any more */

/* Written by the watched one, but for the alarm, which is set by the first. */
static struct watch {
    uint32_t kicks, seconds, alarm;
} watch[PROCESSORS_MAX] SHARED __attribute__((aligned(64)));

/* The first's own: what it last saw of each. */
static struct seen {
    struct patience left;
    uint32_t kicks, alarms;
} seen[PROCESSORS_MAX] FIRST_ONLY;

static unsigned alarms; /* that came since the last kick, on the watched one */

void watched_kick(unsigned seconds)
{
    struct watch *w = &watch[handoff.cpu];

    alarms = 0;
    __atomic_store_n(&w->seconds, seconds, __ATOMIC_RELAXED);
    __atomic_fetch_add(&w->kicks, 1, __ATOMIC_RELEASE);
}

enum watchdog_nmi watched_nmi(void)
{
    if (!__atomic_exchange_n(&watch[handoff.cpu].alarm, 0, __ATOMIC_ACQ_REL))
        return WATCHDOG_NOT;
    return ++alarms == ALARMS ? WATCHDOG_HANG : WATCHDOG_WAITS;
}

static void give(struct seen *s, unsigned seconds)
{
    s->left = patience_of(seconds * handoff.tsc_hz);
}

void watched_begin(unsigned n)
{
    struct seen *s = &seen[n];

    s->kicks = __atomic_load_n(&watch[n].kicks, __ATOMIC_ACQUIRE);
    s->alarms = 0;
    give(s, WATCHDOG_SECONDS);
}

enum watched watched_look(unsigned n)
{
    struct seen *s = &seen[n];
    uint32_t kicks = __atomic_load_n(&watch[n].kicks, __ATOMIC_ACQUIRE);

    if (kicks != s->kicks) {
        s->kicks = kicks;
        s->alarms = 0;
        give(s, __atomic_load_n(&watch[n].seconds, __ATOMIC_RELAXED));
        return WATCHED_WELL;
    }
    if (patience_left(&s->left))
        return s->alarms ? WATCHED_ALARMED : WATCHED_WELL;
    if (++s->alarms == ALARMS_LOST)
        return WATCHED_LOST;
    __atomic_store_n(&watch[n].alarm, 1, __ATOMIC_RELEASE);
    apic_send(processor_apic_id(n), APIC_DELIVER_NMI, 0);
    give(s, AGAIN_SECONDS);
    return WATCHED_ALARMED;
}
