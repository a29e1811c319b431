/* SPDX-License-Identifier: MIT */
/*
 * The TSC's rate, by the 8254's third counter, and by nothing of the firmware
 * where that counts: U-Boot has been seen stalling by a clock that was 2.6
 * times off, and by one that was a thousand times off.  Where the counter
 * stands still, as on machines that gate its clock, the firmware's Stall is
 * believed; where that cannot wait, CPUID is.  Called by machine.c.
 */
#include <efi.h>

#include "firmware.h"
#include "insn.h"
#include "machine.h"
#include "unfit.h"

#define SECOND_US 1000000
#define STALL_US 5000
#define SAMPLES 8

#define PIT_HZ 1193182
#define PIT_COUNTER2 0x42
#define PIT_CONTROL 0x43
#define PIT_FREE_RUN 0xb4 /* counter 2, both bytes, mode 2: down, and again */
#define PIT_LATCH 0x80    /* counter 2 */
#define PIT_TICKS (PIT_HZ / 200) /* a sample, 5 ms of the 55 */
#define PIT_READS 100000 /* a counter that got no further stands still */
#define SPEAKER_PORT 0x61
#define SPEAKER_GATE 0x01 /* lets counter 2 count */
#define SPEAKER_DATA 0x02 /* lets it be heard */

static void pit_start(void)
{
    outb(SPEAKER_PORT, (inb(SPEAKER_PORT) & ~SPEAKER_DATA) | SPEAKER_GATE);
    outb(PIT_CONTROL, PIT_FREE_RUN);
    outb(PIT_COUNTER2, 0); /* 65536: 55 ms */
    outb(PIT_COUNTER2, 0);
}

static uint16_t pit_read(void)
{
    uint16_t low;

    outb(PIT_CONTROL, PIT_LATCH);
    low = inb(PIT_COUNTER2);
    return (uint16_t)(inb(PIT_COUNTER2) << 8 | low);
}

/* Cycles per second, as seen by the counter; 0 where it stands still. */
static uint64_t by_pit(void)
{
    uint16_t begin = pit_read(), ticks = 0;
    uint64_t from = rdtsc(), to = from;

    for (unsigned i = 0; i < PIT_READS && ticks < PIT_TICKS; i++) {
        ticks = (uint16_t)(begin - pit_read());
        to = rdtsc();
    }
    return ticks < PIT_TICKS ? 0 : (to - from) * PIT_HZ / ticks;
}

/* The same as the firmware has it. */
static uint64_t by_stall(void)
{
    uint64_t from = rdtsc();

    if (EFI_ERROR(BS->Stall(STALL_US)))
        return 0;
    return (rdtsc() - from) * (SECOND_US / STALL_US);
}

/* The median: a host that was away for a moment shifts one, not half. */
static uint64_t median(uint64_t (*sample)(void))
{
    uint64_t rate[SAMPLES];

    for (unsigned i = 0; i < SAMPLES; i++) {
        uint64_t v = sample();
        unsigned at = i;

        for (; at > 0 && rate[at - 1] > v; at--)
            rate[at] = rate[at - 1];
        rate[at] = v;
        if (!v) /* it would be waited for in vain, each time */
            return 0;
    }
    return rate[SAMPLES / 2];
}

uint64_t tsc_rate(void)
{
    uint8_t speaker = inb(SPEAKER_PORT);
    uint64_t rate;

    pit_start();
    rate = median(by_pit);
    outb(SPEAKER_PORT, speaker);
    if (!rate)
        rate = median(by_stall);
    return rate ? rate : unfit_tsc_rate(cpuid_if_there);
}
