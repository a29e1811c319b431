/* SPDX-License-Identifier: MIT */
/* The journal as text on a serial line, read back. */
#include "host.h"
#include "screen/transcript.h"
#include "serial_journal.h"

static struct journal j;
static struct report r;
static bool whole;

static void as_text(struct text *t, uint32_t from)
{
    transcript_lines(&j, from, text_put, t);
}

/* A capture: KTAP before, the journal, a person's text behind. */
static struct text capture(void)
{
    struct text t = {NULL, 0};

    sample_open(sample_named("complete"), &j, &r);
    render_ktap(&r, text_put, &t);
    as_text(&t, 0);
    transcript_end(&j, text_put, &t);
    render_text(&r, text_put, &t);
    return t;
}

/* A terminal's: "\r\n" ends a line. */
static struct text with_returns(struct text t)
{
    struct text crlf = {NULL, 0};

    for (size_t i = 0; i < t.n; i++) {
        if (t.s[i] == '\n')
            text_put(&crlf, "\r", 1);
        text_put(&crlf, t.s + i, 1);
    }
    text_free(&t);
    return crlf;
}

/* The line of the journal that stands around the middle of a capture. */
static char *middle(const struct text *t)
{
    char *line = strstr(t->s + t->n / 3, "\nJOURNAL ");

    assert_non_null(line);
    return line + 1;
}

static void round_trip(void **state)
{
    for (unsigned crlf = 0; crlf < 2; crlf++) {
        struct text t = capture();
        uint8_t *back = malloc(j.used);

        if (crlf)
            t = with_returns(t);
        assert_int_equal(serial_journal(t.s, t.n, back, j.used, &whole),
                         j.used);
        assert_true(whole);
        assert_memory_equal(back, j.base, j.used);
        report_load(&r, back, j.used, 0, SOURCE_LIVE);
        assert_true(report_complete(&r));
        free(back);
        text_free(&t);
        sample_close(&j);
    }
}

/* A line that came mangled is not taken: that costs a record or two, and the
 * report says so. */
static void mangled_line(void **state)
{
    static const char *const mangles[] = {"!", "\n", "\r\nother text\n", "",
                                          "JOURNAL 40 00000000 AAAA\n"};

    for (size_t i = 0; i < COUNT(mangles); i++) {
        struct text t = capture();
        uint8_t *back = malloc(j.used);
        char *line = middle(&t), *at = line + 30;
        uint32_t n, place;

        if (mangles[i][0] != '\0')
            memcpy(at, mangles[i], strlen(mangles[i]));
        else
            *at = *at == 'A' ? 'B' : 'A'; /* only the CRC can tell */
        n = serial_journal(t.s, t.n, back, j.used, &whole);
        assert_false(whole);
        assert_int_equal(sscanf(line, "JOURNAL %x ", &place), 1);
        assert_int_equal(*(uint64_t *)(back + place), 0);
        report_load(&r, back, n, 0, SOURCE_LIVE);
        assert_int_equal(r.status, JOURNAL_OK);
        assert_in_range(r.damaged, 1, 2);
        assert_non_null(r.end); /* what follows is still in its place */
        assert_false(report_complete(&r));
        free(back);
        text_free(&t);
        sample_close(&j);
    }
}

/* Sent as it grows, amended at its end, and gone on with by a boot behind. */
static void as_it_grows(void **state)
{
    static uint64_t memory[2048], back[2048];
    const char long_one[] = "long enough that what follows stands elsewhere";
    struct text t = {NULL, 0};
    uint32_t n, sent;

    journal_create(&j, memory, sizeof(memory), 1);
    as_text(&t, 0);
    j.unsent = j.used;
    assert_true(journal_append(&j, RECORD_NOTE, "a", 2));
    assert_true(journal_append(&j, RECORD_PENDING, long_one, sizeof(long_one)));
    as_text(&t, j.unsent);
    sent = j.unsent = j.used;
    assert_true(journal_amend(&j, RECORD_PENDING, "b", 2));
    assert_true(j.unsent < sent);
    text_put(&t, "another boot\n", 13);
    as_text(&t, j.unsent);
    n = serial_journal(t.s, t.n, back, sizeof(back), &whole);
    assert_false(whole); /* it goes on */
    assert_memory_equal(back, memory, j.used);
    assert_in_range(n, j.used - 7, j.used); /* zeros go without saying */
    transcript_end(&j, text_put, &t);
    assert_int_equal(serial_journal(t.s, t.n, back, sizeof(back), &whole),
                     j.used);
    assert_true(whole);
    text_free(&t);
}

/* The last one counts: a log may hold several runs. */
static void the_last_journal(void **state)
{
    static uint64_t memory[2048], back[2048];
    struct text t = {NULL, 0};

    for (uint64_t nonce = 1; nonce <= 2; nonce++) {
        journal_create(&j, memory, sizeof(memory), nonce);
        for (unsigned i = 2 * (unsigned)nonce; i < 5; i++)
            assert_true(journal_append(&j, RECORD_NOTE, "note", 5));
        as_text(&t, 0);
        text_put(&t, "noise\n", 6);
    }
    assert_int_equal(serial_journal(t.s, t.n, back, sizeof(back), &whole),
                     j.used);
    assert_memory_equal(back, memory, j.used);
    text_free(&t);
}

static void nothing_there(void **state)
{
    static const char log[] = "JOURNAL 0102\nJOURNAL\nJOURNAL 0\nJOURNAL 0 5\n"
                              "JOURNAL 0 0 ****\nJOURNAL END\n"
                              "JOURNAL END 5 5\n"
                              "JOURNAL 000000000 ffffffff AAAA\n";
    uint8_t back[1];

    assert_int_equal(serial_journal(log, sizeof(log) - 1, back, 1, &whole), 0);
    assert_false(whole);
    assert_int_equal(serial_journal("", 0, back, 1, &whole), 0);
}

/* More in the capture than the buffer holds. */
static void beyond_the_buffer(void **state)
{
    struct text t = capture();
    uint8_t *back = malloc(100);

    assert_int_equal(serial_journal(t.s, t.n, back, 100, &whole), 100);
    assert_memory_equal(back, j.base, 100);
    free(back);
    text_free(&t);
    sample_close(&j);
}

TEST_LIST(serial_journal, cmocka_unit_test(round_trip),
          cmocka_unit_test(mangled_line), cmocka_unit_test(as_it_grows),
          cmocka_unit_test(the_last_journal), cmocka_unit_test(nothing_there),
          cmocka_unit_test(beyond_the_buffer));
