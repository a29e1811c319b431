/* SPDX-License-Identifier: MIT */
/* From what is written to the journal to the outputs; see stream.h. */
#include "stream.h"

#include "console.h"
#include "fmt.h"
#include "serial.h"

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
    .end = end,
};

const struct report *stream_report(bool live)
{
    static struct report r;
    const struct journal *j = result_journal();

    /* What is still free is not searched: that takes long. */
    report_load(&r, j->base, j->used, j->nonce,
                live ? SOURCE_LIVE : SOURCE_RAM);
    return &r;
}
