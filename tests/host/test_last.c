/* SPDX-License-Identifier: MIT */
/*
 * Where a run stood when the machine restarted: steps, cases and checks are
 * told apart by their kind, whatever their names are.
 */
#include "after/last.h"
#include "host.h"

#define SIZE 16384u
#define NONCE 5u

static uint64_t memory[SIZE / 8];
static struct journal j;
static struct last l;
static struct record_check c;

static int create(void **state)
{
    memset(memory, 0, sizeof(memory));
    journal_create(&j, memory, SIZE, NONCE);
    return 0;
}

static void begin_case(const char *id, uint32_t number)
{
    struct record_step s = {.check = number << 16, .kind = STEP_CASE};
    struct record_case k = {.title = "what it asks"};

    snprintf(s.name, sizeof(s.name), "%s", id);
    snprintf(k.id, sizeof(k.id), "%s", id);
    assert_true(journal_append(&j, RECORD_STEP, &s, sizeof(s)));
    assert_true(journal_append(&j, RECORD_CASE, &k, sizeof(k)));
}

static void begin_check(const char *id, uint32_t number)
{
    struct record_step s = {.check = number, .kind = STEP_CHECK};

    snprintf(s.name, sizeof(s.name), "%s", id);
    assert_true(journal_append(&j, RECORD_STEP, &s, sizeof(s)));
}

static uint32_t restart(uint32_t before)
{
    memset(&c, 0x5a, sizeof(c));
    last_find(&l, memory, SIZE, NONCE);
    return last_resume(&l, before);
}

/* Others are at work: what they do is no check of the journal's yet. */
static void while_others_work(void **state)
{
    struct record_check p = {.id = "smp_alone", .facts = "MP4"};
    char packed[CHECK_PACKED_MAX];

    snprintf(p.seen, sizeof(p.seen), "while 3 other processors were at work");
    begin_case("smp_alone", 3);
    journal_append(&j, RECORD_PENDING, packed, check_pack(packed, &p));
    assert_int_equal(restart(0), 3 << 16 | 0xffff);
    assert_true(last_verdict(&l, false, "", &c));
    assert_string_equal(c.id, "smp_alone.set-up");
    assert_string_equal(
        c.seen, "the machine restarted, while 3 other processors were at work");
}

static void in_a_check(void **state)
{
    begin_case("exc", 3);
    begin_check("exc.de", 3 << 16 | 1);
    assert_int_equal(restart(0), 3 << 16 | 1);
    assert_true(last_verdict(&l, false, "", &c));
    assert_string_equal(c.id, "exc.de");
    assert_int_equal(c.verdict, VERDICT_RESET);
    assert_string_equal(c.seen, "the machine restarted");
    assert_true(last_verdict(&l, true, "", &c));
    assert_int_equal(c.verdict, VERDICT_HANG);
    assert_int_equal(restart(3 << 16 | 1), 0); /* no further than before */
}

/* What was pending tells more than the step. */
static void in_a_pending_check(void **state)
{
    struct record_check pending = {
        .id = "exc.df.ist", .facts = "A1", .why = "the rule", .seen = "at 5"};
    char packed[CHECK_PACKED_MAX];

    begin_case("exc", 3);
    begin_check("exc.df", 3 << 16 | 7);
    journal_append(&j, RECORD_PENDING, packed, check_pack(packed, &pending));
    assert_int_equal(restart(3 << 16 | 6), 3 << 16 | 7);
    assert_true(last_verdict(&l, false, "", &c));
    assert_string_equal(c.id, "exc.df.ist");
    assert_string_equal(c.facts, "A1");
    assert_string_equal(c.why, "the rule");
    assert_string_equal(c.seen, "the machine restarted, at 5");
    assert_int_equal(c.verdict, VERDICT_RESET);
}

/* One that says where it is waits as a pass, and had no verdict yet. */
static void in_a_check_at_work(void **state)
{
    struct record_check at_work = {.id = "window.own.syscall64.visited",
                                   .verdict = VERDICT_PASS};
    char packed[CHECK_PACKED_MAX];

    begin_case("window_own", 3);
    begin_check("window.own.syscall64.visited", 3 << 16 | 2);
    journal_append(&j, RECORD_PENDING, packed, check_pack(packed, &at_work));
    assert_int_equal(restart(0), 3 << 16 | 2);
    assert_true(last_verdict(&l, false, "", &c));
    assert_int_equal(c.verdict, VERDICT_RESET);
    assert_true(last_verdict(&l, true, "", &c));
    assert_int_equal(c.verdict, VERDICT_HANG);
}

/* One that had died before the machine went. */
static void in_a_dying_check(void **state)
{
    struct record_check dying = {
        .id = "exc.df", .verdict = VERDICT_FAIL, .seen = "#PF at 5"};
    char packed[CHECK_PACKED_MAX];

    begin_case("exc", 3);
    begin_check("exc.df", 3 << 16 | 7);
    journal_append(&j, RECORD_PENDING, packed, check_pack(packed, &dying));
    assert_int_equal(restart(3 << 16 | 6), 3 << 16 | 7);
    assert_true(last_verdict(&l, false, "", &c));
    assert_int_equal(c.verdict, VERDICT_FAIL);
    assert_string_equal(c.seen, "the machine restarted, #PF at 5");
}

/* "case exc" once lost six letters and became the check "xc". */
static void in_a_set_up(void **state)
{
    begin_case("syscall", 2);
    begin_check("syscall.a", 2 << 16 | 1);
    sample_check(&j, "syscall.a", VERDICT_PASS);
    begin_case("exc", 3);
    assert_int_equal(restart(2 << 16 | 1), 3 << 16 | 0xffff);
    assert_true(last_verdict(&l, false, "", &c));
    assert_string_equal(c.id, "exc.set-up");
    assert_int_equal(c.verdict, VERDICT_RESET);
    assert_true(c.why[0] != '\0');
    assert_int_equal(restart(3 << 16 | 0xffff), 0);
}

static void behind_a_verdict(void **state)
{
    begin_case("exc", 3);
    begin_check("exc.de", 3 << 16 | 1);
    sample_check(&j, "exc.de", VERDICT_PASS);
    assert_int_equal(restart(0), 3 << 16 | 0xffff);
    assert_false(last_verdict(&l, false, "", &c));
    assert_string_equal(l.in->id, "exc");
}

/* The harness's own steps, whatever they are called; ends; nothing at all. */
static void nothing_to_go_on_behind(void **state)
{
    static const struct record_last_words words;
    const struct record_step work = {
        .name = "check exc.de", .check = 3 << 16 | 1, .kind = STEP_WORK};

    assert_int_equal(restart(0), 0);
    begin_case("exc", 3);
    journal_append(&j, RECORD_STEP, &work, sizeof(work));
    assert_int_equal(restart(0), 0);
    begin_check("exc.de", 3 << 16 | 1);
    assert_int_not_equal(restart(0), 0);
    journal_append(&j, RECORD_LAST_WORDS, &words, sizeof(words));
    assert_int_equal(restart(0), 0);
    last_find(&l, memory, SIZE, NONCE + 1);
    assert_true(l.over);
    assert_int_equal(last_resume(&l, 0), 0);
}

/* Somebody outside ended it: the case that was running is run again. */
static void killed_in_a_case(void **state)
{
    struct record_resume r = {.boots = 2, .after = 3 << 16, .kills = 1};
    const struct record_header *begun;
    uint32_t used, seq;

    restart(0);
    assert_int_equal(last_again(&l), 0); /* none has begun */
    begin_case("syscall", 2);
    begin_check("syscall.a", 2 << 16 | 1);
    sample_check(&j, "syscall.a", VERDICT_PASS);
    used = j.used;
    seq = j.seq;
    begin_case("exc", 3);
    begin_check("exc.de", 3 << 16 | 1);
    sample_check(&j, "exc.de", VERDICT_PASS);
    begin_check("exc.db", 3 << 16 | 2);
    restart(0);
    assert_int_equal(last_again(&l), 3 << 16);
    assert_int_equal(last_kills(&l), 1);

    journal_cut(&j, l.begun);
    assert_int_equal(j.used, used);
    assert_int_equal(j.seq, seq);
    restart(0);
    assert_string_equal(l.in->id, "syscall"); /* nothing shows through */

    journal_append(&j, RECORD_RESUME, &r, sizeof(r));
    restart(0);
    assert_null(l.begun); /* again, and before it came to anything */
    assert_int_equal(last_again(&l), 3 << 16);
    assert_int_equal(last_kills(&l), 2);
    begin_case("exc", 3);
    begin_check("exc.de", 3 << 16 | 1);
    restart(0);
    begun = l.begun;
    assert_non_null(begun);
    assert_int_equal(last_kills(&l), 2);
    begin_case("gate", 4);
    restart(0);
    assert_true(l.begun > begun);
    assert_int_equal(last_again(&l), 4 << 16);
    assert_int_equal(last_kills(&l), 1);
}

/* In a case in which a check had taken the machine down: what stands in the
 * journal of the boot before stays there. */
static void killed_behind_a_reset(void **state)
{
    struct record_resume r = {.boots = 2, .after = 3 << 16 | 1};

    begin_case("exc", 3);
    begin_check("exc.de", 3 << 16 | 1);
    sample_check(&j, "exc.de", VERDICT_RESET);
    journal_append(&j, RECORD_RESUME, &r, sizeof(r));
    begin_case("exc", 3);
    begin_check("exc.db", 3 << 16 | 2);
    restart(0);
    assert_int_equal(last_again(&l), 3 << 16 | 1);
    journal_cut(&j, l.begun);
    restart(0);
    assert_non_null(l.resume);
    assert_true(l.reported);
}

/* What the script says of the end is what is reported. */
static void in_other_words(void **state)
{
    begin_case("exc", 3);
    begin_check("exc.de", 3 << 16 | 1);
    restart(0);
    assert_true(last_verdict(&l, false, "the emulator ended: x", &c));
    assert_int_equal(c.verdict, VERDICT_RESET);
    assert_string_equal(c.seen, "the emulator ended: x");
}

#define TEST(f) cmocka_unit_test_setup(f, create)

TEST_LIST(last, TEST(while_others_work), TEST(in_a_check),
          TEST(in_a_pending_check), TEST(in_a_check_at_work),
          TEST(in_a_dying_check), TEST(in_a_set_up), TEST(behind_a_verdict),
          TEST(nothing_to_go_on_behind), TEST(killed_in_a_case),
          TEST(killed_behind_a_reset), TEST(in_other_words));
