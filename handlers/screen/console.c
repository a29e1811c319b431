/* SPDX-License-Identifier: MIT */
/*
 * Sends each thing that the core says to the outputs that there are.
 */
#include "console.h"

#include "fmt.h"
#include "insn.h"
#include "layout.h"
#include "macros.h"
#include "report/report.h"
#include "screen.h"
#include "serial.h"

enum {
    TEXT_MAX = 512,      /* bytes: a check with all its fields */
    PAGE_OFFSET = 0xfff, /* address bits within a page */
    PAINTS = 10,         /* of the log in a second, at the most */
};

/* handlers/screen/fonts.S */
extern const uint8_t fonts_8x16[], fonts_12x24[], fonts_16x32[], fonts_end[];

static const struct handoff *given; /* by efi/, to console_init() */
static bool mid_line; /* the serial line stands behind a '\n' no longer */
static unsigned counts[VERDICT_COUNT]; /* of the whole run */
static uint64_t painted;               /* TSC when the screen last was */

/* The case that is under way; number 0: none. */
static struct {
    unsigned number, total, checks;
    unsigned done;  /* cases that are over */
    unsigned worst; /* enum verdict */
    char id[sizeof(((struct record_case *)0)->id)];
} current;

static enum ink ink_of(unsigned verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
        return INK_PASS;
    case VERDICT_DIFFER:
        return INK_DIFFER;
    case VERDICT_SKIP:
    case VERDICT_NOTRUN:
        return INK_SKIP;
    default:
        return INK_FAIL;
    }
}

/*
 * space_build() maps whole pages from VA_SCREEN on, as many as hold the
 * framebuffer or fit there; its first byte need not begin a page.
 */
static void take_screen(const struct framebuffer *fb)
{
    const struct font_file fonts[] = {
        {fonts_8x16, (size_t)(fonts_12x24 - fonts_8x16)},
        {fonts_12x24, (size_t)(fonts_16x32 - fonts_12x24)},
        {fonts_16x32, (size_t)(fonts_end - fonts_16x32)},
    };
    struct framebuffer mapped = *fb;
    uint64_t offset = fb->base & PAGE_OFFSET;

    if (mapped.size > VA_SCREEN_MAX)
        mapped.size = VA_SCREEN_MAX;
    mapped.size = mapped.size > offset ? mapped.size - offset : 0;
    screen_init((void *)(VA_SCREEN + offset), &mapped, fonts, COUNT(fonts));
}

void console_init(const struct handoff *h)
{
    given = h;
    serial_init(h->serial, h->tsc_hz);
    take_screen(&h->screen);
    screen_title("ringside " VERSION);
    screen_footer(h->two_boots ? "When done, the machine restarts by itself "
                                 "and shows the report."
                               : "When done, the report comes here and on the "
                                 "serial line. No restart.");
    screen_hold();
}

void console_machine(const struct record_machine *m)
{
    const char *host = m->accelerator[0] ? m->accelerator : m->hypervisor;
    char text[TEXT_MAX];

    fmt(text, sizeof(text), "ringside " VERSION " | %s | %s | %s",
        m->brand[0] ? m->brand : m->vendor, host[0] ? host : "no hypervisor",
        m->firmware);
    screen_title(text);
}

void console_raw(const char *s, size_t n)
{
    if (n == 0)
        return;
    serial_put(s, n);
    mid_line = s[n - 1] != '\n';
}

void console_put(void *context, const char *s, size_t n)
{
    console_raw(s, n);
}

/* Each line of text as a diagnostic line of KTAP. */
static void comment(const char *text)
{
    if (mid_line)
        console_raw("\n", 1);
    do {
        size_t n = 0;

        while (text[n] != '\0' && text[n] != '\n')
            n++;
        console_raw("# ", 2);
        console_raw(text, n);
        console_raw("\n", 1);
        text += n;
    } while (*text == '\n' && *++text != '\0');
}

void console_beat(void)
{
    uint64_t hz = given->tsc_hz;

    screen_beat(hz ? (rdtsc() - given->tsc_start) * 1000 / hz : 0);
    screen_show_head();
}

static void update_counts(void)
{
    screen_counts(
        counts[VERDICT_PASS],
        counts[VERDICT_FAIL] + counts[VERDICT_HANG] + counts[VERDICT_RESET],
        counts[VERDICT_DIFFER], counts[VERDICT_SKIP] + counts[VERDICT_NOTRUN]);
}

/* Painting a digit costs more than many a check. */
static void paint(void)
{
    console_beat();
    screen_show();
    painted = rdtsc();
}

static void paint_if_due(void)
{
    if (rdtsc() - painted < given->tsc_hz / PAINTS)
        return;
    update_counts();
    paint();
}

/* What became of the case that was under way, as one line of the log. */
static void end_case(void)
{
    char text[TEXT_MAX];

    if (current.number == 0)
        return;
    if (current.checks == 0) { /* one that measures and judges nothing */
        fmt(text, sizeof(text), "%-7s case %s", "done", current.id);
        screen_log(text, INK_TEXT);
    } else {
        fmt(text, sizeof(text), "%-7s case %s: %u check%s",
            verdict_name(current.worst), current.id, current.checks,
            current.checks == 1 ? "" : "s");
        screen_log(text, ink_of(current.worst));
    }
    update_counts();
    current.done = current.number;
    current.number = 0;
}

void console_step(const char *name)
{
    char text[TEXT_MAX];

    end_case();
    screen_progress(current.done, current.total, name);
    paint();
    fmt(text, sizeof(text), "step: %s", name);
    comment(text);
}

void console_case(unsigned number, unsigned total, const char *id,
                  const char *title)
{
    char text[TEXT_MAX];

    end_case();
    current.number = number;
    current.total = total;
    current.checks = 0;
    current.worst = VERDICT_NOTRUN;
    fmt(current.id, sizeof(current.id), "%s", id);

    fmt(text, sizeof(text), "case %u of %u: %s - %s", number, total, id, title);
    screen_progress(current.done, total, text);
    console_beat(); /* should the case never end, this tells which it is */
    comment(text);
}

/* The outcome of a check that did not pass, as one line of the log. */
static void show(const struct record_check *c)
{
    char text[TEXT_MAX];

    if (c->verdict == VERDICT_SKIP || c->verdict == VERDICT_NOTRUN)
        fmt(text, sizeof(text), "%-7s %s: %s", verdict_name(c->verdict), c->id,
            c->why);
    else
        fmt(text, sizeof(text), "%-7s %s: seen %s, expected %s",
            verdict_name(c->verdict), c->id, c->seen, c->expected);
    screen_log(text, ink_of(c->verdict));
}

void console_result(const struct record_check *c)
{
    unsigned v = c->verdict < VERDICT_COUNT ? c->verdict : VERDICT_FAIL;

    counts[v]++;
    current.checks++;
    if (v > current.worst)
        current.worst = v;
    if (v != VERDICT_PASS && v != VERDICT_NOTRUN)
        show(c);
    paint_if_due();
}

void console_line(const char *text)
{
    char row[TEXT_MAX];

    fmt(row, sizeof(row), "%-7s %s", "note", text);
    screen_log(row, INK_DIM);
    comment(text);
}

const char *console_page(const char *text)
{
    return screen_page(text);
}

static void wait(unsigned seconds)
{
    uint64_t start = rdtsc();

    while (rdtsc() - start < seconds * given->tsc_hz)
        pause();
}

void console_pages(const char *text, unsigned seconds)
{
    unsigned page = 0;
    char footer[TEXT_MAX];

    while (*text != '\0' && cells_rows() != 0) {
        text = console_page(text);
        fmt(footer, sizeof(footer), "Page %u. %s", ++page,
            *text ? "More follows by itself." : "The text ends here.");
        screen_footer(footer);
        wait(seconds);
    }
}

/* The output whose turn it was last; counted on before it can fault. */
static volatile unsigned last_output;

void console_last_words(const char *text)
{
    static void (*const outputs[])(const char *) = {comment, screen_last_words};

    while (last_output < COUNT(outputs))
        outputs[last_output++](text);
}
