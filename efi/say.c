/* SPDX-License-Identifier: MIT */
/*
 * ASCII to the firmware's UTF-16 console, and the firmware's status codes to
 * words.  Called by everything in efi/ that has something to tell.
 */
#include "say.h"

#include "firmware.h"
#include "fmt.h"
#include "macros.h"

#define CHUNK 128 /* characters handed to the firmware at once */
#define SAY_COLUMNS 79
#define STATUS_ERROR_BIT (1ull << 63)

void put_ascii(const char *text, size_t n)
{
    CHAR16 chunk[CHUNK + 3]; /* a CR, an LF and the NUL may follow the rest */
    size_t used = 0;

    if (!ST->ConOut)
        return;
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '\n')
            chunk[used++] = '\r';
        if (text[i] == '\n' || (text[i] >= ' ' && text[i] <= '~'))
            chunk[used++] = (CHAR16)text[i];
        else
            chunk[used++] = '?';
        if (used >= CHUNK || i + 1 == n) {
            chunk[used] = 0;
            ST->ConOut->OutputString(ST->ConOut, chunk);
            used = 0;
        }
    }
}

/*
 * Turns the last blank of each line that is too long into a line break.  Text
 * without blanks stays as it is.
 */
static void wrap(char *text)
{
    char *blank = NULL;
    unsigned column = 0;

    for (char *c = text; *c; c++) {
        column++;
        if (*c == '\n') {
            column = 0;
            blank = NULL;
        } else if (*c == ' ') {
            blank = c;
        }
        if (column > SAY_COLUMNS && blank) {
            *blank = '\n';
            column = (unsigned)(c - blank);
            blank = NULL;
        }
    }
}

void say(const char *f, ...)
{
    char text[SAY_MAX];
    va_list ap;
    int n;

    va_start(ap, f);
    n = vfmt(text, sizeof(text), f, ap);
    va_end(ap);
    wrap(text);
    put_ascii(text, n < SAY_MAX ? (size_t)n : SAY_MAX - 1);
}

const char *status_words(EFI_STATUS s)
{
    /* UEFI specification, appendix D; the index is the code. */
    static const char words[][21] = {
        "success",          "load error",           "invalid parameter",
        "unsupported",      "bad buffer size",      "buffer too small",
        "not ready",        "device error",         "write protected",
        "out of resources", "volume corrupted",     "volume full",
        "no media",         "media changed",        "not found",
        "access denied",    "no response",          "no mapping",
        "timeout",          "not started",          "already started",
        "aborted",          "ICMP error",           "TFTP error",
        "protocol error",   "incompatible version", "security violation",
        "CRC error",        "end of media",
    };
    static char other[32];
    EFI_STATUS code = s & ~STATUS_ERROR_BIT;

    if ((s == EFI_SUCCESS || s & STATUS_ERROR_BIT) && code < COUNT(words))
        return words[code];
    fmt(other, sizeof(other), "status 0x%llx", (unsigned long long)s);
    return other;
}

void console_size(unsigned *columns, unsigned *rows)
{
    SIMPLE_TEXT_OUTPUT_INTERFACE *out = ST->ConOut;
    UINTN c = 0, r = 0;

    if (!out || !out->Mode ||
        EFI_ERROR(out->QueryMode(out, (UINTN)out->Mode->Mode, &c, &r)) ||
        c < 40 || c > 1000 || r < 5 || r > 1000) {
        c = 80;
        r = 25;
    }
    *columns = (unsigned)c;
    *rows = (unsigned)r;
}
