/* SPDX-License-Identifier: MIT */
/*
 * The report on the host: reads a dump of a journal, or a serial capture that
 * holds one as text (handlers/screen/transcript.h), and writes the report with
 * the same renderers as the image.  Called by scripts/ and by hand.
 *
 * Exit: 0 when the run in it is complete, 1 when it is not, 2 when it cannot
 * be read at all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/report.h"
#include "serial_journal.h"

#define FILE_MAX (64u << 20) /* bytes: more is not a capture of one run */

enum { EXIT_COMPLETE, EXIT_INCOMPLETE, EXIT_UNREADABLE };

typedef void render(const struct report *r, report_put *put, void *context);

static void put_file(void *context, const char *text, size_t n)
{
    fwrite(text, 1, n, context);
}

/* Reads a whole file.  NULL, and errno says why, when it cannot. */
static char *read_file(const char *name, size_t *n)
{
    FILE *f = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
    char *buf = malloc(FILE_MAX);

    if (f == NULL || buf == NULL) {
        free(buf);
        return NULL;
    }
    *n = fread(buf, 1, FILE_MAX, f);
    if (ferror(f) != 0) {
        free(buf);
        buf = NULL;
    }
    if (f != stdin)
        fclose(f);
    return buf;
}

/* The journal in a file's bytes: the file itself, or the text in it. */
static const void *find_journal(const char *file, size_t n, uint32_t *size,
                                enum report_source *source, bool *whole)
{
    uint64_t magic;
    void *journal;

    *source = SOURCE_RAM;
    *whole = true;
    if (n >= sizeof(magic)) {
        memcpy(&magic, file, sizeof(magic));
        if (magic == JOURNAL_MAGIC) {
            *size = (uint32_t)n;
            return file;
        }
    }
    *source = SOURCE_LIVE;
    journal = malloc(JOURNAL_SIZE);
    if (journal != NULL)
        *size = serial_journal(file, n, journal, JOURNAL_SIZE, whole);
    return journal;
}

static int usage(FILE *f)
{
    fputs("Usage: ringside-report [--text|--json|--ktap|--journal|--whole] "
          "FILE\n"
          "FILE is a dump of the journal or a serial capture, - for "
          "standard input;\n--journal makes the former of the latter; --whole "
          "only asks whether all of it\nis there, by its CRC.\n",
          f);
    return f == stdout ? EXIT_COMPLETE : EXIT_UNREADABLE;
}

int main(int argc, char **argv)
{
    static struct report report;
    const char *name = NULL;
    render *how = render_text;
    enum report_source source;
    bool whole, ask = false;
    const void *journal;
    uint32_t size;
    char *file;
    size_t n;

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            how = render_json;
        else if (strcmp(argv[i], "--ktap") == 0)
            how = render_ktap;
        else if (strcmp(argv[i], "--text") == 0)
            how = render_text;
        else if (strcmp(argv[i], "--journal") == 0)
            how = NULL;
        else if (strcmp(argv[i], "--whole") == 0)
            ask = true;
        else if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
            return usage(stdout);
        else if ((argv[i][0] == '-' && argv[i][1] != '\0') || name != NULL)
            return usage(stderr);
        else
            name = argv[i];
    }
    if (name == NULL)
        return usage(stderr);
    file = read_file(name, &n);
    if (file == NULL) {
        fprintf(stderr, "ringside-report: %s: %s\n", name, strerror(errno));
        return EXIT_UNREADABLE;
    }
    journal = find_journal(file, n, &size, &source, &whole);
    if (journal == NULL || (source == SOURCE_LIVE && size == 0)) {
        fprintf(stderr, "ringside-report: %s holds no journal\n", name);
        return EXIT_UNREADABLE;
    }
    if (ask)
        return whole ? EXIT_COMPLETE : EXIT_INCOMPLETE;
    report_load(&report, journal, size, 0, source);
    if (how != NULL)
        how(&report, put_file, stdout);
    else
        fwrite(journal, 1, size, stdout);
    if (fflush(stdout) != 0) {
        fprintf(stderr, "ringside-report: %s\n", strerror(errno));
        return EXIT_UNREADABLE;
    }
    if (report.status != JOURNAL_OK)
        return EXIT_UNREADABLE;
    return report_complete(&report) ? EXIT_COMPLETE : EXIT_INCOMPLETE;
}
