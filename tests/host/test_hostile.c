/* SPDX-License-Identifier: MIT */
/* What ring 3 can bring about on a way out, and at a boundary that is on its
 * stack: judge.c and own_stack.c, held to what they must say. */
#include "host.h"
#include "selectors.h"
#include "vectors.h"
#include "window/judge.h"

#define KERNEL_GS 0xffffffffc0001000ull
#define USERS_RSP 0x10802000ull
#define IRETQ_AT 2
#define FAULT_STUB 0x4000

static struct specimen_stub stub;
static struct specimen specimen;
static struct subject subject;
static struct walk walk;

/* What the room's files ask of each other is in test_window.c, whose stub is
 * the specimen's: one with all defaults, but for what a test sets here. */
extern struct specimen_stub *const window_stub;

/* INT 0x80, whose IRETQ faults at stop 2; the fault's stub is right. */
static int bad_iret(void **state)
{
    stub = (struct specimen_stub){.stub = (const void *)FAULT_STUB,
                                  .rule = RULE_BY_CS};
    *window_stub = stub;
    specimen = (struct specimen){.name = "doll", .stubs = window_stub};
    subject = (struct subject){.name = "doll",
                               .s.vector = VEC_int80,
                               .first = NO_EVENT,
                               .fault = VEC_np,
                               .on_harness = false};
    walk = (struct walk){
        .specimen = &specimen,
        .subject = &subject,
        .base = WINDOW_POSITIVE,
        .kernel_gs = KERNEL_GS,
        .user_gs = 0x1000,
        .final_gs = 0x1000,
        .fault = VEC_np,
        .end = RUN_GATE,
        .stops = 5,
        .boundaries = 5,
        .leaves = true,
        .calls = {.count = 1},
        .was.frame.rsp = USERS_RSP,
    };
    for (unsigned n = 0; n < walk.stops; n++)
        walk.stop[n] = (struct stop){
            .f = {.rip = n == IRETQ_AT + 1 ? FAULT_STUB : 0x1000 + n,
                  .cs = n ? SEL_KERNEL_CS : SEL_USER_CS64,
                  .rsp = KERNEL_GS},
            .boundary = true,
        };
    return 0;
}

static const char *verdict(void)
{
    static struct diff d;

    d = (struct diff){"", ""};
    judge_walk(&d, &walk);
    return d.seen;
}

static void right(void **state)
{
    assert_string_equal(verdict(), "");
}

/* Whether its author has declared fixups or not. */
static void its_fault_on_the_users_base(void **state)
{
    static const struct specimen_fixup fixup = {(const void *)0x1002, 0};

    walk.calls.wrong = walk.calls.fault_wrong = 1;
    assert_non_null(strstr(verdict(), "doll+0x2, base positive: user's GS"));
    specimen.fixups = &fixup;
    specimen.fixups_count = 1;
    assert_non_null(strstr(verdict(), "doll+0x2, base positive: user's GS"));
}

/* It has faulted once more, there, and nothing has come back. */
static void its_fault_does_not_end(void **state)
{
    walk.calls.fault_wrong = 1;
    walk.end = RUN_ABANDONED;
    assert_non_null(strstr(verdict(), "doll+0x2"));
    walk.calls.fault_wrong = 0;
    snprintf(walk.trouble, sizeof(walk.trouble), "#PF at doll");
    assert_non_null(strstr(verdict(), "#PF at doll"));
}

static void by_sign_has_its_limit(void **state)
{
    window_stub->rule = RULE_BY_SIGN;
    walk.calls.fault_wrong = walk.calls.wrong = 1;
    assert_non_null(strstr(verdict(), "user's GS base"));
    walk.base = WINDOW_NEGATIVE;
    assert_null(strstr(verdict(), "user's GS base"));
}

static void sysret(void **state)
{
    subject.on_harness = true;
    walk.bad_sysret = 3;
    assert_true(judge_sysret(&walk));
    assert_non_null(strstr(verdict(), "doll+0x0"));
    specimen.sysret_unchecked = true;
    assert_string_equal(verdict(), "");
    specimen.sysret_unchecked = false;
    specimen.wrong = true;
    assert_false(judge_sysret(&walk));
    specimen.wrong = false;
    walk.bad_sysret = 0;
    assert_string_equal(verdict(), "");
}

static const char *stack_verdict(void)
{
    static struct diff d;

    d = (struct diff){"", ""};
    judge_own_stack(&d, &walk, VEC_db);
    return d.seen;
}

static void no_ist(void **state)
{
    walk.stop[1].f.rsp = USERS_RSP - 8;
    assert_string_equal(stack_verdict(), "");
    window_stub->ist = 3;
    assert_string_equal(stack_verdict(), "");
    window_stub->ist = SPECIMEN_IST_NONE;
    assert_non_null(strstr(stack_verdict(), "doll+0x1"));
    walk.stop[1].f.rsp = KERNEL_GS;
    assert_string_equal(stack_verdict(), "");
    walk.stop[1].f.rsp = USERS_RSP;
    subject.s.from = FROM_RING0;
    assert_string_equal(stack_verdict(), "");
}

#define OF(test) cmocka_unit_test_setup(test, bad_iret)

TEST_LIST(hostile, OF(right), OF(its_fault_on_the_users_base),
          OF(its_fault_does_not_end), OF(by_sign_has_its_limit), OF(sysret),
          OF(no_ist));
