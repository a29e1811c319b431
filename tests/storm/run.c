/* SPDX-License-Identifier: MIT */
/* One processor's storm, from the machine as it is and back to it; storm.h. */
#include "storm.h"

#include "apic.h"
#include "cpu.h"
#include "engine/kernel.h"
#include "engine/machine_state.h"
#include "engine/payload.h"
#include "engine/persona.h"
#include "engine/processors.h"
#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "layout.h"
#include "lib/callgate.h"
#include "lib/fastcall.h"
#include "msr.h"
#include "own.h"
#include "page.h"
#include "percpu.h"
#include "stacks.h"
#include "vectors.h"

#define MILLISECONDS 1000
#define MICROSECONDS 1000000

struct storming storming;
volatile struct storm_user storm_user __attribute__((section(".user.data")));

/* What a wrong stub finds on the user's base: the kernel's words, so that it
 * comes through to where it is judged. */
static uint8_t decoy_positive[DECOY_BYTES]
    __attribute__((section(".user.data"), aligned(64)));
static uint8_t decoy_negative[DECOY_BYTES] __attribute__((aligned(64)));

/* A number of this processor's, of the seed: splitmix64, never 0. */
static uint64_t stream(uint32_t seed, unsigned which)
{
    uint64_t z = (((uint64_t)processor_self() << 1 | which) << 32 | seed) +
                 0x9e3779b97f4a7c15ull;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ z >> 27) * 0x94d049bb133111ebull;
    z ^= z >> 31;
    return z ? z : 1;
}

/* Does a stub keep to its rule whatever the user's base is? */
static bool any_base(const struct specimen *s, unsigned vector)
{
    enum gs_rule rule = specimen_rule(s, vector);

    return rule == RULE_SAVE_SET || rule == RULE_STORED;
}

/* The same, or nobody has said by which rule. */
static bool may_set_base(const struct specimen *s, unsigned vector)
{
    return any_base(s, vector) ||
           (specimen_stub(s, vector) && specimen_rule(s, vector) == RULE_NONE);
}

/* A byte at the kernel's base; of an author's kernel where the harness sees
 * its memory, which may end before the words do. */
static const uint8_t *words_at(const struct specimen *s, unsigned i)
{
    static const uint8_t none;
    const uint8_t *at = (const uint8_t *)storming.kernel_gs + i;

    if (s->kernel && s->gs_base)
        at = kernel_alias(at);
    return at ? at : &none;
}

static void fill_bases(const struct specimen *s)
{
    bool negative =
        storm_user.fsgsbase && any_base(s, VEC_nmi) && any_base(s, VEC_db);

    for (unsigned i = 0; i < DECOY_BYTES; i++)
        decoy_positive[i] = decoy_negative[i] = *words_at(s, i);
    *(uint64_t *)(decoy_positive + DECOY_WORD) = (uint64_t)decoy_positive;
    storm_user.bases[0] = 0;
    storm_user.bases[1] = storm_user.bases[2] = (uint64_t)decoy_positive;
    storm_user.bases[3] = negative ? (uint64_t)decoy_negative : 0;
    storm_user.gs = storm_user.gs_next = storm_user.bases[1];
}

static void fill(const struct specimen *s, const struct storm_plan *plan)
{
    const struct specimen_stub *nmi;
    uint64_t irq;

    bool sysexit = specimen_stub(s, VEC_SYSENTER) && persona.sysenter32 &&
                   !unless_sysexit(0);

    kernel_map(s); /* what is wrong with it is said when it is installed */
    __builtin_memset(&storming, 0, sizeof(storming));
    __builtin_memset((void *)&storm_user, 0, sizeof(storm_user));
    storming.specimen = s;
    storming.plan = plan;
    storming.kernel_gs = s->gs_base ? (uint64_t)s->gs_base : (uint64_t)percpu;
    storming.stack_top =
        s->stack_top ? (uint64_t)s->stack_top : STACK_TOP(STACK_rsp0);
    storming.random = stream(plan->seed, 0);
    storming.sets_base = may_set_base(s, VEC_nmi) || may_set_base(s, VEC_db);
    storming.sysexit = sysexit;
    storming.steps = specimen_stub(s, VEC_db);
    nmi = specimen_stub(s, VEC_nmi);
    storming.nmis = nmi;
    storming.nests = nmi && nmi->nests && specimen_stub(s, VEC_int80);
    storming.timer_vector = !specimen_stub(s, VEC_WINDOW_IRQ) ? 0
                            : s->gates                        ? VEC_timer
                                                              : VEC_WINDOW_IRQ;
    storm_user.seed = stream(plan->seed, 1);
    storm_user.flags_mask = FLAG_CF | FLAG_PF | FLAG_AF | FLAG_ZF | FLAG_SF |
                            FLAG_DF | FLAG_OF | FLAG_ID |
                            (read_cr0() & CR0_AM ? 0 : FLAG_AC);
    storm_user.tf = storming.steps ? FLAG_TF : 0;
    storm_user.fsgsbase = cpu_has(FEATURE_FSGSBASE);
    storm_user.absent = SEL_NOT_PRESENT;
    irq = storm_random();
    storm_user.irq = ICR_ASSERT | storm_irq_vector(irq);
    fill_bases(s);
    storm_fill_calls();
}

static void prepare(const struct specimen *s)
{
    const struct specimen_stub *gate = specimen_stub(s, VEC_CALLGATE);

    specimen_install(s);
    tss.rsp[0] = storming.stack_top;
    wrmsr(MSR_SYSENTER_ESP, storming.stack_top);
    if (gate)
        callgate_put(CALL_GATE_ACCESS(3), SEL_KERNEL_CS, (uint64_t)gate->stub);
    if (storm_user.fsgsbase)
        write_cr4(read_cr4() | CR4_FSGSBASE);
    if (!apic_is_x2apic()) {
        page_set(VA_STORM_APIC, (handoff.apic & PAGE_ADDRESS) | PAGE_PRESENT |
                                    PAGE_WRITE | PAGE_USER |
                                    PAGE_CACHE_DISABLE | PAGE_NX);
        apic_write(APIC_ICR_HIGH, apic_id() << 24);
    }
    if (storming.timer_vector) {
        apic_write(APIC_TIMER_DIVIDE, APIC_DIVIDE_BY_1);
        apic_write(APIC_LVT_TIMER, storming.timer_vector);
    }
    engine_set_gs(storm_user.gs, storming.kernel_gs);
}

static void put_back(void)
{
    engine_set_gs((uint64_t)percpu, 0);
    apic_timer_stop();
    page_set(VA_STORM_APIC, 0);
    callgate_after();
    specimen_remove();
    apic_quiesce();
    machine_restore();
    engine_drain();
}

static enum storm_end ended(enum run_end end, struct storm_result *r)
{
    const char *wrong =
        end == RUN_GATE ? storm_judge_ring3(engine_last()) : engine_trouble();

    if (!wrong)
        return STORM_SURVIVED;
    fmt(r->what, sizeof(r->what), "%s", wrong);
    return end == RUN_HANG ? STORM_HUNG : STORM_CAUGHT;
}

unsigned storm_outcomes(struct record_outcome to[STORM_OUTCOMES])
{
    uint64_t n = storming.entries,
             first = n > STORM_OUTCOMES ? n - STORM_OUTCOMES : 0;
    unsigned kept = 0;

    for (uint64_t i = first + 1; i <= n; i++)
        to[kept++] = storming.ring[i % STORM_OUTCOMES];
    return kept;
}

void storm_run(const struct specimen *s, const struct storm_plan *plan,
               struct storm_result *r)
{
    static const struct run run = {.on_event = storm_on_event,
                                   .on_entry = storm_on_entry,
                                   .on_body = storm_on_body,
                                   .begun = storm_join};
    struct trapframe c = payload_context(FROM_RING3, storm_program);
    uint64_t start;

    __builtin_memset(r, 0, sizeof(*r));
    fill(s, plan);
    storm_user.rsp = c.rsp;
    storm_flush(1);
    c.rflags = FLAG_ONE | FLAG_IF;
    prepare(s);
    start = rdtsc();
    if (plan->milliseconds)
        storming.deadline =
            start + plan->milliseconds * (handoff.tsc_hz / MILLISECONDS);
    r->end = ended(engine_run(&run, &c), r);
    storm_leave();
    r->microseconds = (rdtsc() - start) / (handoff.tsc_hz / MICROSECONDS);
    put_back();
    r->entries = storming.entries;
    __builtin_memcpy(r->kind, storming.kind, sizeof(r->kind));
}
