/* SPDX-License-Identifier: MIT */
/*
 * The option parser: one table makes the parser, the error lines and the
 * usage text.  Plain C without firmware calls, so the host tests share it.
 */
#include <stdint.h>

#include "fmt.h"
#include "options.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define SOAK_DIGITS 9
#define QUOTE_MAX 32 /* characters of a wrong word that its line shows */

/* What an option sets: a bool, or one of those that take a value. */
enum kind { FLAG, ONLY, EXPLAIN, PROVOKE, SOAK };

static const struct option {
    char name[16];
    enum kind kind;
    size_t flag; /* offset of a FLAG's bool in struct options */
} table[] = {
    {"-h", FLAG, offsetof(struct options, help)},
    {"--help", FLAG, offsetof(struct options, help)},
    {"--list", FLAG, offsetof(struct options, list)},
    {"--list-checks", FLAG, offsetof(struct options, list_checks)},
    {"--explain", EXPLAIN, 0},
    {"--only", ONLY, 0},
    {"--no-risky", FLAG, offsetof(struct options, no_risky)},
    {"--no-reboot", FLAG, offsetof(struct options, no_reboot)},
    {"--batch", FLAG, offsetof(struct options, batch)},
    {"--inject", FLAG, offsetof(struct options, inject)},
    {"--mutants", FLAG, offsetof(struct options, mutants)},
    {"--self-test", FLAG, offsetof(struct options, self_test)},
    {"--soak", SOAK, 0},
    {"--provoke", PROVOKE, 0},
};

static const char *const provocations[] = {
    [PROVOKE_STALE_KEY] = "stale-key",
    [PROVOKE_NO_VARIABLES] = "no-variables",
    [PROVOKE_STORE_FULL] = "store-full",
    [PROVOKE_JOURNAL_TAKEN] = "journal-taken",
    [PROVOKE_JOURNAL_FLIP] = "journal-flip",
    [PROVOKE_CORE_FAULT] = "core-fault",
    [PROVOKE_TRIPLE_FAULT] = "triple-fault",
};

static const char usage[] =
    "Usage: BOOTX64.EFI [option...]\n"
    "Takes the machine over, enters ring 0 by every path, judges every SWAPGS\n"
    "decision, restarts the machine and reports.\n"
    "\n"
    "  -h, --help        this text\n"
    "  --list            name the cases and run none\n"
    "  --list-checks     name every check and run none (restarts the machine)\n"
    "  --explain CASE    what a case asks, how vendors differ, what good is\n"
    "  --only PATTERN,...  run the cases whose id matches, say \"exc*,nmi\"\n"
    "  --no-risky        leave out the checks that may not come back\n"
    "  --no-reboot       print the report without a second boot, then halt\n"
    "  --batch           nobody is there: wait for no key, power off after\n"
    "  --inject          a script on COM1 injects #MC and NMI when asked\n"
    "  --mutants         perturb one thing at a time; some check must turn red\n"
    "  --self-test       run broken entry stubs, which must be found wrong\n"
    "  --soak N          N NMIs (1 to 999999999) into linux's stubs, no case\n"
    "  --provoke WHAT    break something on purpose, one of: stale-key,\n"
    "                    no-variables, store-full, journal-taken,\n"
    "                    journal-flip, core-fault, triple-fault\n"
    "\n"
    "The same words may stand in \\RINGSIDE\\ringside.cfg.\n";

const char *options_usage(void)
{
    return usage;
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
    const char *n = o->name;

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

/* --only and --explain: a short text. */
static bool set_text(char text[OPTIONS_ONLY_MAX], const char *option,
                     const char *value, char *why, size_t n)
{
    size_t len = 0;

    while (value[len] != '\0')
        len++;
    if (len == 0)
        return refuse(why, n, "%s needs a value", option);
    if (len >= OPTIONS_ONLY_MAX)
        return refuse(why, n, "a value too long: \"%s\"", value);
    fmt(text, OPTIONS_ONLY_MAX, "%s", value);
    return true;
}

static bool set_provoke(struct options *o, const char *value, char *why,
                        size_t n)
{
    for (size_t i = PROVOKE_NOTHING + 1; i < COUNT(provocations); i++) {
        if (equal(value, provocations[i])) {
            o->provoke = (enum provocation)i;
            return true;
        }
    }
    return refuse(why, n, "--provoke: nothing is called \"%s\"", value);
}

/* How many, in decimal; no more than nine digits. */
static bool set_soak(struct options *o, const char *value, char *why, size_t n)
{
    const char *digit = value;

    o->soak = 0;
    while (*digit >= '0' && *digit <= '9' && digit - value < SOAK_DIGITS)
        o->soak = o->soak * 10 + (uint32_t)(*digit++ - '0');
    return (o->soak != 0 && *digit == '\0') ||
           refuse(why, n, "--soak: not a count: \"%s\"", value);
}

static bool set_value(struct options *o, const struct option *option,
                      const char *value, char *why, size_t n)
{
    switch (option->kind) {
    case PROVOKE:
        return set_provoke(o, value, why, n);
    case SOAK:
        return set_soak(o, value, why, n);
    default:
        return set_text(option->kind == ONLY ? o->only : o->explain,
                        option->name, value, why, n);
    }
}

static const struct option *find(const char *word, const char **value)
{
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
        if (option->kind == FLAG) {
            if (value != NULL)
                return refuse(why, n, "%s takes no value", option->name);
            *(bool *)((uint8_t *)o + option->flag) = true;
            continue;
        }
        if (value == NULL && i + 1 < argc)
            value = argv[++i];
        if (value == NULL)
            return refuse(why, n, "%s needs a value", option->name);
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
