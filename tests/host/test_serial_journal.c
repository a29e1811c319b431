/* SPDX-License-Identifier: MIT */
/* The journal as text on a serial line, read back. */
#include "host.h"
#include "serial_journal.h"

#define LINE_BYTES 64

static struct journal j;
static struct report r;

static void put_format(struct text *t, const char *f, unsigned v)
{
    char piece[64];
    int n = snprintf(piece, sizeof(piece), f, v);

    text_put(t, piece, (size_t)n);
}

/* A capture: KTAP before, the journal, a person's text behind. */
static struct text capture(const char *newline)
{
    struct text t = {NULL, 0};

    sample_open(sample_named("complete"), &j, &r);
    render_ktap(&r, text_put, &t);
    put_format(&t, "JOURNAL BEGIN %u", j.used);
    for (uint32_t i = 0; i < j.used; i++) {
        if (i % LINE_BYTES == 0) {
            text_put(&t, newline, strlen(newline));
            text_put(&t, "JOURNAL ", 8);
        }
        put_format(&t, "%02x", j.base[i]);
    }
    text_put(&t, newline, strlen(newline));
    put_format(&t, "JOURNAL END %08x", crc32(0, j.base, j.used));
    text_put(&t, newline, strlen(newline));
    render_text(&r, text_put, &t);
    return t;
}

static void round_trip(void **state)
{
    static const char *const newlines[] = {"\n", "\r\n"};

    for (size_t i = 0; i < COUNT(newlines); i++) {
        struct text t = capture(newlines[i]);
        uint8_t *back = malloc(j.used);

        assert_int_equal(serial_journal(t.s, t.n, back, j.used), j.used);
        assert_memory_equal(back, j.base, j.used);
        report_load(&r, back, j.used, 0, SOURCE_LIVE);
        assert_true(report_complete(&r));
        free(back);
        text_free(&t);
        sample_close(&j);
    }
}

/* A mangled line costs a record or two, and the report says so. */
static void mangled_line(void **state)
{
    static const char *const mangles[] = {"!", "\n", "\r\nother text\n"};

    for (size_t i = 0; i < COUNT(mangles); i++) {
        struct text t = capture("\n");
        uint8_t *back = malloc(j.used + LINE_BYTES);
        char *line = strstr(t.s + t.n / 3, "JOURNAL ");

        /* One of which something is left to lose. */
        while (line != NULL &&
               strchr("\r\n", line[20 + strspn(line + 20, "0")]) != NULL)
            line = strstr(line + 1, "JOURNAL ");
        assert_non_null(line);
        memcpy(line + 20, mangles[i], strlen(mangles[i]));
        report_load(&r, back,
                    serial_journal(t.s, t.n, back, j.used + LINE_BYTES), 0,
                    SOURCE_LIVE);
        assert_int_equal(r.status, JOURNAL_OK);
        assert_in_range(r.damaged, 1, 2);
        assert_non_null(r.end); /* what follows is still in its place */
        assert_false(report_complete(&r));
        free(back);
        text_free(&t);
        sample_close(&j);
    }
}

/* The last one counts: a log may hold several runs. */
static void the_last_journal(void **state)
{
    static const char log[] = "JOURNAL 00\nJOURNAL BEGIN 2\nJOURNAL 0102\n"
                              "JOURNAL END 0\nJOURNAL BEGIN 3\n"
                              "noise\nJOURNAL 030405\nJOURNAL END 0\n"
                              "JOURNAL 06\n";
    uint8_t back[3];

    assert_int_equal(serial_journal(log, sizeof(log) - 1, back, 3), 3);
    assert_memory_equal(back, "\3\4\5", 3);
}

static void nothing_there(void **state)
{
    static const char log[] = "JOURNAL 0102\nJOURNAL\nJOURNAL BEGIN 5\n";
    uint8_t back[1];

    assert_int_equal(serial_journal(log, sizeof(log) - 1, back, 1), 0);
    assert_int_equal(serial_journal("", 0, back, 1), 0);
}

/* More in the capture than the buffer holds. */
static void beyond_the_buffer(void **state)
{
    struct text t = capture("\n");
    uint8_t *back = malloc(100);

    assert_int_equal(serial_journal(t.s, t.n, back, 100), 100);
    assert_memory_equal(back, j.base, 100);
    free(back);
    text_free(&t);
    sample_close(&j);
}

TEST_LIST(serial_journal, cmocka_unit_test(round_trip),
          cmocka_unit_test(mangled_line), cmocka_unit_test(the_last_journal),
          cmocka_unit_test(nothing_there), cmocka_unit_test(beyond_the_buffer));
