/* SPDX-License-Identifier: MIT */
/*
 * Output that the renderers share: through a local buffer, because a
 * report_put may be a firmware call or a UART, and wrapped for people.
 */
#include "fmt.h"
#include "render.h"

#define PIECE_MAX 768 /* bytes of one formatted line before wrapping */
#define LIST_INDENT "    "

bool same_text(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

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

void out_bytes(struct out *o, const char *s, size_t n)
{
    while (n > 0) {
        size_t room = sizeof(o->buf) - o->n, piece = n < room ? n : room;

        for (size_t i = 0; i < piece; i++)
            o->buf[o->n + i] = s[i];
        o->n += (unsigned)piece;
        s += piece;
        n -= piece;
        if (o->n == sizeof(o->buf))
            out_flush(o);
    }
}

void out_text(struct out *o, const char *s)
{
    size_t n = 0;

    while (s[n] != '\0')
        n++;
    out_bytes(o, s, n);
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

/* One word of a list, or what stands before it. */
static unsigned put_word(struct out *o, const char *s)
{
    unsigned n = 0;

    for (; s[n] != '\0'; n++) {
        if (o != NULL)
            out_char(o, s[n] >= ' ' && s[n] <= '~' ? s[n] : '?');
    }
    return n;
}

void out_list_begin(struct out *o, struct list *l, const char *lead)
{
    l->column = put_word(o, lead);
    l->items = 0;
}

void out_list_item(struct out *o, struct list *l, const char *item)
{
    unsigned n = put_word(NULL, item);

    if (l->items++ > 0)
        l->column += put_word(o, ",");
    if (l->items > 1 && l->column + 1 + n + 1 <= TEXT_COLUMNS) {
        l->column += put_word(o, " ");
    } else if (l->items > 1) {
        if (o != NULL)
            out_char(o, '\n');
        l->column = put_word(o, LIST_INDENT);
    }
    l->column += put_word(o, item);
}
