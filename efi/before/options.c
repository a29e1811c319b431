/* SPDX-License-Identifier: MIT */
/*
 * The option parser: include/options.def makes the parser, the error lines and
 * the usage text.  Plain C without firmware calls, so the host tests share it.
 */
#include <stdint.h>

#include "cpus.h"
#include "fmt.h"
#include "macros.h"
#include "options.h"

#define NUMBER_DIGITS 9
#define QUOTE_MAX 32    /* characters of a wrong word that its line shows */
#define USAGE_MAX 3072  /* bytes; a host test sees that it is enough */
#define USAGE_COLUMN 22 /* where the help begins */
#define USAGE_COLUMNS 79

enum kind { FLAG, TEXT, NUMBER, CPUS, PROVOKE };
enum group { ANY, MODE, STORM };

static const struct option {
    const char *word, *argument, *help;
    enum kind kind;
    enum group group;
    size_t field; /* its offset in struct options */
} table[] = {
#define OPTION(word, kind, field, group, argument, help)                       \
    {word, argument, help, kind, group, offsetof(struct options, field)},
#include "options.def"
#undef OPTION
};

static const char *const provocations[] = {
#define PROVOCATION(word, constant) [constant] = word,
#include "options.def"
#undef PROVOCATION
};

static size_t length(const char *s)
{
    size_t n = 0;

    while (s[n] != '\0')
        n++;
    return n;
}

/* The names of what can be provoked, on lines of their own. */
static size_t list_provocations(char *to, size_t n)
{
    size_t at = 0, column = USAGE_COLUMNS;

    for (size_t i = PROVOKE_NOTHING + 1; i < PROVOCATIONS; i++) {
        bool last = i + 1 == PROVOCATIONS;

        column += length(provocations[i]) + 2;
        if (column > USAGE_COLUMNS) {
            at += (size_t)fmt(to + at, n - at, "%s%*s", at ? "\n" : "",
                              USAGE_COLUMN, "");
            column = USAGE_COLUMN + length(provocations[i]) + 1;
        } else {
            at += (size_t)fmt(to + at, n - at, " ");
        }
        at += (size_t)fmt(to + at, n - at, "%s%s", provocations[i],
                          last ? "\n" : ",");
    }
    return at;
}

const char *options_usage(void)
{
    static char text[USAGE_MAX];
    size_t at = (size_t)fmt(
        text, sizeof(text),
        "Usage: BOOTX64.EFI [option...]\n"
        "Takes the machine over, enters ring 0 by every path, judges every "
        "SWAPGS\ndecision, restarts the machine and reports.\n\n");

    for (size_t i = 0; i < COUNT(table); i++) {
        const struct option *o = &table[i];
        int head =
            fmt(text + at, sizeof(text) - at, "  %s %s", o->word, o->argument);

        at += (size_t)head;
        at += (size_t)fmt(text + at, sizeof(text) - at, "%*s%s%s\n",
                          USAGE_COLUMN - head, "", o->help,
                          o->kind == PROVOKE ? ":" : "");
        if (o->kind == PROVOKE)
            at += list_provocations(text + at, sizeof(text) - at);
    }
    fmt(text + at, sizeof(text) - at,
        "\nThe same words may stand in \\RINGSIDE\\ringside.cfg.\n");
    return text;
}

static bool equal(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* What "--only=x" and "--only" share: does the word name this option? */
static bool names(const char *word, const struct option *o, const char **value)
{
    const char *n = o->word;

    while (*n != '\0' && *word == *n) {
        word++;
        n++;
    }
    *value = *word == '=' ? word + 1 : NULL;
    return *n == '\0' && (*word == '\0' || *word == '=');
}

/* One line in why: the message, with the user's word made printable. */
static bool refuse(char *why, size_t n, const char *message, const char *word)
{
    char shown[QUOTE_MAX + 4];
    size_t i;

    for (i = 0; i < QUOTE_MAX && word[i] != '\0'; i++)
        shown[i] = word[i] >= ' ' && word[i] <= '~' ? word[i] : '?';
    fmt(shown + i, sizeof(shown) - i, "%s", word[i] != '\0' ? "..." : "");
    fmt(why, n, message, shown);
    return false;
}

static bool set_text(char text[OPTIONS_TEXT_MAX], const struct option *o,
                     const char *value, char *why, size_t n)
{
    if (*value == '\0')
        return refuse(why, n, "%s needs a value", o->word);
    if (length(value) >= OPTIONS_TEXT_MAX)
        return refuse(why, n, "a value too long: \"%s\"", value);
    fmt(text, OPTIONS_TEXT_MAX, "%s", value);
    return true;
}

static bool set_provoke(enum provocation *p, const char *value, char *why,
                        size_t n)
{
    for (size_t i = PROVOKE_NOTHING + 1; i < PROVOCATIONS; i++) {
        if (equal(value, provocations[i])) {
            *p = (enum provocation)i;
            return true;
        }
    }
    return refuse(why, n, "--provoke: nothing is called \"%s\"", value);
}

/* How many, in decimal; no more than nine digits. */
static bool set_number(uint32_t *v, const struct option *o, const char *value,
                       char *why, size_t n)
{
    const char *digit = value;
    char message[48];

    *v = 0;
    while (*digit >= '0' && *digit <= '9' && digit - value < NUMBER_DIGITS)
        *v = *v * 10 + (uint32_t)(*digit++ - '0');
    if (*v != 0 && *digit == '\0')
        return true;
    fmt(message, sizeof(message), "%s: not a count: \"%%s\"", o->word);
    return refuse(why, n, message, value);
}

static bool set_cpus(struct cpus *c, const struct option *o, const char *value,
                     char *why, size_t n)
{
    const char *where;
    const char *wrong;

    if (*value == '\0')
        return refuse(why, n, "%s needs a value", o->word);
    wrong = cpus_parse(c, value, &where);
    return wrong ? refuse(why, n, wrong, where) : true;
}

static bool set_value(struct options *o, const struct option *option,
                      const char *value, char *why, size_t n)
{
    void *field = (uint8_t *)o + option->field;

    switch (option->kind) {
    case PROVOKE:
        return set_provoke(field, value, why, n);
    case CPUS:
        return set_cpus(field, option, value, why, n);
    case NUMBER:
        return set_number(field, option, value, why, n);
    default:
        return set_text(field, option, value, why, n);
    }
}

/* Has it been given?  The first byte of a field tells, but for a number. */
static bool is_set(const struct options *o, const struct option *option)
{
    const void *field = (const uint8_t *)o + option->field;

    return option->kind == NUMBER ? *(const uint32_t *)field != 0
                                  : *(const uint8_t *)field != 0;
}

/* Is that another option that this one does not go with? */
static bool excludes(const struct option *o, const struct option *other)
{
    return o != other && o->group != ANY && other->group != ANY &&
           (o->group == MODE || o->group != other->group);
}

/* Two that do not go together. */
static bool conflict(const struct options *o, const struct option *option,
                     char *why, size_t n)
{
    for (size_t i = 0; i < COUNT(table); i++) {
        if (!excludes(option, &table[i]) || !is_set(o, &table[i]))
            continue;
        fmt(why, n, "%s and %s do not go together", table[i].word,
            option->word);
        return true;
    }
    return false;
}

static const struct option *find(const char *word, const char **value)
{
    if (equal(word, "-h"))
        word = "--help";
    for (size_t i = 0; i < COUNT(table); i++) {
        if (names(word, &table[i], value))
            return &table[i];
    }
    return NULL;
}

bool options_parse(struct options *o, int argc, const char *const *argv,
                   char *why, size_t n)
{
    for (int i = 0; i < argc; i++) {
        const char *value;
        const struct option *option = find(argv[i], &value);

        if (option == NULL)
            return refuse(why, n, "unknown option \"%s\"", argv[i]);
        if (conflict(o, option, why, n))
            return false;
        if (option->kind == FLAG) {
            if (value != NULL)
                return refuse(why, n, "%s takes no value", option->word);
            *(bool *)((uint8_t *)o + option->field) = true;
            continue;
        }
        if (value == NULL && i + 1 < argc)
            value = argv[++i];
        if (value == NULL)
            return refuse(why, n, "%s needs a value", option->word);
        if (!set_value(o, option, value, why, n))
            return false;
    }
    return true;
}

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/*
 * Moves one word to the front of what is left, without its quotes.  Returns
 * what follows it, or NULL when a quote stays open.
 */
static char *take_word(char *in, char *out)
{
    bool quoted = false;

    for (; *in != '\0' && (quoted || !blank(*in)); in++) {
        if (*in == '"')
            quoted = !quoted;
        else
            *out++ = *in;
    }
    if (quoted)
        return NULL;
    if (*in != '\0')
        in++; /* before the NUL below may land on it */
    *out = '\0';
    return in;
}

int options_split(char *line, const char **argv, int max)
{
    int argc = 0;

    for (;;) {
        while (blank(*line))
            line++;
        if (*line == '\0')
            return argc;
        if (argc == max)
            return -1 - argc;
        argv[argc] = line;
        line = take_word(line, line);
        if (line == NULL)
            return -1 - argc;
        argc++;
    }
}
