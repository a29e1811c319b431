/* SPDX-License-Identifier: MIT */
/* KTAP: the whole report word for word, and the pieces of the live stream. */
#include "host.h"

static struct journal j;
static struct report r;

static void whole_report(void **state)
{
    static const char expected[] =
        "KTAP version 1\n"
        "1..5\n"
        "  KTAP version 1\n"
        "  1..3\n"
        "  ok 1 syscall64.gs\n"
        "  # expected: RFLAGS 0x2, #UD\n"
        "  # seen: RFLAGS 0x102\n"
        "  # why: SYSCALL clears each RFLAGS bit that IA32_FMASK names, so a "
        "handler never begins with the caller's TF\n"
        "  # facts: SC6 SC1\n"
        "  not ok 2 syscall64.fmask.tf\n"
        "  ok 3 syscall64.late\n"
        "not ok 1 syscall64\n"
        "  KTAP version 1\n"
        "  1..1\n"
        "  ok 1 irq.20.vector\n"
        "ok 2 irq\n"
        "  KTAP version 1\n"
        "  1..1\n"
        "  # differ: exc.ac.raised\n"
        "  # expected: RFLAGS 0x2, #UD\n"
        "  # seen: RFLAGS 0x102\n"
        "  # why: SYSCALL clears each RFLAGS bit that IA32_FMASK names, so a "
        "handler never begins with the caller's TF\n"
        "  # facts: SC6 SC1\n"
        "  ok 1 exc.ac.raised\n"
        "ok 3 exc\n"
        "  KTAP version 1\n"
        "  1..1\n"
        "  ok 1 mc.delivery # SKIP SYSCALL clears each RFLAGS bit that "
        "IA32_FMASK names, so a handler never begins with the caller's TF\n"
        "ok 4 mc # SKIP nothing of it could run\n"
        "# swapgs: 454 judged, 1 wrong\n"
        "ok 5 run\n";
    struct text t = {NULL, 0};

    sample_open(sample_named("complete"), &j, &r);
    render_ktap(&r, text_put, &t);
    assert_string_equal(t.s, expected);
    text_free(&t);
    sample_close(&j);
}

/* What others have is told, and is no test; of many some are. */
static void other_processors(void **state)
{
    static const uint8_t both[32] = {6};
    struct text t = {NULL, 0};

    sample_open(sample_named("processors"), &j, &r);
    render_ktap(&r, text_put, &t);
    assert_non_null(
        strstr(t.s, "\n# swapgs: 0 judged, 0 wrong\n"
                    "# others: cpu 1: exc.de.ring3 fail: UD\n"
                    "# others: cpus 1-2: exc.bp.ring3 pass: an exception has "
                    "its own vector\n"
                    "# others: cpus 1-2: mc.delivery fail: UD\n"
                    "ok 3 run\n"));
    text_free(&t);
    sample_close(&j);
    sample_begin(&j);
    for (unsigned i = 0; i < 40; i++)
        sample_others(&j, "a.b", VERDICT_FAIL, both);
    report_load(&r, j.base, j.size, SAMPLE_NONCE, SOURCE_RAM);
    render_ktap(&r, text_put, &t);
    assert_non_null(strstr(t.s, "a.b fail: UD\n# others: and 8 more\n"));
    text_free(&t);
    sample_close(&j);
}

static void run_that_died(void **state)
{
    struct text t = {NULL, 0};

    sample_open(sample_named("no-end"), &j, &r);
    render_ktap(&r, text_put, &t);
    assert_non_null(strstr(t.s, "\n  not ok 1 df.stack # ERROR the machine"));
    assert_non_null(strstr(t.s, "\n  not ok 2 df.cr4 # TIMEOUT the machine"));
    assert_non_null(strstr(t.s, "\n  ok 3 df.rest # SKIP not run\n"));
    assert_non_null(strstr(t.s, "\nnot ok 5 df\n"));
    assert_non_null(
        strstr(t.s, "\nnot ok 6 run # ERROR died at \"case df\"\n"));
    text_free(&t);
    sample_close(&j);
}

/* Case by case, as on the serial line, gives what the whole report gives. */
static void pieces(void **state)
{
    const struct check check = {
        .id = "nmi.nested", .cpu = 3, .verdict = VERDICT_PASS};
    struct text t = {NULL, 0};

    ktap_begin(2, text_put, &t);
    ktap_case(1, "nmi", &check, 1, text_put, &t);
    ktap_case(2, "mc", &check, 0, text_put, &t);
    assert_string_equal(t.s, "KTAP version 1\n"
                             "1..2\n"
                             "  KTAP version 1\n"
                             "  1..1\n"
                             "  ok 1 nmi.nested processor 3\n"
                             "ok 1 nmi\n"
                             "ok 2 mc # SKIP no checks\n");
    text_free(&t);
}

TEST_LIST(ktap, cmocka_unit_test(whole_report),
          cmocka_unit_test(other_processors), cmocka_unit_test(run_that_died),
          cmocka_unit_test(pieces));
