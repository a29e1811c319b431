/* SPDX-License-Identifier: MIT */
/*
 * The layout of the screen; cells.c paints it.
 */
#include "screen.h"

#include "fmt.h"

enum {
    ROW_TITLE = 0,
    ROW_PROGRESS = 2,
    ROW_BAR = 3,
    ROW_NAMES = 5,  /* of the counters, ... */
    ROW_COUNTS = 6, /* ... and their values below */
    ROW_RULE = 7,
    ROW_LOG = 8,
    ROW_PAGE = 2,
    ROWS_BELOW = 2,    /* a blank one and the footer */
    MARGIN = 1,        /* blank columns at the left and the right */
    CLOCK_WIDTH = 17,  /* "running  12.3 s /" */
    PERCENT_WIDTH = 6, /* " 100 %" */
    COUNTER_WIDTH = 8,
    LOG_INDENT = 8, /* of a line that goes on: a verdict and a blank */
    LOG_ROWS = 4,   /* that one line may take */
    TEXT_MAX = 160, /* bytes of a line put together here */
};

static unsigned log_row; /* where the next line goes */

/* Columns between the margins, and the row behind the log and the page. */
static unsigned inner_width(void)
{
    unsigned w = cells_columns();

    return w > 2 * MARGIN ? w - 2 * MARGIN : 0;
}

static unsigned bottom(void)
{
    unsigned r = cells_rows();

    return r > ROWS_BELOW ? r - ROWS_BELOW : 0;
}

static void band(unsigned row, enum ink ink, const char *text)
{
    cells_put(0, row, ' ', ink);
    cells_text(MARGIN, row, cells_columns(), ink, text);
}

static void rule(void)
{
    for (unsigned c = 0; c < inner_width(); c++)
        cells_put(MARGIN + c, ROW_RULE, '-', INK_DIM);
}

bool screen_init(void *pixels, const struct framebuffer *fb,
                 const struct font_file *fonts, unsigned n)
{
    log_row = ROW_LOG;
    if (!cells_open(pixels, fb, fonts, n))
        return false;
    screen_title("");
    screen_progress(0, 0, "");
    screen_counts(0, 0, 0, 0);
    rule();
    screen_footer("");
    return true;
}

void screen_hold(void)
{
    cells_hold(true);
}

void screen_show(void)
{
    cells_paint(0, cells_rows());
}

void screen_show_head(void)
{
    cells_paint(0, ROW_LOG);
}

void screen_title(const char *text)
{
    band(ROW_TITLE, INK_TITLE, text);
}

void screen_footer(const char *text)
{
    band(cells_rows() - 1, INK_TITLE, text);
}

static void bar(unsigned done, unsigned total)
{
    unsigned room = inner_width();
    unsigned filled, percent;
    char text[TEXT_MAX];

    if (room <= PERCENT_WIDTH)
        return;
    room -= PERCENT_WIDTH;
    filled = total ? (unsigned)((uint64_t)room * done / total) : 0;
    percent = total ? (unsigned)(100ull * done / total) : 0;
    for (unsigned c = 0; c < room; c++)
        cells_put(MARGIN + c, ROW_BAR, ' ',
                  c < filled ? INK_BAR_DONE : INK_BAR_LEFT);
    fmt(text, sizeof(text), "%4u %%", percent);
    cells_text(MARGIN + room, ROW_BAR, PERCENT_WIDTH, INK_TEXT, text);
}

void screen_progress(unsigned done, unsigned total, const char *what)
{
    unsigned room = inner_width();

    if (room > CLOCK_WIDTH)
        cells_text(MARGIN, ROW_PROGRESS, room - CLOCK_WIDTH, INK_TEXT, what);
    bar(done < total ? done : total, total);
}

void screen_beat(uint64_t milliseconds)
{
    static const char wheel[] = {'|', '/', '-', '\\'};
    static unsigned beat;
    unsigned room = inner_width();
    char text[TEXT_MAX];
    unsigned long tenths = (unsigned long)(milliseconds / 100);

    if (room <= CLOCK_WIDTH)
        return;
    fmt(text, sizeof(text), "running%4lu.%lu s %c", tenths / 10, tenths % 10,
        wheel[beat++ % sizeof(wheel)]);
    cells_text(MARGIN + room - CLOCK_WIDTH, ROW_PROGRESS, CLOCK_WIDTH, INK_DIM,
               text);
}

static void counter(unsigned place, const char *name, unsigned value,
                    enum ink ink)
{
    unsigned column = MARGIN + place * COUNTER_WIDTH;
    char text[TEXT_MAX];

    cells_text(column, ROW_NAMES, COUNTER_WIDTH, INK_DIM, name);
    fmt(text, sizeof(text), "%u", value);
    cells_text(column, ROW_COUNTS, COUNTER_WIDTH, value ? ink : INK_DIM, text);
}

void screen_counts(unsigned pass, unsigned fail, unsigned differ, unsigned skip)
{
    counter(0, "pass", pass, INK_PASS);
    counter(1, "fail", fail, INK_FAIL);
    counter(2, "differ", differ, INK_DIFFER);
    counter(3, "skip", skip, INK_SKIP);
}

/* Makes room for a row of the log; false if the screen has none at all. */
static bool log_room(void)
{
    unsigned low = bottom();

    if (low <= ROW_LOG)
        return false;
    if (log_row >= low) {
        /* By half, not by one: fewer cells change. */
        unsigned by = (low - ROW_LOG + 1) / 2;

        cells_scroll(ROW_LOG, low, by);
        log_row = low - by;
    }
    return true;
}

/* The characters of line that fit into room, cut between words if possible. */
static unsigned fitting(const char *line, unsigned room)
{
    unsigned n = 0, blank = 0;

    for (; line[n] != '\0' && line[n] != '\n'; n++) {
        if (line[n] == ' ')
            blank = n;
        if (n == room)
            return blank ? blank : n;
    }
    return n;
}

void screen_log(const char *line, enum ink ink)
{
    unsigned indent = 0;

    if (inner_width() <= LOG_INDENT)
        return;
    for (unsigned row = 0; row < LOG_ROWS && log_room(); row++, log_row++) {
        unsigned n = fitting(line, inner_width() - indent);

        if (n == 0 && row > 0)
            return;
        cells_clear(log_row, log_row + 1);
        for (unsigned i = 0; i < n; i++) {
            if (line[i] == ' ')
                ink = INK_TEXT; /* the first word is over */
            cells_put(MARGIN + indent + i, log_row, line[i], ink);
        }
        for (line += n; *line == ' ';)
            line++;
        indent = LOG_INDENT;
    }
}

/* Writes lines from row on; returns the first that found no room. */
static const char *lines(unsigned row, unsigned column, const char *text)
{
    for (; *text != '\0' && row < bottom(); row++) {
        cells_text(column, row, cells_columns(), INK_TEXT, text);
        while (*text != '\0' && *text++ != '\n')
            ;
    }
    return text;
}

const char *screen_page(const char *text)
{
    cells_hold(false);
    if (bottom() <= ROW_PAGE)
        return ""; /* or a caller would ask for the rest for ever */
    cells_clear(ROW_PAGE, bottom());
    return lines(ROW_PAGE, MARGIN, text);
}

void screen_last_words(const char *text)
{
    cells_hold(false);
    cells_clear(ROW_RULE, bottom());
    band(ROW_RULE, INK_ALARM, "LAST WORDS: the core cannot go on");
    lines(ROW_LOG + 1, MARGIN, text);
}
