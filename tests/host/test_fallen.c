/* SPDX-License-Identifier: MIT */
/* What of a specimen is left alone when it has taken the machine down. */
#include "host.h"
#include "record/result.h"
#include "vectors.h"
#include "window/fallen.h"

enum { CALL, CALL_IRETQ, INT80, IRQ, IN_NMI, IN_NMI_CALL };

const struct subject subjects[] = {
    [CALL] = {.name = "syscall64",
              .first = NO_EVENT,
              .s = {.vector = VEC_SYSCALL64}},
    [CALL_IRETQ] = {.name = "syscall64-iretq",
                    .first = NO_EVENT,
                    .s = {.vector = VEC_SYSCALL64}},
    [INT80] = {.name = "int80", .first = NO_EVENT, .s = {.vector = VEC_int80}},
    [IRQ] = {.name = "irq", .first = NO_EVENT, .s = {.vector = VEC_WINDOW_IRQ}},
    [IN_NMI] = {.name = "nmi", .first = WINDOW_NMI},
    [IN_NMI_CALL] = {.name = "nmi-syscall",
                     .first = WINDOW_NMI,
                     .in_call = true,
                     .s = {.vector = VEC_SYSCALL64}},
};
const unsigned subjects_count = COUNT(subjects);

static const struct specimen doll = {.name = "doll"};

/* The list that result.c would have. */
static struct {
    const char *id;
    unsigned verdict;
} list[16];
static unsigned listed;

const char *result_fallen(unsigned n, unsigned *verdict)
{
    if (n >= listed)
        return NULL;
    *verdict = list[n].verdict;
    return list[n].id;
}

static void falls(unsigned verdict, const char *id)
{
    list[listed].id = id;
    list[listed++].verdict = verdict;
}

static int none(void **state)
{
    listed = 0;
    return 0;
}

static const char *path(unsigned n)
{
    return fallen_path(&doll, &subjects[n]);
}

static const char *event(unsigned n, enum window_event e)
{
    return fallen_event(&doll, &subjects[n], e);
}

static void all_is_tried(void)
{
    for (unsigned n = 0; n < subjects_count; n++) {
        assert_null(path(n));
        for (unsigned e = 0; e < WINDOW_EVENTS; e++)
            assert_null(event(n, e));
    }
}

static void nothing_has_fallen(void **state)
{
    all_is_tried();
}

/* Another specimen's, one whose name begins so, another case's, no path. */
static void what_is_none_of_its(void **state)
{
    for (unsigned i = 0; i < 2; i++) {
        falls(VERDICT_RESET, "window.linux.int80.nmi");
        falls(VERDICT_RESET, "window.doll-two.int80.nmi");
        falls(VERDICT_RESET, "cr4.reserved-15");
        falls(VERDICT_RESET, "window.doll.int8.nmi");
        falls(VERDICT_RESET, "window.doll.stubs");
    }
    all_is_tried();
}

static void a_path_falls_alone(void **state)
{
    falls(VERDICT_RESET, "window.doll.syscall64.visited");
    assert_non_null(path(CALL));
    /* The same stub, but entered otherwise. */
    assert_null(path(CALL_IRETQ));
    assert_null(path(IN_NMI_CALL));
    assert_null(path(INT80));
    assert_null(event(INT80, WINDOW_NMI));
}

static void its_stub_twice(void **state)
{
    falls(VERDICT_RESET, "window.doll.syscall64.visited");
    falls(VERDICT_HANG, "window.doll.syscall64-iretq.visited");
    assert_non_null(path(IN_NMI_CALL)); /* leads through it */
    assert_null(path(IN_NMI));
    assert_null(path(INT80));
}

static void an_event_once(void **state)
{
    falls(VERDICT_HANG, "window.doll.syscall64.nmi");
    all_is_tried();
}

static void an_event_on_two_paths(void **state)
{
    falls(VERDICT_HANG, "window.doll.syscall64.nmi");
    falls(VERDICT_RESET, "window.doll.int80.nmi");
    for (unsigned n = 0; n < subjects_count; n++) {
        assert_non_null(event(n, WINDOW_NMI));
        assert_null(event(n, WINDOW_DB));
    }
    assert_null(path(CALL)); /* its walk alone is no event's */
    assert_null(path(INT80));
    assert_non_null(path(IN_NMI)); /* the same stub */
    assert_non_null(path(IN_NMI_CALL));
}

/* IRQ's stub is a path's by its vector. */
static void an_interrupt_and_its_path(void **state)
{
    falls(VERDICT_HANG, "window.doll.irq.visited");
    falls(VERDICT_HANG, "window.doll.callgate.irq"); /* not in this list */
    assert_null(event(INT80, WINDOW_IRQ));
    falls(VERDICT_HANG, "window.doll.int80.irq");
    assert_non_null(event(CALL, WINDOW_IRQ));
}

static void two_events_on_one_path(void **state)
{
    falls(VERDICT_HANG, "window.doll.int80.nmi");
    falls(VERDICT_HANG, "window.doll.int80.db");
    for (unsigned e = 0; e < WINDOW_EVENTS; e++) {
        assert_non_null(event(INT80, e));
        assert_null(event(CALL, e));
    }
    assert_null(path(INT80)); /* its undisturbed walk is all right */
}

/* What has died in the harness costs no boot, and is no reason. */
static void the_harness_has_died(void **state)
{
    falls(VERDICT_FAIL, "window.doll.int80.nmi");
    falls(VERDICT_FAIL, "window.doll.syscall64.nmi");
    all_is_tried();
    assert_true(fallen_check(&doll, &subjects[INT80], WINDOW_NMI));
    assert_false(fallen_check(&doll, &subjects[INT80], WINDOW_DB));
    assert_false(fallen_check(&doll, &subjects[IN_NMI], WINDOW_NMI));
}

/* Every path with another event: no stub twice, and yet there is an end. */
static void too_often(void **state)
{
    static const char *const ids[] = {
        "window.doll.syscall64.db",  "window.doll.syscall64-iretq.nmi",
        "window.doll.int80.mc",      "window.doll.irq.irq",
        "window.doll.int80.visited", "window.doll.nmi.rules",
        "window.doll.nmi.db",
    };

    for (unsigned i = 0; i < COUNT(ids); i++)
        falls(VERDICT_RESET, ids[i]);
    assert_null(path(CALL));
    falls(VERDICT_RESET, "window.doll.irq.mc");
    for (unsigned n = 0; n < subjects_count; n++)
        assert_non_null(path(n));
    assert_non_null(event(CALL, WINDOW_IRQ));
}

#define TEST(f) cmocka_unit_test_setup(f, none)

TEST_LIST(fallen, TEST(nothing_has_fallen), TEST(what_is_none_of_its),
          TEST(a_path_falls_alone), TEST(its_stub_twice), TEST(an_event_once),
          TEST(an_event_on_two_paths), TEST(an_interrupt_and_its_path),
          TEST(two_events_on_one_path), TEST(the_harness_has_died),
          TEST(too_often));
