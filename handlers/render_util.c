/* SPDX-License-Identifier: MIT */
/*
 * What the renderers share: output through a local buffer (a report_put may
 * be a firmware call or a UART), wrapping, and the words for how a run ended.
 */
#include "fmt.h"
#include "render.h"

#define PIECE_MAX 768 /* bytes of one formatted line before wrapping */

void out_start(struct out *o, report_put *put, void *context)
{
    o->put = put;
    o->context = context;
    o->n = 0;
}

void out_flush(struct out *o)
{
    if (o->n > 0)
        o->put(o->context, o->buf, o->n);
    o->n = 0;
}

void out_char(struct out *o, char c)
{
    if (o->n == sizeof(o->buf))
        out_flush(o);
    o->buf[o->n++] = c;
}

void out_text(struct out *o, const char *s)
{
    while (*s != '\0')
        out_char(o, *s++);
}

void out_fmt(struct out *o, const char *f, ...)
{
    char piece[PIECE_MAX];
    va_list ap;

    va_start(ap, f);
    vfmt(piece, sizeof(piece), f, ap);
    va_end(ap);
    out_text(o, piece);
}

/* How much of s goes on a line of room columns: up to a blank if possible. */
static unsigned fitting(const char *s, unsigned room)
{
    unsigned len = 0, blank = 0;

    while (len < room && s[len] != '\0') {
        if (s[len] == ' ' && len > 0 && s[len - 1] != ' ')
            blank = len;
        len++;
    }
    if (s[len] == '\0' || s[len] == ' ' || blank == 0)
        return len;
    return blank;
}

void out_line(struct out *o, unsigned hang, const char *f, ...)
{
    char line[PIECE_MAX];
    const char *s = line;
    unsigned indent = 0;
    va_list ap;

    va_start(ap, f);
    vfmt(line, sizeof(line), f, ap);
    va_end(ap);
    do {
        unsigned n = fitting(s, TEXT_COLUMNS - indent);
        unsigned end = n;

        while (end > 0 && s[end - 1] == ' ')
            end--;
        for (unsigned i = 0; i < indent && end > 0; i++)
            out_char(o, ' ');
        for (unsigned i = 0; i < end; i++)
            out_char(o, s[i] >= ' ' && s[i] <= '~' ? s[i] : '?');
        out_char(o, '\n');
        for (s += n; *s == ' '; s++)
            continue;
        indent = hang;
    } while (*s != '\0');
}

static const char *lost_reason(const struct report *r)
{
    switch (r->status) {
    case JOURNAL_BAD_HEADER:
        return "the journal's header is damaged";
    case JOURNAL_OTHER_NONCE:
        return "the journal in memory is another run's";
    default:
        return "the journal did not survive the reset";
    }
}

void report_outcome(const struct report *r, char *buf, size_t n)
{
    if (r->status != JOURNAL_OK)
        fmt(buf, n, "results lost: %s", lost_reason(r));
    else if (r->last_words != NULL)
        fmt(buf, n, "died at \"%s\"", r->last_words->step);
    else if (r->end == NULL && r->last_step != NULL)
        fmt(buf, n, "died at \"%s\"", r->last_step->name);
    else if (r->end == NULL)
        fmt(buf, n, "died before its first step");
    else if (report_complete(r))
        fmt(buf, n, "complete");
    else if (r->damaged > 0)
        fmt(buf, n, "ran to its end, but %u record%s lost to damage",
            r->damaged, r->damaged == 1 ? " is" : "s are");
    else
        fmt(buf, n, "ran to its end, but some records found no room");
}

void report_origin(const struct report *r, char *buf, size_t n)
{
    const struct record_machine *m = r->machine;

    if (r->source != SOURCE_LIVE)
        fmt(buf, n, "%s, after %u boot%s",
            r->source == SOURCE_RAM ? "memory" : "the digest variable",
            r->boots, r->boots == 1 ? "" : "s");
    else if (m != NULL && m->why_live[0] != '\0')
        fmt(buf, n, "the run itself: %s", m->why_live);
    else
        fmt(buf, n, "the run itself");
}

const char *check_reason(const struct record_check *c)
{
    if (c->why[0] != '\0' && c->verdict == VERDICT_SKIP)
        return c->why;
    return c->seen[0] != '\0' ? c->seen : c->why;
}

bool verdict_is_finding(unsigned v)
{
    return v == VERDICT_FAIL || v == VERDICT_HANG || v == VERDICT_RESET;
}

const char *source_name(unsigned source)
{
    return source == SOURCE_RAM     ? "ram"
           : source == SOURCE_NVRAM ? "nvram"
                                    : "live";
}

const char *screen_name(unsigned screen)
{
    return screen == SCREEN_LINEAR     ? "linear"
           : screen == SCREEN_BLT_ONLY ? "blt-only"
                                       : "none";
}

const char *report_version(const struct report *r)
{
    return r->machine != NULL ? r->machine->version : VERSION;
}
