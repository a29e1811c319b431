/* SPDX-License-Identifier: MIT */
/* How a run ends; see finish.h. */
#include "finish.h"

#include "handoff.h"
#include "insn.h"
#include "layout.h"
#include "macros.h"
#include "processors.h"
#include "record/result.h"
#include "runtime.h"
#include "screen/console.h"
#include "screen/live.h"
#include "screen/stream.h"
#include "watchdog.h"

#define RESET_CONTROL 0xcf9 /* PCI reset: 2 arms, 6 pulls */
#define KEYBOARD_CONTROL 0x64
#define KEYBOARD_PULSE_RESET 0xfe
#define SETTLE 1000000 /* pauses given to each way before the next */

static void settle(void)
{
    for (unsigned i = 0; i < SETTLE; i++)
        pause();
}

static void by_firmware(void)
{
    runtime_reset(&handoff, false);
}

static void by_chipset(void)
{
    outb(RESET_CONTROL, 2);
    outb(RESET_CONTROL, 6);
}

static void by_keyboard(void)
{
    outb(KEYBOARD_CONTROL, KEYBOARD_PULSE_RESET);
}

static void by_triple_fault(void)
{
    const struct table_pointer none = {0, 0};

    lidt(&none);
    undefined_instruction();
}

/* Each is tried once: an exception in one comes back here, through fatal(),
 * and goes on with the next. */
_Noreturn void finish_reset(void)
{
    static void (*const ways[])(void) = {by_firmware, by_chipset, by_keyboard,
                                         by_triple_fault};
    static volatile unsigned next;

    write_back_caches();
    while (next < COUNT(ways)) {
        ways[next++]();
        settle();
    }
    halt_for_good();
}

static void write_digest(void)
{
    static bool tried; /* an exception in it leads back to finish() */
    struct digest d;

    if (tried)
        return;
    tried = true;
    result_step("digest variable");
    digest_make(&d, stream_report(false), handoff.nonce);
    if (runtime_write_digest(&handoff, &d))
        result_note("the firmware refused the digest variable at run time");
}

_Noreturn void finish(void)
{
    watchdog_stop();
    processors_stop();
    if (!handoff.two_boots)
        live_report();
    write_digest();
    if (handoff.options.provoke == PROVOKE_JOURNAL_FLIP) {
        /* Several bits in the middle: records lost, not the journal. */
        uint8_t *journal = (uint8_t *)VA_JOURNAL;
        for (unsigned i = 0; i < 3; i++)
            journal[0x2000 + i * 0x300] ^= 0x10;
    }
    result_step("warm reset");
    console_step("warm reset");
    if (handoff.options.stream)
        stream_end();
    finish_reset();
}
