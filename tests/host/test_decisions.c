/* SPDX-License-Identifier: MIT */
/* The SWAPGS decisions of NMIs that came somewhere, or exactly. */
#include "cases/smp/decisions.h"
#include "host.h"
#include "selectors.h"

#define STOPS_HERE 3

static struct walk walk;
static struct injection injection;

/* NMIs in ring 0, with a positive base; the second one's is wrong. */
static int one_is_wrong(void **state)
{
    walk = (struct walk){.base = WINDOW_POSITIVE, .stops = STOPS_HERE};
    injection = (struct injection){.walk = &walk, .event = WINDOW_NMI};
    for (unsigned n = 0; n < STOPS_HERE; n++) {
        walk.stop[n].f.rip = 0x1000 + n;
        walk.stop[n].f.cs = SEL_KERNEL_CS;
        injection.at[n] =
            (struct landing){.sent = 1, .delivered = 1, .exact = true};
    }
    injection.at[1].wrong = true;
    return 0;
}

static const char *seen(void)
{
    static struct diff d;

    d = (struct diff){"", ""};
    decisions_judge(&d, &injection);
    return d.seen;
}

static const char wrong[] = "NMI at doll+0x1, base positive: user's GS base";

static void exactly_or_not(void **state)
{
    assert_string_equal(seen(), wrong);
    injection.at[1].exact = false;
    assert_string_equal(seen(), wrong);
    injection.at[1].delivered = 2;
    assert_string_equal(seen(), wrong);
    injection.at[2].wrong = true; /* the first is named */
    assert_string_equal(seen(), wrong);
    walk.stop[1].wrong = 1 << WINDOW_BY_SIGN; /* no excuse */
    assert_string_equal(seen(), wrong);
}

static void none(void **state)
{
    injection.at[1].wrong = false;
    assert_string_equal(seen(), "");
    injection.at[1].exact = false;
    assert_string_equal(seen(), "");
}

/* It has never come to its handler: that is told otherwise. */
static void not_called(void **state)
{
    injection.at[1].delivered = 0;
    assert_string_equal(seen(), "");
}

static void a_negative_base(void **state)
{
    walk.base = WINDOW_NEGATIVE;
    assert_string_equal(seen(),
                        "NMI at doll+0x1, base negative: user's GS base");
    walk.stop[1].wrong = 1 << WINDOW_BY_CS;
    assert_string_not_equal(seen(), "");
    walk.stop[1].wrong = 1 << WINDOW_BY_SIGN;
    assert_string_equal(seen(), ""); /* the published limit */
    walk.stop[1].wrong = 0;
    injection.at[1].exact = false; /* who knows where it was */
    assert_string_equal(seen(), "");
}

#define OF(test) cmocka_unit_test_setup(test, one_is_wrong)

TEST_LIST(decisions, OF(exactly_or_not), OF(none), OF(not_called),
          OF(a_negative_base));
