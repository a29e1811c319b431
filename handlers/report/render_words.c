/* SPDX-License-Identifier: MIT */
/*
 * Words that every form of the report has in common: how the run ended, where
 * its records came from, why a check was skipped.
 */
#include "fmt.h"
#include "render.h"

static const char *lost_reason(const struct report *r)
{
    switch (r->status) {
    case JOURNAL_BAD_HEADER:
        return "the journal's header is damaged";
    case JOURNAL_OTHER_NONCE:
        return "the journal in memory is another run's";
    default:
        return "the journal did not survive the reset";
    }
}

void report_outcome(const struct report *r, char *buf, size_t n)
{
    char step[STEP_WORDS_MAX] = "";

    if (r->last_step != NULL)
        step_words(step, sizeof(step), r->last_step);
    if (r->status != JOURNAL_OK)
        fmt(buf, n, "results lost: %s", lost_reason(r));
    else if (r->refused != NULL)
        fmt(buf, n, "not run: %s", r->refused->text);
    else if (r->last_words != NULL)
        fmt(buf, n, "died at \"%s\"", r->last_words->step);
    else if (r->end == NULL && r->last_step != NULL)
        fmt(buf, n, "died at \"%s\"", step);
    else if (r->end == NULL)
        fmt(buf, n, "died before its first step");
    else if (report_complete(r))
        fmt(buf, n, "complete");
    else if (r->damaged > 0)
        fmt(buf, n, "ran to its end, but %u record%s lost to damage",
            r->damaged, r->damaged == 1 ? " is" : "s are");
    else if (r->overflow > 0)
        fmt(buf, n, "ran to its end, but %u record%s no room", r->overflow,
            r->overflow == 1 ? " found" : "s found");
    else
        fmt(buf, n, "ran to its end, but checks are missing");
}

void report_origin(const struct report *r, char *buf, size_t n)
{
    const struct record_machine *m = r->machine;

    if (r->source != SOURCE_LIVE)
        fmt(buf, n, "%s, after %u boot%s",
            r->source == SOURCE_RAM ? "memory" : "the digest variable",
            r->boots, r->boots == 1 ? "" : "s");
    else if (m != NULL && m->why_live[0] != '\0')
        fmt(buf, n, "the run itself: %s", m->why_live);
    else
        fmt(buf, n, "the run itself");
}

const char *check_reason(const struct check *c)
{
    if (c->why[0] != '\0' && c->verdict == VERDICT_SKIP)
        return c->why;
    return c->seen[0] != '\0' ? c->seen : c->why;
}

bool verdict_is_finding(unsigned v)
{
    return v == VERDICT_FAIL || v == VERDICT_HANG || v == VERDICT_RESET;
}

const char *source_name(unsigned source)
{
    return source == SOURCE_RAM     ? "ram"
           : source == SOURCE_NVRAM ? "nvram"
                                    : "live";
}

const char *screen_name(unsigned screen)
{
    return screen == SCREEN_LINEAR     ? "linear"
           : screen == SCREEN_BLT_ONLY ? "blt-only"
                                       : "none";
}

const char *report_version(const struct report *r)
{
    return r->machine != NULL ? r->machine->version : VERSION;
}
