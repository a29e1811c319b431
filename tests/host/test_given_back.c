/* SPDX-License-Identifier: MIT */
/* What a path must give back: tests/window/given_back.c, held to what it must
 * say of exceptions and of calls. */
#include "host.h"
#include "msr.h"
#include "selectors.h"
#include "vectors.h"
#include "window/judge.h"

#define RESUME 0x1005

static struct subject subject;
static struct walk walk;
static const struct specimen specimen = {.name = "doll"};

static int begin(unsigned vector, enum origin from)
{
    subject = (struct subject){
        .name = "doll",
        .s = {.vector = vector, .from = from, .resume = (const char *)RESUME},
        .first = NO_EVENT,
    };
    walk = (struct walk){.specimen = &specimen,
                         .subject = &subject,
                         .end = RUN_GATE,
                         .stops = 4};
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        walk.was.frame.general[i] = 0xf00000000ull + i;
    walk.was.frame.rflags = FLAG_ONE | FLAG_IF;
    walk.was.frame.rip = RESUME - 2;
    walk.was.frame.rsp = 0x7000;
    walk.was.frame.cs = SEL_USER_CS64;
    walk.back = walk.was;
    walk.back.frame.rip = RESUME;
    for (unsigned n = 0; n < walk.stops; n++) {
        walk.stop[n] = (struct stop){.f = walk.was.frame, .boundary = true};
        walk.stop[n].f.rip = 0x2000 + n;
        walk.stop[n].f.cs = SEL_KERNEL_CS;
    }
    return 0;
}

static int exception(void **state)
{
    return begin(VEC_ud, FROM_RING3);
}

static int call(void **state)
{
    return begin(VEC_SYSCALL64, FROM_RING3);
}

static int compat_call(void **state)
{
    return begin(VEC_SYSCALL32, FROM_COMPAT);
}

static const char *verdict(void)
{
    static struct diff d;

    d = (struct diff){"", ""};
    judge_given_back(&d, &walk);
    return d.seen;
}

static void nothing_is_said(void **state)
{
    assert_string_equal(verdict(), "");
    assert_int_equal(given_back_changed(&walk), 0);
}

/* Zeroed between the last two stops. */
static void a_register_is_named(void **state)
{
    walk.stop[3].f.rbx = walk.back.frame.rbx = 0;
    assert_non_null(strstr(verdict(), "doll+0x2"));
    assert_non_null(strstr(verdict(), "rbx 0"));
}

static void each_register_counts(void **state)
{
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++) {
        walk.back.frame.general[i] = 0;
        assert_non_null(strstr(verdict(), given_back_name(i)));
        walk.back.frame.general[i] = walk.was.frame.general[i];
    }
}

static void flags_and_segments_count(void **state)
{
    walk.back.frame.rflags ^= FLAG_CF;
    assert_non_null(strstr(verdict(), "CF"));
    exception(0);
    walk.back.frame.rsp -= 8;
    assert_non_null(strstr(verdict(), "rsp"));
    exception(0);
    walk.back.es = SEL_USER_SS;
    assert_non_null(strstr(verdict(), "es"));
    exception(0);
    walk.back.fs_base = 1;
    assert_non_null(strstr(verdict(), "fs base"));
    exception(0);
    walk.back.frame.rip -= 2;
    assert_non_null(strstr(verdict(), "rip"));
}

/* The result, what the instruction takes, and what C does not keep. */
static void a_call_may_change(void **state)
{
    walk.back.frame.rax = walk.back.frame.rcx = walk.back.frame.r11 = 0;
    walk.back.frame.rflags ^= FLAG_CF | FLAG_ZF;
    assert_string_equal(verdict(), "");
    assert_int_equal(given_back_changed(&walk), 0);
    walk.back.frame.rdx = 0;
    assert_string_equal(verdict(), "");
    assert_int_equal(given_back_changed(&walk), REG_RDX);
}

static void a_call_must_keep(void **state)
{
    walk.back.frame.r15 = 0;
    assert_non_null(strstr(verdict(), "r15"));
    call(0);
    walk.back.frame.rflags |= FLAG_IOPL;
    assert_non_null(strstr(verdict(), "IOPL"));
    call(0);
    walk.back.frame.rsp += 8;
    assert_non_null(strstr(verdict(), "rsp"));
}

static void compat_code_has_half_of_it(void **state)
{
    walk.back.frame.r12 = 0;
    walk.back.frame.rbp &= 0xffffffff;
    assert_string_equal(verdict(), "");
    walk.back.frame.rbp = 0;
    assert_non_null(strstr(verdict(), "rbp"));
}

static void a_spoilt_exit_is_not_asked(void **state)
{
    subject.fault = VEC_np;
    walk.back.frame.rbx = 0;
    assert_string_equal(verdict(), "");
}

/* It spins: what is seen at the gate is later. */
static void code_that_goes_on_is_not_asked(void **state)
{
    subject.asynchronous = true;
    walk.back.frame.rcx = 0;
    assert_string_equal(verdict(), "");
    walk.returned = true;
    walk.back.frame.rip = walk.was.frame.rip;
    assert_non_null(strstr(verdict(), "rcx"));
}

#define OF(test, setup) cmocka_unit_test_setup(test, setup)

TEST_LIST(given_back, OF(nothing_is_said, exception), OF(nothing_is_said, call),
          OF(a_register_is_named, exception),
          OF(each_register_counts, exception),
          OF(flags_and_segments_count, exception), OF(a_call_may_change, call),
          OF(a_call_must_keep, call),
          OF(compat_code_has_half_of_it, compat_call),
          OF(a_spoilt_exit_is_not_asked, exception),
          OF(code_that_goes_on_is_not_asked, exception));
