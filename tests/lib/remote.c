/* SPDX-License-Identifier: MIT */
/* A stimulus on another processor; see remote.h. */
#include "remote.h"

#include "fmt.h"
#include "judge/diff.h"
#include "judge/paths.h"
#include "record/result.h"
#include "shared.h"
#include "user_shared.h"
#include "wait.h"

#define RUN_SECONDS 4 /* of one processor's four runs */

static struct remote {
    const struct stimulus *s;
    struct record_check check;
    struct record_path row;
    uint32_t checked, listed; /* is there a check, a row? */
} remote SHARED;

void remote_before(struct trapframe *c)
{
    c->rbx = user_word_va(processor_self());
}

static bool keep(const struct record_check *c)
{
    remote.check = *c;
    remote.checked = 1;
    return true;
}

static void job(uint64_t unused)
{
    const struct stimulus *s = remote.s;

    (void)unused;
    result_redirect(keep);
    stimulus_run(s);
    result_redirect(0);
    remote.listed = paths_take(s->path, s->from, &remote.row);
}

/* Each time that its code asks. */
static void send_when_asked(unsigned n,
                            void (*send)(unsigned n, const struct stimulus *s))
{
    uint32_t asked = user_word(n), now;
    struct patience p = patience_of(RUN_SECONDS * handoff.tsc_hz);

    if (!processor_call(n, job, 0))
        return;
    while (!processor_done(n) && !processor_lost(n) && patience_left(&p)) {
        now = user_word(n);
        if (now != asked)
            send(n, remote.s);
        asked = now;
        watchdog_kick();
        pause();
    }
}

void remote_run(const struct stimulus *s, unsigned others,
                void (*send)(unsigned n, const struct stimulus *s))
{
    struct record_check kept = {.verdict = VERDICT_PASS};
    struct finding f = stimulus_finding(s, s->id);

    if (!finding_begin(&f))
        return;
    processors_wait(); /* what a check that died has left at work */
    user_words_map();
    for (unsigned n = 1; n <= others; n++) {
        remote = (struct remote){.s = s};
        send_when_asked(n, send);
        processors_wait();
        if (remote.listed)
            paths_add(&remote.row);
        if (kept.verdict != VERDICT_PASS ||
            (remote.checked && remote.check.verdict == VERDICT_PASS))
            continue;
        kept.verdict = remote.checked ? remote.check.verdict : VERDICT_FAIL;
        fmt(kept.expected, sizeof(kept.expected), "%s",
            remote.checked ? remote.check.expected : "comes back");
        fmt(kept.seen, sizeof(kept.seen), "cpu %u: %s", n,
            remote.checked ? remote.check.seen : "does not");
    }
    finding_report(&f, &kept);
}
