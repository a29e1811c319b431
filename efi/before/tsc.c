/* SPDX-License-Identifier: MIT */
/*
 * The TSC's rate.  The firmware's Stall passes the time, and the 8254's third
 * counter says how much passed: U-Boot has been seen stalling by a clock that
 * was 2.6 times off.  Where that counter stands still, as on machines that
 * gate its clock, the firmware is believed; where it cannot wait, CPUID is.
 * Called by machine.c.
 */
#include <efi.h>

#include "firmware.h"
#include "insn.h"
#include "machine.h"
#include "unfit.h"

#define SECOND_US 1000000
#define STALL_US 5000
#define STALLS 8

#define PIT_HZ 1193182
#define PIT_COUNTER2 0x42
#define PIT_CONTROL 0x43
#define PIT_FREE_RUN 0xb4 /* counter 2, both bytes, mode 2: down, and again */
#define PIT_LATCH 0x80    /* counter 2 */
#define PIT_TICKS_MIN (PIT_HZ / SECOND_US * STALL_US / 10)
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

/* Cycles per second, as seen over one Stall. */
static uint64_t measure(void)
{
    uint16_t ticks = pit_read();
    uint64_t cycles = rdtsc();

    if (EFI_ERROR(BS->Stall(STALL_US)))
        return 0;
    cycles = rdtsc() - cycles;
    ticks = (uint16_t)(ticks - pit_read());
    if (ticks >= PIT_TICKS_MIN)
        return cycles * PIT_HZ / ticks;
    return cycles * (SECOND_US / STALL_US);
}

/* The median: a host that was away for a moment shifts one, not half. */
uint64_t tsc_rate(void)
{
    uint8_t speaker = inb(SPEAKER_PORT);
    uint64_t rate[STALLS];

    pit_start();
    for (unsigned i = 0; i < STALLS; i++) {
        uint64_t v = measure();
        unsigned at = i;

        for (; at > 0 && rate[at - 1] > v; at--)
            rate[at] = rate[at - 1];
        rate[at] = v;
    }
    outb(SPEAKER_PORT, speaker);
    return rate[STALLS / 2] ? rate[STALLS / 2] : unfit_tsc_rate(cpuid_if_there);
}
