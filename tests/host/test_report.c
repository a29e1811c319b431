/* SPDX-License-Identifier: MIT */
/* Indexing a journal, completeness, names and the digest. */
#include "host.h"

static struct journal j;
static struct report r;

static void complete_or_not(void **state)
{
    for (size_t i = 0; i < sample_count; i++) {
        sample_open(&samples[i], &j, &r);
        if (report_complete(&r) != samples[i].complete)
            fail_msg("%s", samples[i].name);
        sample_close(&j);
    }
}

static void indexes_everything(void **state)
{
    unsigned count[VERDICT_COUNT], judged, wrong;

    sample_open(sample_named("complete"), &j, &r);
    assert_int_equal(r.paths, 1 + 2 * 224);
    assert_int_equal(r.checks, 6);
    assert_int_equal(r.windows, 5);
    assert_int_equal(r.costs, 2);
    assert_int_equal(r.storms, 2);
    assert_int_equal(r.outcomes, 12);
    assert_int_equal(r.notes, 1);
    assert_non_null(r.machine);
    assert_string_equal(r.last_step->name, "warm reset");
    report_count(&r, count);
    assert_int_equal(count[VERDICT_PASS], 3);
    assert_int_equal(count[VERDICT_FAIL], 1);
    assert_int_equal(count[VERDICT_DIFFER], 1);
    assert_int_equal(count[VERDICT_SKIP], 1);
    report_decisions(&r, &judged, &wrong);
    assert_int_equal(judged, 6 + 2 * 224);
    assert_int_equal(wrong, 1);
    sample_close(&j);
}

/* A check that the end record counts but that is not there is missed. */
static void missing_check(void **state)
{
    struct record_end e = {.verdicts = {[VERDICT_PASS] = 2}};

    sample_begin(&j);
    sample_machine(&j);
    sample_check(&j, "a.b", VERDICT_PASS);
    journal_append(&j, RECORD_END, &e, sizeof(e));
    report_load(&r, j.base, SAMPLE_SIZE, SAMPLE_NONCE, SOURCE_RAM);
    assert_int_equal(r.damaged, 0);
    assert_false(report_complete(&r));
    sample_close(&j);
}

/* The core counted records that the journal had no room for. */
static void lost_records(void **state)
{
    struct record_end e = {.lost = 3};

    sample_begin(&j);
    sample_machine(&j);
    journal_append(&j, RECORD_END, &e, sizeof(e));
    report_load(&r, j.base, SAMPLE_SIZE, SAMPLE_NONCE, SOURCE_RAM);
    assert_int_equal(r.overflow, 3);
    assert_false(report_complete(&r));
    sample_close(&j);
}

/* Last words count even where an end stands behind them. */
static void died_and_ended(void **state)
{
    static const struct record_last_words last = {.step = "case nmi"};

    sample_begin(&j);
    sample_machine(&j);
    journal_append(&j, RECORD_LAST_WORDS, &last, sizeof(last));
    sample_end(&j);
    report_load(&r, j.base, SAMPLE_SIZE, SAMPLE_NONCE, SOURCE_RAM);
    assert_false(report_complete(&r));
    sample_close(&j);
}

/* Records whose CRC holds but whose content no renderer could trust. */
static void malformed_records(void **state)
{
    struct record_note unterminated;

    memset(&unterminated, 'x', sizeof(unterminated));
    sample_begin(&j);
    journal_append(&j, RECORD_NOTE, &unterminated, sizeof(unterminated));
    journal_append(&j, RECORD_NOTE, "short", 6);
    journal_append(&j, 0, "no type", 8);
    journal_append(&j, RECORD_END + 1, "beyond", 7);
    journal_append(&j, 0xffff, "far beyond", 11);
    report_load(&r, j.base, SAMPLE_SIZE, SAMPLE_NONCE, SOURCE_RAM);
    assert_int_equal(r.notes, 0);
    assert_int_equal(r.damaged, 5);
    sample_close(&j);
}

static void names(void **state)
{
    for (unsigned v = 0; v < VERDICT_COUNT; v++)
        assert_string_not_equal(verdict_name(v), "unknown");
    for (unsigned v = 0; v < RULE_COUNT; v++)
        assert_string_not_equal(rule_name(v), "unknown");
    for (unsigned v = 0; v < FROM_COUNT; v++)
        assert_string_not_equal(origin_name(v), "unknown");
    assert_string_equal(verdict_name(VERDICT_DIFFER), "differ");
    assert_string_equal(rule_name(RULE_BY_SIGN), "by-sign");
    assert_string_equal(origin_name(FROM_RING0), "ring 0");
    assert_string_equal(verdict_name(VERDICT_COUNT), "unknown");
    assert_string_equal(rule_name(~0u), "unknown");
    assert_string_equal(origin_name(FROM_COUNT), "unknown");
}

static void digest(void **state)
{
    struct digest d;

    sample_open(sample_named("no-end"), &j, &r);
    digest_make(&d, &r, SAMPLE_NONCE);
    assert_int_equal(sizeof(d), 32);
    assert_int_equal(d.verdicts[0], 3);
    assert_int_equal(d.verdicts[1], 1);
    assert_int_equal(d.verdicts[2], 1);
    assert_int_equal(d.verdicts[3], 3); /* fail, hang, reset */
    assert_int_equal(d.paths_wrong, 1);
    assert_int_equal(d.others, 0);
    assert_true(digest_valid(&d, SAMPLE_NONCE));
    assert_false(digest_valid(&d, SAMPLE_NONCE + 1));
    for (size_t bit = 0; bit < sizeof(d) * 8; bit++) {
        ((uint8_t *)&d)[bit / 8] ^= 1 << bit % 8;
        assert_false(digest_valid(&d, SAMPLE_NONCE));
        ((uint8_t *)&d)[bit / 8] ^= 1 << bit % 8;
    }
    sample_close(&j);
    sample_open(sample_named("processors"), &j, &r);
    digest_make(&d, &r, SAMPLE_NONCE);
    assert_int_equal(d.verdicts[3], 1); /* the first's alone */
    assert_int_equal(d.others, 2);      /* of three, one of which passes */
    sample_close(&j);
}

TEST_LIST(report, cmocka_unit_test(complete_or_not),
          cmocka_unit_test(indexes_everything), cmocka_unit_test(missing_check),
          cmocka_unit_test(lost_records), cmocka_unit_test(died_and_ended),
          cmocka_unit_test(malformed_records), cmocka_unit_test(names),
          cmocka_unit_test(digest));
