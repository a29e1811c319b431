/* SPDX-License-Identifier: MIT */
/*
 * A pager for people, which no machine has to know about: without a key it is
 * not there.  Called by bootb.c.
 */
#include "pager.h"

#include "firmware.h"
#include "keys.h"
#include "say.h"

#define ASK_MS 4000
#define READ_MS (10 * 60 * 1000) /* who reads a page longer has left */

struct pager {
    const char *text;
    size_t n;
    unsigned lines, rows; /* rows: of text in one page */
};

/* The start of a line; text + n past the last. */
static const char *line_start(const struct pager *p, unsigned line)
{
    const char *c = p->text, *end = p->text + p->n;

    while (line > 0 && c < end)
        if (*c++ == '\n')
            line--;
    return c;
}

static void draw(const struct pager *p, unsigned top)
{
    const char *from = line_start(p, top), *to = line_start(p, top + p->rows);
    unsigned last = top + p->rows < p->lines ? top + p->rows : p->lines;

    if (ST->ConOut)
        ST->ConOut->ClearScreen(ST->ConOut);
    put_ascii(from, (size_t)(to - from));
    say("-- %u-%u of %u -- space, b: page; arrows: line; home, end; q: done --",
        top + 1, last, p->lines);
}

/* The new top line after a key, within what there is. */
static unsigned move(const struct pager *p, unsigned top, enum key k)
{
    unsigned bottom = p->lines > p->rows ? p->lines - p->rows : 0;
    unsigned by = k == KEY_NEXT || k == KEY_PREVIOUS ? p->rows : 1;

    switch (k) {
    case KEY_NEXT:
    case KEY_LINE_DOWN:
        return bottom - top > by ? top + by : bottom;
    case KEY_PREVIOUS:
    case KEY_LINE_UP:
        return top > by ? top - by : 0;
    case KEY_HOME:
        return 0;
    case KEY_END:
        return bottom;
    default:
        return top;
    }
}

static void page(struct pager *p)
{
    unsigned top = 0, columns;
    enum key k;

    console_size(&columns, &p->rows);
    p->rows--; /* the last row is the pager's own */
    do {
        draw(p, top);
        k = key_wait(READ_MS);
        /* A page forward from the end is how a reader says "done". */
        if (k == KEY_NEXT && top + p->rows >= p->lines)
            k = KEY_QUIT;
        top = move(p, top, k);
    } while (k != KEY_QUIT && k != KEY_NONE);
    say("\n");
}

/*
 * All of it at once, from the top of the screen again whenever that is full:
 * a firmware that scrolls copies the whole screen for every line.
 */
static void put_screens(struct pager *p)
{
    unsigned columns;

    console_size(&columns, &p->rows);
    p->rows--; /* the cursor's */
    for (unsigned top = 0; top < p->lines; top += p->rows) {
        const char *from = line_start(p, 0), *to = line_start(p, p->rows);

        if (ST->ConOut)
            ST->ConOut->ClearScreen(ST->ConOut);
        put_ascii(from, (size_t)(to - from));
        p->n -= (size_t)(to - from);
        p->text = to;
    }
}

void pager_show(const char *text, size_t n, bool ask)
{
    struct pager p = {.text = text, .n = n};

    for (size_t i = 0; i < n; i++)
        p.lines += text[i] == '\n';
    if (ask) {
        say("A key shows the report page by page; without one it comes at "
            "once, in %u seconds.\n",
            ASK_MS / 1000);
        keys_drain();
        if (key_wait(ASK_MS) != KEY_NONE) {
            page(&p);
            return;
        }
    }
    put_screens(&p);
}
