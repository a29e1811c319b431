/* SPDX-License-Identifier: MIT */
/* judge/finding.c: one answer to "may this run?", and one reason if not. */
#include "host.h"

#include "engine/watchdog.h"
#include "handoff.h"
#include "judge/deviation.h"
#include "judge/diff.h"
#include "judge/finding.h"
#include "record/result.h"

struct handoff handoff;

static bool hangs_end;

bool watchdog_on(void)
{
    return hangs_end;
}

/* What the record would have been given. */
static struct {
    unsigned begun, announced, pending, reported;
    bool been_past; /* an earlier boot has */
    struct record_check check;
} seen;

bool result_check_begin(const struct record_check *c, bool risky)
{
    (void)c;
    seen.begun++;
    seen.announced += risky;
    return !seen.been_past;
}

void result_check(const struct record_check *c)
{
    seen.reported++;
    seen.check = *c;
}

void result_pending(const struct record_check *c)
{
    seen.pending++;
    seen.check = *c;
}

static int fresh(void **state)
{
    (void)state;
    memset(&seen, 0, sizeof(seen));
    memset(&handoff, 0, sizeof(handoff));
    handoff.goes_on = 1;
    hangs_end = true;
    return 0;
}

static void skipped_because(const struct finding *f, const char *reason)
{
    memset(&seen, 0, sizeof(seen));
    assert_false(finding_begin(f));
    assert_int_equal(seen.begun, 1);
    assert_int_equal(seen.announced, 0); /* it does nothing risky */
    assert_int_equal(seen.reported, 1);
    assert_int_equal(seen.check.verdict, VERDICT_SKIP);
    assert_string_equal(seen.check.id, f->id);
    assert_string_equal(seen.check.facts, f->facts);
    assert_string_equal(seen.check.seen, reason);
    assert_string_equal(seen.check.why, reason);
}

static void test_runs(void **state)
{
    const struct finding f = {.id = "a.b", .facts = "F1", .why = "rule"};

    (void)state;
    assert_true(finding_begin(&f));
    assert_int_equal(seen.reported + seen.pending + seen.announced, 0);
    finding_report(&f, &(struct record_check){.verdict = VERDICT_FAIL,
                                              .expected = "x",
                                              .seen = "y"});
    assert_string_equal(seen.check.id, "a.b");
    assert_string_equal(seen.check.why, "rule");
    assert_string_equal(seen.check.expected, "x");
    assert_string_equal(seen.check.seen, "y");
}

static void test_been_past(void **state)
{
    const struct finding f = {.id = "a.b", .facts = "F1", .why = "rule"};

    (void)state;
    seen.been_past = true;
    assert_false(finding_begin(&f));
    assert_int_equal(seen.reported, 0);
    finding_skip(&f, "none here");
    assert_int_equal(seen.reported, 0);
}

static void test_unfit(void **state)
{
    struct finding f = {.id = "a.b", .facts = "F1", .why = "rule"};

    (void)state;
    f.unfit = "there is none";
    skipped_because(&f, "there is none");
}

/* Rows that are never run have a reason and no rule. */
static void test_skip_without_a_rule(void **state)
{
    const struct finding f = {.id = "a.b", .facts = "F1"};

    (void)state;
    finding_skip(&f, "nobody dares");
    assert_string_equal(seen.check.seen, "nobody dares");
    assert_string_equal(seen.check.why, "nobody dares");
}

static void test_risky(void **state)
{
    const struct finding f = {
        .id = "a.b", .facts = "F1", .why = "rule", .risky = true};

    (void)state;
    assert_true(finding_begin(&f));
    assert_int_equal(seen.announced, 1);
    assert_int_equal(seen.pending, 1);
    assert_int_equal(seen.check.verdict, VERDICT_NOTRUN);
    assert_string_equal(seen.check.why, "rule");

    hangs_end = false;
    skipped_because(
        &f, "risky, and nothing would end a hang here; --batch dares it");
    handoff.options.batch = 1;
    assert_true(finding_begin(&f));
    handoff.options.no_risky = 1;
    skipped_because(&f, "risky, and --no-risky was given");
    handoff.goes_on = 0;
    skipped_because(&f,
                    "risky, and this firmware gives no way back from a reset");
}

/* Of what has been tried in vain the reason is told, not the rule. */
static void test_missed(void **state)
{
    const struct finding f = {.id = "a.b", .facts = "F1", .why = "rule"};

    (void)state;
    assert_true(finding_begin(&f));
    finding_miss(&f, "the host was away");
    assert_int_equal(seen.check.verdict, VERDICT_SKIP);
    assert_string_equal(seen.check.seen, "the host was away");
    assert_string_equal(seen.check.why, "the host was away");
}

/* The reporter's id is kept, not a pointer to where it once stood. */
static void test_after_a_deviation(void **state)
{
    const struct finding f = {.id = "fred.rdmsr.1cd",
                              .facts = "F1",
                              .why = "rule",
                              .skipped_after = DEVIATION_ABSENT_MSR};
    char id[] = "fred.rdmsr.1cc";

    (void)state;
    deviation_report(DEVIATION_NONE, "nothing");
    assert_true(finding_begin(&f));
    deviation_report(DEVIATION_ABSENT_MSR, id);
    strcpy(id, "overwritten");
    deviation_report(DEVIATION_ABSENT_MSR, id); /* the first one is named */
    skipped_because(&f, "rests on fred.rdmsr.1cc, which has failed");
}

static void test_ends(void **state)
{
    const struct finding high = {.id = "a", .facts = "F", .why = "w"};
    struct finding f = high;
    const struct diff none = {"", ""}, some = {"x 1", "x 2"};

    (void)state;
    finding_end(&f, &none, NULL);
    assert_int_equal(seen.check.verdict, VERDICT_PASS);
    finding_end(&f, &some, NULL);
    assert_int_equal(seen.check.verdict, VERDICT_FAIL);
    f.confidence = CONFIDENCE_MEDIUM;
    finding_end(&f, &some, NULL);
    assert_int_equal(seen.check.verdict, VERDICT_DIFFER);
    assert_string_equal(seen.check.seen, "x 2");
    f.confidence = CONFIDENCE_VALUE;
    finding_end(&f, &none, "so it is");
    assert_int_equal(seen.check.verdict, VERDICT_DIFFER);
    assert_string_equal(seen.check.seen, "so it is");
}

TEST_LIST(finding, cmocka_unit_test_setup(test_runs, fresh),
          cmocka_unit_test_setup(test_been_past, fresh),
          cmocka_unit_test_setup(test_unfit, fresh),
          cmocka_unit_test_setup(test_skip_without_a_rule, fresh),
          cmocka_unit_test_setup(test_risky, fresh),
          cmocka_unit_test_setup(test_missed, fresh),
          cmocka_unit_test_setup(test_after_a_deviation, fresh),
          cmocka_unit_test_setup(test_ends, fresh));
