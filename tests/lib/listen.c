/* SPDX-License-Identifier: MIT */
/* Processors that listen, and who asks them; see listen.h. */
#include "listen.h"

#include "apic.h"
#include "engine/payload.h"
#include "fmt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "listening.h"
#include "macros.h"
#include "msr.h"
#include "patience.h"
#include "percpu.h"
#include "shared.h"
#include "user_shared.h"
#include "vectors.h"

/* One more turn each time: whoever waits for that knows that the code runs. */
#define TURN "1: lock incl (%rbx)"
RING3(listen_ring3, TURN, "pause", WAIT_OR("1b"));
RING0(listen_ring0, TURN, "pause", WAIT_OR("1b"));
RING0(listen_halted, TURN, "hlt", WAIT_OR("1b"));

#define DEAF_SECONDS 5 /* without an event: then it gives up by itself */

static const struct snippet loops[LISTEN_POSTURES] = {
    [LISTEN_RING3] = SNIPPET(listen_ring3),
    [LISTEN_RING0] = SNIPPET(listen_ring0),
    [LISTEN_HALTED] = SNIPPET(listen_halted),
};

static struct heard heard[PROCESSORS_MAX] SHARED;

static enum posture posture; /* each processor's own */

struct heard *listen_heard(unsigned n)
{
    return &heard[n];
}

static void count(uint32_t *counter)
{
    __atomic_fetch_add(counter, 1, __ATOMIC_RELEASE);
}

static void complain(struct heard *h, const char *what)
{
    if (!h->wrong[0])
        fmt(h->wrong, sizeof(h->wrong), "%s", what);
}

/* The frame, and what the APIC says of it. */
static void look(struct heard *h, const struct outcome *o)
{
    const struct snippet *code = &loops[posture];
    unsigned ring = posture == LISTEN_RING3 ? 3 : 0;
    uint8_t vector = (uint8_t)o->frame.vector;

    if ((o->frame.cs & 3) != ring)
        complain(h, "another ring in the frame");
    else if (o->frame.rip < (uint64_t)code->start ||
             o->frame.rip > (uint64_t)code->resume + 64)
        complain(h, "a RIP that is not the code's");
    if (o->error_code)
        complain(h, "an error code");
    if (vector == VEC_nmi)
        return;
    if (!apic_in_service(vector))
        complain(h, "no ISR bit");
    else
        apic_eoi();
}

static struct trapframe *on_event(struct outcome *o)
{
    struct heard *h = &heard[processor_self()];
    const struct snippet *code = &loops[posture];

    look(h, o);
    h->tick = user_word(processor_self());
    stimulus_deadline = rdtsc() + DEAF_SECONDS * handoff.tsc_hz;
    if (o->frame.vector == LISTEN_END)
        return 0;
    if (posture == LISTEN_HALTED) {
        if (o->frame.vector == LISTEN_IPI || o->frame.vector == VEC_nmi)
            h->out_of_hlt += o->frame.rip == (uint64_t)code->resume;
        /* In front of the HLT: over it, lest it sleep on what was taken. */
        if (o->frame.rip <= (uint64_t)code->at)
            o->frame.rip = (uint64_t)code->resume;
    }
    h->said = listening_said();
    count(o->frame.vector == LISTEN_IPI     ? &h->ipis
          : o->frame.vector == LISTEN_PROBE ? &h->probes
          : o->frame.vector == VEC_nmi      ? &h->nmis
                                            : &h->others);
    return &o->frame;
}

void listening_run(uint64_t argument)
{
    static const struct run r = {.on_event = on_event};
    unsigned n = processor_self();
    struct heard *h = &heard[n];
    struct trapframe c;

    posture = (enum posture)(argument & 0xff);
    c = payload_context(posture == LISTEN_RING3 ? FROM_RING3 : FROM_RING0,
                        loops[posture].start);
    c.rbx = user_word_va(n);
    listening_model((enum destination_model)(argument >> 8), n);
    h->tick = user_word(n);
    stimulus_stop = 0;
    stimulus_looks = 0;
    stimulus_deadline = rdtsc() + DEAF_SECONDS * handoff.tsc_hz;
    engine_set_gs(posture == LISTEN_RING3 ? 0 : (uint64_t)percpu,
                  posture == LISTEN_RING3 ? (uint64_t)percpu : 0);
    __atomic_store_n(&h->listens, 1, __ATOMIC_RELEASE);
    if (engine_run(&r, &c) != RUN_EVENT)
        complain(h, "nothing for seconds");
    __atomic_store_n(&h->listens, 0, __ATOMIC_RELEASE);
    engine_set_gs((uint64_t)percpu, 0);
    if (apic_quiesce())
        complain(h, "an ISR bit that stayed");
    h->others += engine_drain().count;
    listening_model_back();
}

void listening_forget(unsigned n)
{
    user_words_map();
    __builtin_memset(&heard[n], 0, sizeof(heard[n]));
}
