/* SPDX-License-Identifier: MIT */
/*
 * The report without a second boot; see live.h.  With --batch the journal
 * itself follows in hexadecimal, so that a script on the other end of the
 * line can render every format from it.
 */
#include "live.h"

#include "console.h"
#include "cpu.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "layout.h"
#include "record/journal.h"
#include "runtime.h"
#include "serial.h"
#include "stream.h"

#define TEXT_MAX (1u << 20)
#define HEX_LINE 64 /* bytes a line; scripts/serial_journal.c knows */
#define WORD "JOURNAL "
#define DEBUG_PORT 0xe9 /* of Bochs; reads as its own number there */

/* Without a keyboard the pages turn by themselves, and for some hours. */
#define PAGE_SECONDS 15
#define PAGE_ROUNDS 100

static char text[TEXT_MAX];
static size_t text_used;

static void collect(void *context, const char *s, size_t n)
{
    for (size_t i = 0; i < n && text_used < TEXT_MAX - 1; i++)
        text[text_used++] = s[i];
    text[text_used] = '\0';
}

/* Up to the last valid record; what lies behind is of no use to anyone. */
static uint32_t journal_used(void)
{
    const uint8_t *base = (const void *)VA_JOURNAL;
    struct journal_cursor c;
    const struct record_header *h;
    const void *payload;
    uint32_t used = sizeof(struct journal_header);

    if (journal_open(&c, base, handoff.journal_size, handoff.nonce) !=
        JOURNAL_OK)
        return 0;
    while ((h = journal_next(&c, &payload)))
        used = (uint32_t)((const uint8_t *)payload - base) +
               ((h->length + 7u) & ~7u);
    return used;
}

/* Megabytes take their time on a serial line, also on an emulated one: where
 * an emulator has a port for such things they go there. */
static void dump(const char *s, int n)
{
    if (inb(DEBUG_PORT) != DEBUG_PORT)
        console_raw(s, (size_t)n);
    else
        for (int i = 0; i < n; i++)
            outb(DEBUG_PORT, (uint8_t)s[i]);
}

static void dump_journal(void)
{
    static const char digit[] = "0123456789abcdef";
    const uint8_t *p = (const void *)VA_JOURNAL;
    uint32_t n = journal_used();
    char line[16 + 2 * HEX_LINE];
    int k = fmt(line, sizeof(line), "JOURNAL BEGIN %u\n", n);

    dump(line, k);
    for (uint32_t i = 0; i < n; i += HEX_LINE) {
        uint32_t end = i + HEX_LINE < n ? i + HEX_LINE : n;

        while (end > i && !p[end - 1])
            end--; /* zeros at a line's end go without saying */
        k = sizeof(WORD) - 1;
        __builtin_memcpy(line, WORD, sizeof(WORD) - 1);
        for (uint32_t j = i; j < end; j++) {
            line[k++] = digit[p[j] >> 4];
            line[k++] = digit[p[j] & 15];
        }
        line[k++] = '\n';
        dump(line, k);
    }
    k = fmt(line, sizeof(line), "JOURNAL END %08x\n", crc32(0, p, n));
    dump(line, k);
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
        dump_journal();
        console_page(text);
        stop();
    }
    for (unsigned i = 0; i < PAGE_ROUNDS; i++)
        console_pages(text, PAGE_SECONDS);
    stop();
}
