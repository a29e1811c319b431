/* SPDX-License-Identifier: MIT */
/*
 * What the build cannot see of a specimen from outside, and a walk would trip
 * over; see own.h.
 *
 * Its stubs.h is C, written by hand: a vector may be no vector, a stub may lie
 * in .text, where a walk would take it for the harness's own code and run it
 * unstopped, a rule may be none of rules.def's.  Each is said in one sentence
 * before anything of it has run.
 */
#include "own.h"

#include "engine/author.h"
#include "engine/engine.h"
#include "engine/kernel.h"
#include "fmt.h"
#include "record/result.h"
#include "vectors.h"

static bool known(unsigned vector)
{
    return vector < VECTORS ||
           (vector >= VEC_SYSCALL64 && vector <= VEC_LOAD_GS);
}

/* What is wrong with stub i, in why[n]; false if nothing is. */
static bool stub_unfit(const struct specimen *s, unsigned i, char *why,
                       size_t n)
{
    const struct specimen_stub *stub = &s->stubs[i];
    const char *id = known(stub->vector) ? vector_info(stub->vector)->id : "";
    const char *rule = rule_name(stub->rule);

    if (!known(stub->vector))
        fmt(why, n, "its stub number %u is for 0x%x, which is no vector", i + 1,
            stub->vector);
    else if (!engine_under_test((uint64_t)stub->stub))
        fmt(why, n, "its stub for %s lies outside .text.under_test", id);
    else if (stub->rule >= RULE_COUNT)
        fmt(why, n, "the rule of its stub for %s is %s", id, rule);
    else if (specimen_stub(s, stub->vector) != stub)
        fmt(why, n, "it has two stubs for %s", id);
    else
        return false;
    return true;
}

bool own_fit(const struct specimen *s)
{
    struct record_check c = {.verdict = VERDICT_PASS};
    const char *unfit;

    if (s != specimen_own)
        return true;
    fmt(c.id, sizeof(c.id), "window.%s.stubs", s->name);
    fmt(c.why, sizeof(c.why),
        "stubs that the window can walk; include/specimen.h");
    if (!result_check_begin(&c, false))
        return true;
    if ((unfit = kernel_map(s)) || (unfit = author_unfit(s)))
        fmt(c.seen, sizeof(c.seen), "%s", unfit);
    else if (!s->count)
        fmt(c.seen, sizeof(c.seen), "it has no stubs");
    for (unsigned i = 0; i < s->count && !c.seen[0]; i++)
        stub_unfit(s, i, c.seen, sizeof(c.seen));
    if (c.seen[0]) {
        c.verdict = VERDICT_FAIL;
        fmt(c.expected, sizeof(c.expected), "stubs in .text.under_test");
    }
    result_check(&c);
    return c.verdict == VERDICT_PASS;
}
