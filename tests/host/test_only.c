/* SPDX-License-Identifier: MIT */
/* --only: patterns of cases, of checks, and of nothing. */
#include "host.h"

#include "judge/only.h"
#include "options.h"

static void begin(const char *patterns)
{
    only_begin(patterns);
}

static void unmatched(const char *expected)
{
    int length = -1;
    const char *p = only_unmatched(&length);

    if (expected == NULL) {
        assert_null(p);
        return;
    }
    assert_non_null(p);
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(p, expected, strlen(expected));
}

static void nothing_asked(void **state)
{
    begin("");
    assert_true(only_case("exc"));
    assert_false(only_for_checks());
    unmatched(NULL);
}

static void a_case_is_wanted_whole(void **state)
{
    begin("exc*,nmi");
    assert_false(only_case("int80"));
    assert_true(only_case("exc"));
    assert_true(only_case("exc_more"));
    assert_true(only_for_checks()); /* nmi has matched nothing so far */
    assert_true(only_case("nmi"));
    assert_false(only_for_checks());
    unmatched(NULL);
}

/* "pf*" is a pattern of cases: a check of another case is not meant by it. */
static void a_check_of_another_case(void **state)
{
    begin("pf*,int80.64");
    assert_true(only_case("pf_nx"));
    assert_false(only_case("int80"));
    assert_true(only_for_checks());
    assert_false(only_check("pf.write"));
    assert_false(only_check("int80.64.more"));
    unmatched("int80.64");
    assert_true(only_check("int80.64"));
    unmatched(NULL);
}

static void nothing_matches(void **state)
{
    begin("exc,pf.nxe-of.*,nmi");
    assert_true(only_case("exc"));
    assert_true(only_case("nmi"));
    assert_false(only_check("pf.nxe-off.fetch"));
    unmatched("pf.nxe-of.*");
    begin("exc.x");
    assert_false(only_case("exc"));
    unmatched("exc.x");
}

/* As many as an option can hold. */
static void many_patterns(void **state)
{
    static char text[OPTIONS_TEXT_MAX];
    unsigned n = 0;

    for (unsigned i = 0; i + 2 < sizeof(text); i += 2) {
        text[i] = (char)('a' + i / 2 % 26);
        text[i + 1] = ',';
        n++;
    }
    text[2 * n - 1] = '\0';
    begin(text);
    for (char id[2] = "a"; id[0] <= 'z'; id[0]++)
        assert_true(only_case(id));
    assert_false(only_for_checks());
    unmatched(NULL);
}

TEST_LIST(only, cmocka_unit_test(nothing_asked),
          cmocka_unit_test(a_case_is_wanted_whole),
          cmocka_unit_test(a_check_of_another_case),
          cmocka_unit_test(nothing_matches), cmocka_unit_test(many_patterns));
