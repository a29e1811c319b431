/* SPDX-License-Identifier: MIT */
/*
 * The console: what goes over the serial line stays KTAP, what stands on the
 * screen tells the same, and last words come out once on each output even
 * when an output faults.  Its source is included here with a serial line that
 * only remembers; the screen is one in memory.
 */
#include "ram_screen.h"

#define serial_init line_init
#define serial_put line_put
#ifndef VERSION
#define VERSION "0"
#endif
#include "screen/console.c"

const uint8_t fonts_8x16[1], fonts_12x24[1], fonts_16x32[1], fonts_end[1];

static struct text line;
static bool line_faults;
static jmp_buf handler;

void line_init(uint16_t port, uint64_t tsc_hz)
{
}

void line_put(const char *s, size_t n)
{
    if (line_faults)
        longjmp(handler, 1);
    text_put(&line, s, n);
}

static struct handoff machine;

/* 60 columns, 30 rows. */
static int start(void **state)
{
    text_free(&line);
    memset(&line, 0, sizeof(line));
    memset(&machine, 0, sizeof(machine));
    memset(counts, 0, sizeof(counts));
    memset(&current, 0, sizeof(current));
    line_faults = false;
    mid_line = false;
    last_output = 0;
    machine.tsc_hz = 1000000;
    console_init(&machine);
    assert_int_equal(cells_columns(), 0);
    assert_true(ram_screen_open(480, 240));
    return 0;
}

static int finish(void **state)
{
    text_free(&line);
    memset(&line, 0, sizeof(line));
    return 0;
}

static void judge(const char *id, unsigned verdict)
{
    struct record_check c = {.verdict = (uint8_t)verdict};

    snprintf(c.id, sizeof(c.id), "%s", id);
    strcpy(c.seen, "this");
    strcpy(c.expected, "that");
    strcpy(c.why, "because");
    console_result(&c);
}

static void cases_and_results(void **state)
{
    console_case(1, 2, "irq", "interrupts");
    assert_non_null(strstr(ram_row(2), "case 1 of 2: irq - interrupts"));
    assert_non_null(strstr(ram_row(3), " 0 %"));
    judge("irq.20", VERDICT_PASS);
    judge("irq.21", VERDICT_PASS);
    console_step("between");
    assert_non_null(strstr(ram_row(3), " 50 %"));
    console_step("still between");
    assert_non_null(strstr(ram_row(3), " 50 %"));
    console_case(2, 2, "nmi", "non-maskable");
    assert_non_null(strstr(ram_row(3), " 50 %"));
    assert_string_equal(ram_row(8), " pass    case irq: 2 checks");
    judge("nmi.a", VERDICT_FAIL);
    judge("nmi.b", VERDICT_DIFFER);
    judge("nmi.c", VERDICT_SKIP);
    judge("nmi.d", VERDICT_HANG);
    judge("nmi.e", VERDICT_COUNT + 7);
    console_step("warm reset");
    assert_non_null(strstr(ram_row(2), "warm reset"));
    assert_non_null(strstr(ram_row(3), "100 %"));
    assert_string_equal(ram_row(6), " 2       3       1       1");
    assert_string_equal(ram_row(9), " fail    nmi.a: seen this, expected that");
    assert_string_equal(ram_row(10),
                        " differ  nmi.b: seen this, expected that");
    assert_string_equal(ram_row(11), " skip    nmi.c: because");
    assert_string_equal(ram_row(14), " hang    case nmi: 5 checks");
    console_case(3, 4, "cost", "cycles");
    console_case(4, 4, "mc", "machine check");
    judge("mc", VERDICT_PASS);
    console_step("end");
    assert_string_equal(ram_row(15), " done    case cost");
    assert_string_equal(ram_row(16), " pass    case mc: 1 check");
    assert_string_equal(line.s, "# case 1 of 2: irq - interrupts\n"
                                "# step: between\n"
                                "# step: still between\n"
                                "# case 2 of 2: nmi - non-maskable\n"
                                "# step: warm reset\n"
                                "# case 3 of 4: cost - cycles\n"
                                "# case 4 of 4: mc - machine check\n"
                                "# step: end\n");
}

/* The word says it; the colour must at least not contradict. */
static void colours_of_verdicts(void **state)
{
    uint32_t ink[VERDICT_COUNT];
    unsigned n = 0;

    for (unsigned v = 0; v < VERDICT_COUNT; v++) {
        if (v == VERDICT_PASS || v == VERDICT_NOTRUN) /* counted, not logged */
            continue;
        judge("U", v);
        ink[v] = 0;
        for (unsigned x = 0; x < CELL;
             x++) /* the cell's one that is not paper */
            if (ram_pixel(CELL + x, (8 + n) * CELL) != ram_pixel(0, 8 * CELL))
                ink[v] = ram_pixel(CELL + x, (8 + n) * CELL);
        assert_int_not_equal(ink[v], 0);
        n++;
    }
    assert_int_equal(ink[VERDICT_HANG], ink[VERDICT_FAIL]);
    assert_int_equal(ink[VERDICT_RESET], ink[VERDICT_FAIL]);
    assert_int_not_equal(ink[VERDICT_DIFFER], ink[VERDICT_FAIL]);
    assert_int_not_equal(ink[VERDICT_DIFFER], ink[VERDICT_SKIP]);
    assert_int_not_equal(ink[VERDICT_FAIL], ink[VERDICT_SKIP]);
}

/* A comment never begins in the middle of somebody's line. */
static void comments(void **state)
{
    console_raw("ok 1", 4);
    console_line("one\ntwo\n");
    console_put(NULL, "ok 2\n", 5);
    console_line("");
    console_raw("", 0);
    console_line("three");
    assert_string_equal(line.s, "ok 1\n# one\n# two\nok 2\n# \n# three\n");
    assert_true(ram_shows(" note    three"));
}

static void the_machine(void **state)
{
    static const struct record_machine bare = {.vendor = "GenuineIntel",
                                               .firmware = "Maker"};
    static const struct record_machine guest = {.vendor = "GenuineIntel",
                                                .brand = "Some CPU",
                                                .hypervisor = "KVMKVMKVM",
                                                .accelerator = "KVM",
                                                .firmware = "EDK II"};

    console_machine(&bare);
    assert_string_equal(ram_row(0), " ringside " VERSION
                                    " | GenuineIntel | no hypervisor | Maker");
    console_machine(&guest);
    assert_string_equal(ram_row(0),
                        " ringside " VERSION " | Some CPU | KVM | EDK II");
}

static void pages(void **state)
{
    char text[64 * 4] = "";

    for (unsigned i = 0; i < 40; i++)
        sprintf(text + strlen(text), "l%u\n", i);
    machine.tsc_hz = 0; /* no time to read */
    console_pages(text, 10);
    assert_non_null(strstr(ram_row(29), "Page 2. The text ends here."));
    assert_string_equal(ram_row(2), " l26");
    assert_string_equal(ram_row(15), " l39");
    assert_string_equal(ram_row(16), "");
    assert_int_equal(line.n, 0);
}

static void pages_without_a_screen(void **state)
{
    console_init(&machine);
    console_pages("text", 1000000); /* or this would take long */
}

static void last_words_once(void **state)
{
    console_raw("ok", 2);
    console_last_words("died\nrip 1");
    assert_string_equal(line.s, "ok\n# died\n# rip 1\n");
    assert_true(ram_shows("LAST WORDS"));
    assert_true(ram_shows("rip 1"));
    console_last_words("again");
    assert_string_equal(line.s, "ok\n# died\n# rip 1\n");
    assert_false(ram_shows("again"));
}

/* The handler of a fault in an output goes on with the next output. */
static void last_words_from_a_broken_line(void **state)
{
    line_faults = true;
    if (setjmp(handler) == 0)
        console_last_words("died");
    else
        console_last_words("died twice");
    assert_true(ram_shows("died twice"));
}

TEST_LIST(console,
          cmocka_unit_test_setup_teardown(cases_and_results, start, finish),
          cmocka_unit_test_setup_teardown(colours_of_verdicts, start, finish),
          cmocka_unit_test_setup_teardown(comments, start, finish),
          cmocka_unit_test_setup_teardown(the_machine, start, finish),
          cmocka_unit_test_setup_teardown(pages, start, finish),
          cmocka_unit_test_setup_teardown(pages_without_a_screen, start,
                                          finish),
          cmocka_unit_test_setup_teardown(last_words_once, start, finish),
          cmocka_unit_test_setup_teardown(last_words_from_a_broken_line, start,
                                          finish));
