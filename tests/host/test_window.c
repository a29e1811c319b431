/* SPDX-License-Identifier: MIT */
/*
 * The window's verdicts on walks that no machine of the tests makes: an event
 * that lands late, twice or never, and stubs that are wrong otherwise than
 * their rule says.  judge.c is held to what it must say of each.
 */
#include "host.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"
#include "window/judge.h"

#define STOPS_HERE 6 /* of them number 3 is the harness's handler */
#define KERNEL_GS 0xffffffffc0001000ull

/* What judge.c asks of its room and of the engine. */
static struct specimen_stub stub;
struct specimen_stub *const window_stub = &stub; /* for test_hostile.c */
static struct specimen stranger = {
    .name = "stranger", .stubs = &stub, .count = 1};
static struct specimen specimen = {.name = "doll", .stubs = &stub, .count = 1};
const struct specimen *const specimen_own = &stranger;
static const struct subject subject = {.name = "doll", .first = NO_EVENT};

const char *symbol_of(uint64_t rip, unsigned *offset)
{
    *offset = (unsigned)(rip & 0xff);
    return "doll";
}

const struct specimen_stub *specimen_stub(const struct specimen *s,
                                          unsigned vector)
{
    return &stub;
}

enum gs_rule specimen_rule(const struct specimen *s, unsigned vector)
{
    bool of_irqs = s->stubs->vector == VEC_WINDOW_IRQ;

    return of_irqs && vector != VEC_WINDOW_IRQ ? RULE_NONE : s->stubs->rule;
}

unsigned subject_vector(const struct subject *s)
{
    return s->s.vector ? s->s.vector : VEC_int80;
}

unsigned event_vector(enum window_event e)
{
    return VEC_nmi;
}

bool same_stack(const struct walk *w, enum window_event e)
{
    return w->subject->first == e;
}

bool only_overwritten(const struct walk *w, enum window_event e)
{
    return w->specimen == specimen_own && same_stack(w, e) && !stub.nests;
}

bool can_land(const struct walk *w, const struct stop *s, enum window_event e)
{
    return s->boundary;
}

bool rules_wrong(enum window_rule rule, const struct stop *s, uint64_t kernel)
{
    return s->wrong >> rule & 1;
}

static struct walk walk;
static struct injection injection;

/* A gate's walk in ring 0 on the kernel's base, and NMIs that all come. */
static int all_is_right(void **state)
{
    stub = (struct specimen_stub){.vector = VEC_nmi, .rule = RULE_BY_SIGN};
    walk = (struct walk){
        .specimen = &specimen,
        .subject = &subject,
        .base = WINDOW_POSITIVE,
        .kernel_gs = KERNEL_GS,
        .stops = STOPS_HERE,
    };
    injection =
        (struct injection){.walk = &walk, .event = WINDOW_NMI, .walks = 1};
    for (unsigned n = 0; n < STOPS_HERE; n++) {
        walk.stop[n] = (struct stop){
            .f = {.rip = 0x1000 + n, .cs = SEL_KERNEL_CS},
            .gs_base = KERNEL_GS,
            .boundary = n != 3,
        };
        if (walk.stop[n].boundary)
            injection.at[n] =
                (struct landing){.sent = 1, .delivered = 1, .exact = true};
    }
    return 0;
}

/* What is said of it all; "" if nothing is. */
static const char *verdict(void)
{
    static struct diff d;
    struct tally t = {0};

    d = (struct diff){"", ""};
    judge_events(&d, &injection, &t);
    judge_tally(&d, &t);
    return d.seen;
}

static void nothing_is_said(void **state)
{
    assert_string_equal(verdict(), "");
}

static void not_exact(void **state)
{
    injection.at[2].exact = false;
    assert_non_null(strstr(verdict(), "not exact"));
    assert_non_null(strstr(verdict(), "doll+0x2"));
    assert_non_null(strstr(verdict(), "5 sent, 5 delivered, 4 exact"));
}

static void not_delivered(void **state)
{
    injection.at[4].delivered = 0;
    assert_non_null(strstr(verdict(), "not delivered"));
}

static void delivered_twice(void **state)
{
    injection.at[4].delivered = 2;
    assert_non_null(strstr(verdict(), "delivered twice"));
}

static void not_sent(void **state)
{
    injection.at[1] = (struct landing){0};
    assert_non_null(strstr(verdict(), "4 sent, 4 delivered, 4 exact"));
}

static void none_sent(void **state)
{
    walk.stops = 0;
    assert_non_null(strstr(verdict(), "0 sent"));
}

/* Its rule says right, and the handler was on the user's base. */
static void wrong_against_its_rule(void **state)
{
    injection.at[1].wrong = true;
    assert_non_null(strstr(verdict(), "user's GS base"));
}

/* The other way round: so the boundary was not what it was taken for. */
static void right_against_its_rule(void **state)
{
    walk.stop[1].users = true;
    walk.stop[1].wrong = 1u << WINDOW_BY_SIGN;
    assert_non_null(strstr(verdict(), "right"));
}

/* by-sign's published limit is a negative base, and no other. */
static void wrong_as_published(void **state)
{
    walk.stop[1].users = true;
    walk.stop[1].wrong = 1u << WINDOW_BY_SIGN;
    injection.at[1].wrong = true;
    assert_non_null(strstr(verdict(), "user's GS base"));
    walk.base = WINDOW_NEGATIVE;
    assert_string_equal(verdict(), "");
}

/* The same, undeclared: where no base of ring 3's can be negative it is taken
 * for by-sign, and else for what it is. */
static void wrong_and_undeclared(void **state)
{
    static const struct specimen_machine without = {.no_fsgsbase = true},
                                         with = {.no_fsgsbase = false};

    stub.rule = RULE_NONE;
    walk.base = WINDOW_NEGATIVE;
    walk.stop[1].users = true;
    walk.stop[1].wrong = 1u << WINDOW_BY_SIGN;
    injection.at[1].wrong = true;
    specimen.machine = &without;
    assert_string_equal(verdict(), "");
    walk.stop[1].wrong = 0;
    assert_non_null(strstr(verdict(), "user's GS base"));
    walk.stop[1].wrong = 1u << WINDOW_BY_SIGN;
    specimen.machine = &with;
    assert_non_null(strstr(verdict(), "user's GS base"));
    specimen.machine = &without;
    walk.base = WINDOW_POSITIVE;
    walk.stop[1].wrong = 0;
    assert_non_null(strstr(verdict(), "user's GS base"));
    specimen.machine = 0;
}

static void damaged(void **state)
{
    injection.at[5].damaged = true;
    assert_non_null(strstr(verdict(), "not all"));
    diff_hex(&injection.changed, "rax", 1, 2);
    injection.changed_at = 5;
    assert_non_null(strstr(verdict(), "rax"));
}

/* What would be failed is tried once more, and nothing else. */
static void doubts(void **state)
{
    for (unsigned n = 0; n < STOPS_HERE; n++)
        if (walk.stop[n].boundary)
            assert_false(judge_doubts(&injection, n));
    injection.at[1].sent = 0;
    assert_true(judge_doubts(&injection, 1));
    injection.at[2].exact = false;
    assert_true(judge_doubts(&injection, 2));
    injection.at[4].damaged = true;
    assert_true(judge_doubts(&injection, 4));
    injection.at[5].wrong = true;
    assert_true(judge_doubts(&injection, 5));
    assert_false(judge_doubts(&injection, 0));
}

/* A second event that costs nothing, on a stack that is in use: of ours that
 * means that it has not come; a stranger's may have a way. */
static void overwritten(void **state)
{
    static const struct subject on_its_stack = {.name = "doll",
                                                .first = WINDOW_NMI};

    walk.subject = &on_its_stack;
    for (unsigned n = 0; n < STOPS_HERE; n++)
        walk.stop[n].f.rsp = STACK_TOP(STACK_nmi) - 64;
    assert_non_null(strstr(verdict(), "not overwritten"));
    walk.specimen = &stranger;
    assert_string_equal(verdict(), "");
    /* Nor is it asked on which base that was. */
    injection.at[2].wrong = true;
    assert_string_equal(verdict(), "");
    walk.subject = &subject;
    assert_non_null(strstr(verdict(), "user's GS base"));
}

#define OF(test) cmocka_unit_test_setup(test, all_is_right)

TEST_LIST(window, OF(nothing_is_said), OF(not_exact), OF(not_delivered),
          OF(delivered_twice), OF(not_sent), OF(none_sent),
          OF(wrong_against_its_rule), OF(right_against_its_rule),
          OF(wrong_as_published), OF(wrong_and_undeclared), OF(damaged),
          OF(doubts), OF(overwritten));
