/* SPDX-License-Identifier: MIT */
/*
 * The one formatter of the program: enough of snprintf for code that has no
 * libc.  Called by efi/, the core and every renderer; the host tests compare
 * it with the C library's.
 */
#include <stdbool.h>

#include "fmt.h"

#define DIGITS_MAX 20 /* of 2^64 - 1 in decimal */

struct sink {
    char *buf;
    size_t n;   /* room, with the NUL */
    size_t len; /* of the whole text, whether or not it found room */
};

/* What stands between '%' and the conversion letter. */
struct spec {
    bool left, zero;
    int width;
    int precision; /* -1: none */
    int longs;     /* how many 'l' */
};

static void emit(struct sink *s, char c)
{
    if (s->len < s->n) /* the NUL takes the last place back */
        s->buf[s->len] = c;
    s->len++;
}

/* A prefix (the sign), then body[len], padded to the width. */
static void emit_padded(struct sink *s, const struct spec *sp,
                        const char *prefix, const char *body, int len)
{
    int sign = *prefix != '\0';
    int pad = sp->width - len - sign;

    if (!sp->left && !sp->zero) {
        for (; pad > 0; pad--)
            emit(s, ' ');
    }
    if (sign)
        emit(s, *prefix);
    if (!sp->left) {
        for (; pad > 0; pad--)
            emit(s, '0');
    }
    for (int i = 0; i < len; i++)
        emit(s, body[i]);
    for (; pad > 0; pad--)
        emit(s, ' ');
}

static void emit_number(struct sink *s, const struct spec *sp, char conversion,
                        unsigned long long v)
{
    unsigned base = conversion == 'x' ? 16 : 10;
    bool negative = conversion == 'd' && (long long)v < 0;
    char digits[DIGITS_MAX];
    int at = DIGITS_MAX;

    if (negative)
        v = -v;
    do {
        digits[--at] = "0123456789abcdef"[v % base];
        v /= base;
    } while (v != 0);
    emit_padded(s, sp, negative ? "-" : "", digits + at, DIGITS_MAX - at);
}

static void emit_string(struct sink *s, struct spec *sp, const char *text)
{
    int len = 0;

    if (text == NULL)
        text = "(null)";
    while (len != sp->precision && text[len] != '\0')
        len++;
    sp->zero = false;
    emit_padded(s, sp, "", text, len);
}

/* A width or precision: digits or '*'.  Returns what follows it. */
static const char *number(const char *f, int *v, va_list *ap)
{
    *v = 0;
    if (*f == '*') {
        *v = va_arg(*ap, int);
        return f + 1;
    }
    while (*f >= '0' && *f <= '9')
        *v = *v * 10 + (*f++ - '0');
    return f;
}

static const char *parse_spec(const char *f, struct spec *sp, va_list *ap)
{
    *sp = (struct spec){.precision = -1};
    for (; *f == '-' || *f == '0'; f++) {
        if (*f == '-')
            sp->left = true;
        else
            sp->zero = true;
    }
    f = number(f, &sp->width, ap);
    if (sp->width < 0) { /* '*' with a negative width means '-' */
        sp->left = true;
        sp->width = -sp->width;
    }
    if (*f == '.')
        f = number(f + 1, &sp->precision, ap);
    while (*f == 'l') {
        sp->longs++;
        f++;
    }
    return f;
}

static unsigned long long unsigned_arg(int longs, va_list *ap)
{
    if (longs == 0)
        return va_arg(*ap, unsigned);
    if (longs == 1)
        return va_arg(*ap, unsigned long);
    return va_arg(*ap, unsigned long long);
}

static long long signed_arg(int longs, va_list *ap)
{
    if (longs == 0)
        return va_arg(*ap, int);
    if (longs == 1)
        return va_arg(*ap, long);
    return va_arg(*ap, long long);
}

/* One conversion; f stands behind the '%'.  Returns what follows it. */
static const char *convert(struct sink *s, const char *f, va_list *ap)
{
    struct spec sp;
    char c;

    f = parse_spec(f, &sp, ap);
    switch (*f) {
    case 's':
        emit_string(s, &sp, va_arg(*ap, const char *));
        break;
    case 'c':
        c = (char)va_arg(*ap, int);
        sp.zero = false;
        emit_padded(s, &sp, "", &c, 1);
        break;
    case 'd':
        emit_number(s, &sp, *f, (unsigned long long)signed_arg(sp.longs, ap));
        break;
    case 'u':
    case 'x':
        emit_number(s, &sp, *f, unsigned_arg(sp.longs, ap));
        break;
    case '%':
        emit(s, '%');
        break;
    default: /* none of ours: shows itself, so that the mistake is seen */
        emit(s, '%');
        return f;
    }
    return f + 1;
}

int vfmt(char *buf, size_t n, const char *f, va_list ap)
{
    struct sink s = {buf, n, 0};
    va_list args;

    va_copy(args, ap); /* a va_list parameter has no address to hand on */
    while (*f != '\0') {
        if (*f != '%')
            emit(&s, *f++);
        else
            f = convert(&s, f + 1, &args);
    }
    va_end(args);
    if (n > 0)
        buf[s.len < n ? s.len : n - 1] = '\0';
    return (int)s.len;
}

int fmt(char *buf, size_t n, const char *f, ...)
{
    va_list ap;
    int len;

    va_start(ap, f);
    len = vfmt(buf, n, f, ap);
    va_end(ap);
    return len;
}
