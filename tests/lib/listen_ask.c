/* SPDX-License-Identifier: MIT */
/* Who sends to processors that listen; see listen.h. */
#include "apic.h"
#include "engine/engine.h"
#include "fmt.h"
#include "listening.h"
#include "shared.h"
#include "user_shared.h"
#include "wait.h"

#define SOON_PART 4      /* of a second: for what must come */
#define LATE_PART 20     /* ... and was sent before what has come */
#define MOMENT_PART 2000 /* for what must not, to oneself */
#define BEGIN_SECONDS 3
#define LOOPING_MAX 4 /* that do not lie in HLT: they cost an emulator time */

static uint32_t said SHARED;
static enum destination_model model; /* on the first */

/* What each had by the last comparison: one that comes late shows in the next
 * one.  NMIs and the others are counted apart. */
static uint32_t had[2][PROCESSORS_MAX] FIRST_ONLY;

uint32_t listening_said(void)
{
    return __atomic_load_n(&said, __ATOMIC_ACQUIRE);
}

static uint32_t read(const uint32_t *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

bool listen_is_there(unsigned n)
{
    const struct heard *h = listen_heard(n);

    return h->who.sender || read(&h->listens);
}

/* It has been round its loop since the last event: nothing of the harness is
 * in the way of the next one. */
static bool ready(unsigned n)
{
    const struct heard *h = listen_heard(n);

    return user_word(n) != read(&h->tick);
}

static bool is_listening(unsigned n)
{
    return read(&listen_heard(n)->listens) && ready(n);
}

bool listen_begin(enum posture posture, enum destination_model m)
{
    bool all = true;

    processors_wait(); /* what a check that died has left at work */
    model = m;
    __builtin_memset(had, 0, sizeof(had));
    listening_forget(0);
    for (unsigned n = 1; n < processors_running(); n++) {
        enum posture p = n < LOOPING_MAX ? posture : LISTEN_HALTED;

        listening_forget(n);
        if (!processor_call(n, listening_run, (uint64_t)p | (uint64_t)m << 8))
            all = false;
    }
    listening_model(m, 0);
    listen_heard(0)->who.sender = true;
    for (unsigned n = 1; n < processors_running(); n++) {
        if (!processor_lost(n))
            WAIT_FOR_OTHER(BEGIN_SECONDS * handoff.tsc_hz, is_listening(n));
        all = all && is_listening(n);
    }
    return all;
}

void listen_end(void)
{
    for (unsigned n = 1; n < processors_running(); n++)
        if (read(&listen_heard(n)->listens))
            apic_send(listen_heard(n)->who.id, APIC_DELIVER_FIXED, LISTEN_END);
    processors_wait();
    listening_model_back();
}

static bool is_nmi(uint32_t low)
{
    return (low & APIC_DELIVER_MASK) == APIC_DELIVER_NMI;
}

static const uint32_t *counter(unsigned n, uint32_t low)
{
    const struct heard *h = listen_heard(n);

    return is_nmi(low) ? &h->nmis : &h->ipis;
}

static uint32_t got(unsigned n, uint32_t low)
{
    return read(counter(n, low)) - had[is_nmi(low)][n];
}

/* What was sent before is taken by now, and each is in its loop again. */
static void probe(void)
{
    static uint32_t probes[PROCESSORS_MAX] FIRST_ONLY;

    for (unsigned n = 0; n < processors_running(); n++) {
        const struct heard *h = listen_heard(n);

        if (!listen_is_there(n) || h->who.sender)
            continue;
        probes[n] = read(&h->probes);
        apic_send(h->who.id, APIC_DELIVER_FIXED, LISTEN_PROBE);
    }
    for (unsigned n = 0; n < processors_running(); n++) {
        const struct heard *h = listen_heard(n);

        if (listen_is_there(n) && !h->who.sender)
            WAIT_FOR_OTHER(handoff.tsc_hz / SOON_PART,
                           read(&h->probes) != probes[n] && ready(n));
    }
}

/* One to the sender itself waits for IF. */
static uint32_t got_myself(bool expected)
{
    struct drained d;

    if (expected)
        WAIT_FOR_OTHER(handoff.tsc_hz / MOMENT_PART,
                       apic_requested(LISTEN_IPI));
    d = engine_drain();
    return d.count && d.vector == LISTEN_IPI ? d.count : 0;
}

static void compare(struct diff *d, unsigned n, uint32_t expected,
                    uint32_t seen)
{
    char name[24], a[16], b[16];

    if (expected == seen || diff_any(d))
        return;
    fmt(name, sizeof(name), "cpu %u took", n);
    fmt(a, sizeof(a), "%u", (unsigned)expected);
    fmt(b, sizeof(b), "%u", (unsigned)seen);
    diff_text(d, name, a, b);
}

/* Whatever else is wrong with it. */
static void look(struct diff *d, unsigned n, bool wanted)
{
    const struct heard *h = listen_heard(n);
    char name[24];

    if (diff_any(d))
        return;
    fmt(name, sizeof(name), "cpu %u had", n);
    if (h->wrong[0])
        diff_text(d, name, "an entry as any", h->wrong);
    if (h->others)
        diff_text(d, name, "no other vector", "one");
    if (wanted && h->said != listening_said())
        diff_text(d, name, "the sender's last store", "an older one");
}

void listen_send(struct diff *d, uint32_t destination, uint32_t low,
                 unsigned *who)
{
    bool nmi = is_nmi(low),
         one = (low & APIC_DELIVER_MASK) == APIC_DELIVER_LOWEST;
    uint32_t all = 0, strays = engine_strays();

    if (nmi && destination_is(model, destination, low, &listen_heard(0)->who))
        return; /* it would come to the harness, where nobody counts it */
    __atomic_fetch_add(&said, 1, __ATOMIC_RELEASE);
    apic_command(destination, low | (nmi ? 0 : LISTEN_IPI));
    probe();
    for (unsigned n = 0; n < processors_running(); n++) {
        const struct heard *h = listen_heard(n);
        bool wanted = destination_is(model, destination, low, &h->who);
        uint32_t mine;

        if (!listen_is_there(n))
            continue;
        if (wanted && !one && !h->who.sender && !diff_any(d))
            WAIT_FOR_OTHER(handoff.tsc_hz / LATE_PART, got(n, low));
        mine = !h->who.sender ? got(n, low)
               : nmi          ? engine_strays() - strays
                              : got_myself(wanted && !one);
        had[nmi][n] += h->who.sender ? 0 : mine;
        if (mine && who)
            *who = n;
        all += mine;
        if (!one || !wanted)
            compare(d, n, wanted, mine);
        look(d, n, mine && !h->who.sender);
    }
    if (one && all != 1 && !diff_any(d))
        diff_hex(d, "processors that took it", 1, all);
}

/* --- to the first --------------------------------------------------------- */

static void send_back(uint64_t low)
{
    const struct heard *h = listen_heard(0);
    bool nmi = is_nmi((uint32_t)low);
    uint32_t id = processor_apic_id(0), probes;

    WAIT_FOR_OTHER(BEGIN_SECONDS * handoff.tsc_hz, is_listening(0));
    __atomic_fetch_add(&said, 1, __ATOMIC_RELEASE);
    apic_command(id, (uint32_t)low | (nmi ? 0 : LISTEN_IPI));
    WAIT_FOR_OTHER(handoff.tsc_hz / SOON_PART, read(nmi ? &h->nmis : &h->ipis));
    probes = read(&h->probes);
    apic_send(id, APIC_DELIVER_FIXED, LISTEN_PROBE);
    WAIT_FOR_OTHER(handoff.tsc_hz / SOON_PART, read(&h->probes) != probes);
    apic_send(id, APIC_DELIVER_FIXED, LISTEN_END);
}

void listen_back(struct diff *d, enum posture posture, uint32_t low)
{
    enum destination_model m =
        apic_is_x2apic() ? DESTINATION_X2APIC : DESTINATION_FLAT;

    for (unsigned n = 1; n < processors_running() && !diff_any(d); n++) {
        char name[24];

        listening_forget(0);
        if (!processor_call(n, send_back, low))
            continue;
        listening_run((uint64_t)posture | (uint64_t)m << 8);
        processors_wait();
        if (read(counter(0, low)) != 1) {
            fmt(name, sizeof(name), "of cpu %u's", n);
            diff_hex(d, name, 1, read(counter(0, low)));
        }
        look(d, 0, read(counter(0, low)));
    }
}
