/* SPDX-License-Identifier: MIT */
/*
 * The report without a second boot; see live.h.  With --batch the journal
 * itself follows, or what --stream has not sent of it, so that a script on the
 * other end of the line can render every format from it.
 */
#include "live.h"

#include "console.h"
#include "cpu.h"
#include "handoff.h"
#include "insn.h"
#include "runtime.h"
#include "serial.h"
#include "shared.h"
#include "stream.h"

#define TEXT_MAX (1u << 20)
#define DEBUG_PORT 0xe9 /* of Bochs; reads as its own number there */

/* Without a keyboard the pages turn by themselves, and for some hours. */
#define PAGE_SECONDS 15
#define PAGE_ROUNDS 100

static char text[TEXT_MAX] FIRST_ONLY;
static size_t text_used;

static void collect(void *context, const char *s, size_t n)
{
    for (size_t i = 0; i < n && text_used < TEXT_MAX - 1; i++)
        text[text_used++] = s[i];
    text[text_used] = '\0';
}

/* Emulators have a port that ends them; real machines have a button. */
static _Noreturn void stop(void)
{
    static const char shutdown[] = "Shutdown";

    serial_drain(); /* what is in the FIFO dies with the machine */
    if (handoff.options.batch) {
        if (inb(DEBUG_PORT) == DEBUG_PORT)
            for (const char *s = shutdown; *s; s++)
                outb(0x8900, (uint8_t)*s);
        runtime_reset(&handoff, true);
        struct cpuid c = cpuid(CPUID_HYPERVISOR, 0);
        if (c.ebx == 0x54474354) { /* "TCGT...": QEMU's ACPI PM1a, S5 */
            outw(0x604, 0x2000);
            outw(0xb004, 0x2000);
        }
    }
    halt_for_good();
}

_Noreturn void live_report(void)
{
    static bool told;

    if (told) /* an exception while powering off leads back here */
        stop();
    told = true;
    render_text(stream_report(true), collect, 0);
    console_raw("\n", 1);
    console_raw(text, text_used);
    if (handoff.options.batch) {
        stream_end();
        console_page(text);
        stop();
    }
    for (unsigned i = 0; i < PAGE_ROUNDS; i++)
        console_pages(text, PAGE_SECONDS);
    stop();
}
