/* SPDX-License-Identifier: MIT */
/*
 * Where the options come from.  The Shell has a protocol for words; a boot
 * option has bytes, which may be UTF-16 text, a vendor's binary or nothing;
 * the volume may hold a file.  All end as one line for options_parse().
 * Called by main.c.
 */
#include "args.h"

#include <efishell.h>

#include "firmware.h"
#include "fmt.h"
#include "mem.h"
#include "say.h"
#include "volume.h"

#define CONFIG_MAX 4096
#define WORDS_MAX 32
#define QUOTE_MAX 80
#define BYTE_ORDER_MARK 0xfeff

static const char too_long[] = "has too many options: 1279 bytes fit";
_Static_assert(ARGS_MAX == 1280, "too_long says it");

/* Appends c.  False when the line is full. */
static bool put(char *line, size_t *at, char c)
{
    if (*at + 1 >= ARGS_MAX)
        return false;
    line[(*at)++] = c;
    line[*at] = '\0';
    return true;
}

/* The file's lines without comments, joined to one.  NULL, or what is wrong
 * with them. */
static const char *config_line(const char *text, size_t n, char *line)
{
    size_t at = 0;
    bool comment = false;

    if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3; /* editors put a byte order mark here */
        n -= 3;
    }
    for (size_t i = 0; i < n; i++) {
        char c = text[i];

        if (c == '\n' || c == '\r')
            comment = false;
        else if (c == '#' && (i == 0 || text[i - 1] <= ' '))
            comment = true;
        if (comment)
            continue;
        if (c == '\n' || c == '\r' || c == '\t')
            c = ' ';
        if (c < ' ' || c > '~')
            return "holds more than plain text";
        if (!put(line, &at, c))
            return too_long;
    }
    return NULL;
}

/* A missing file is no error; one that cannot be read is. */
static bool read_config(EFI_LOADED_IMAGE *image, char *line, char *why,
                        size_t n)
{
    static char text[CONFIG_MAX];
    UINTN got = sizeof(text);
    const char *wrong = too_long;
    EFI_STATUS s;
    EFI_FILE_HANDLE root = volume_open(image->DeviceHandle, &s);

    if (!root)
        return true;
    s = volume_read(root, ARGS_CONFIG, text, &got);
    root->Close(root);
    if (s == EFI_NOT_FOUND)
        return true;
    if (EFI_ERROR(s)) {
        fmt(why, n, "\\RINGSIDE\\ringside.cfg cannot be read: %s",
            status_words(s));
        return false;
    }
    if (got < sizeof(text))
        wrong = config_line(text, got, line);
    if (wrong)
        fmt(why, n, "\\RINGSIDE\\ringside.cfg %s", wrong);
    return !wrong;
}

/* The Shell's words, quoted again where they hold blanks. */
static bool shell_line(EFI_SHELL_PARAMETERS_PROTOCOL *p, char *line)
{
    size_t at = 0;

    for (UINTN i = 1; i < p->Argc; i++) {
        const CHAR16 *c = p->Argv[i];
        bool quote = false, ok = true;

        for (const CHAR16 *q = c; *q; q++)
            quote |= *q == ' ';
        if (at > 0)
            ok = put(line, &at, ' ');
        if (quote)
            ok = ok && put(line, &at, '"');
        for (; *c && ok; c++)
            ok = put(line, &at, *c >= ' ' && *c <= '~' ? (char)*c : '?');
        if (quote)
            ok = ok && put(line, &at, '"');
        if (!ok)
            return false;
    }
    return true;
}

/* Does the line's first word name a file?  An old Shell puts one there. */
static size_t program_word(const char *line)
{
    size_t n = 0;

    while (line[n] && line[n] != ' ')
        n++;
    if (line[0] == '-' || n < 4 || line[n - 4] != '.' ||
        (line[n - 3] | 0x20) != 'e' || (line[n - 2] | 0x20) != 'f' ||
        (line[n - 1] | 0x20) != 'i')
        return 0;
    return n;
}

/*
 * Load options that are text and begin with an option.  Anything else there
 * is somebody else's and says nothing to us: the line stays empty.  False for
 * text too long.
 */
static bool load_options_line(EFI_LOADED_IMAGE *image, char *line)
{
    const uint8_t *bytes = image->LoadOptions;
    size_t n = image->LoadOptionsSize / sizeof(CHAR16), at = 0, skip;

    if (!bytes)
        return true;
    for (size_t i = 0; i < n; i++) {
        CHAR16 c = (CHAR16)(bytes[2 * i] | bytes[2 * i + 1] << 8);

        if (c == 0)
            break;
        if (i == 0 && c == BYTE_ORDER_MARK)
            continue;
        if (c < ' ' || c > '~') {
            line[0] = '\0';
            return true;
        }
        if (!put(line, &at, (char)c))
            return false;
    }
    skip = program_word(line);
    while (line[skip] == ' ')
        skip++;
    memcpy(line, line + skip, at - skip + 1);
    /* U-Boot hands its kernel command line to everybody. */
    if (line[0] != '-')
        line[0] = '\0';
    return true;
}

/* Of a line that is refused: --batch says whether somebody reads why. */
static void glean(struct boot *b, char *line)
{
    const char *words[WORDS_MAX];
    char unread[QUOTE_MAX];
    int count = options_split(line, words, WORDS_MAX);

    options_parse(&b->options, count < 0 ? -1 - count : count, words, unread,
                  sizeof(unread));
}

/* Parses a line on top of b->options and notes it in b->given. */
static bool take(struct boot *b, char *line, char *why, size_t n)
{
    const char *words[WORDS_MAX];
    size_t have = strlen(b->given);
    int count;

    fmt(b->given + have, sizeof(b->given) - have, "%s%s",
        have && *line ? " " : "", line);
    count = options_split(line, words, WORDS_MAX);
    if (count < 0) {
        /* The rest of it counts: --batch says whether somebody reads this. */
        options_parse(&b->options, -1 - count, words, why, n);
        fmt(why, n, "the options have an unbalanced quote or too many words");
        return false;
    }
    return options_parse(&b->options, count, words, why, n);
}

bool args_read(struct boot *b, char *why, size_t n)
{
    static char config[ARGS_MAX], line[ARGS_MAX];
    static const EFI_GUID guid = EFI_SHELL_PARAMETERS_PROTOCOL_GUID;
    EFI_SHELL_PARAMETERS_PROTOCOL *shell;
    bool fits;

    config[0] = line[0] = '\0';
    if (!read_config(b->loaded, config, why, n)) {
        glean(b, config);
        return false;
    }
    if (!take(b, config, why, n))
        return false;
    shell = firmware_protocol(b->image, guid);
    if (shell) {
        b->shell = true;
        fits = shell_line(shell, line);
    } else {
        fits = load_options_line(b->loaded, line);
    }
    if (!fits) {
        glean(b, line);
        fmt(why, n, "this start %s", too_long);
        return false;
    }
    fmt(b->load_options, sizeof(b->load_options), "%s", line);
    return take(b, line, why, n);
}
