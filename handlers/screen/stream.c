/* SPDX-License-Identifier: MIT */
/* From what is written to the journal to the outputs; see stream.h. */
#include "stream.h"

#include "console.h"
#include "fmt.h"
#include "insn.h"
#include "serial.h"
#include "shared.h"
#include "transcript.h"

#define DEBUG_PORT 0xe9 /* of Bochs; reads as its own number there */

static void begin(unsigned cases)
{
    ktap_begin(cases + 1, console_put, 0); /* the run itself is the last */
}

/* For a script, which then knows what it waits for: it must have left the
 * UART before the machine goes. */
static void risk(const char *id)
{
    char line[64];
    int n = fmt(line, sizeof(line), "RINGSIDE-RISK %s\n", id);

    console_raw(line, (size_t)n);
    serial_drain();
}

static void risk_over(void)
{
    static const char line[] = "RINGSIDE-RISK over\n";

    console_raw(line, sizeof(line) - 1);
}

/* Megabytes take their time on a serial line, also on an emulated one: where
 * an emulator has a port for such things they go there. */
static void put_transcript(void *context, const char *s, size_t n)
{
    if (inb(DEBUG_PORT) != DEBUG_PORT)
        console_raw(s, n);
    else
        for (size_t i = 0; i < n; i++)
            outb(DEBUG_PORT, (uint8_t)s[i]);
}

static void grown(const struct journal *j, uint32_t from)
{
    static bool begun;

    if (!begun) /* who knows what stands on that line */
        put_transcript(0, "\n", 1);
    begun = true;
    transcript_lines(j, from, put_transcript, 0);
    serial_drain();
}

void stream_end(void)
{
    result_send();
    transcript_end(result_journal(), put_transcript, 0);
    serial_drain();
}

static void case_end(unsigned number, const char *id,
                     const struct check *checks, unsigned n)
{
    ktap_case(number, id, checks, n, console_put, 0);
}

static void end(unsigned cases)
{
    ktap_run(cases + 1, stream_report(false), console_put, 0);
}

const struct result_listener stream = {
    .begin = begin,
    .case_begin = console_case,
    .risk = risk,
    .risk_over = risk_over,
    .check = console_result,
    .case_end = case_end,
    .line = console_line,
    .grown = grown,
    .end = end,
};

const struct report *stream_report(bool live)
{
    static struct report r FIRST_ONLY;
    const struct journal *j = result_journal();

    /* What is still free is not searched: that takes long. */
    report_load(&r, j->base, j->used, j->nonce,
                live ? SOURCE_LIVE : SOURCE_RAM);
    return &r;
}
