/* SPDX-License-Identifier: MIT */
/*
 * What the expensive way costs: the same entry and exit, once by-cs and once
 * by-sign, timed from ring 3 around one INT.  The difference is the RDMSR.
 *
 * Figures, never verdicts: under an emulator they say nothing of silicon,
 * which is why the report names the accelerator beside them.
 */
#include "case.h"
#include "engine.h"
#include "fmt.h"
#include "idt.h"
#include "payload.h"
#include "percpu.h"
#include "record.h"
#include "result.h"
#include "stimulus.h"
#include "vectors.h"

#define SAMPLES 2048
#define WARM 64 /* first samples, not counted */
#define STRING_(x) #x
#define STRING(x) STRING_(x)

/* LFENCE; RDTSC; LFENCE on both sides, so that only the INT is in between. */
#define TIMED(insn)                                                            \
    "xor %ebx, %ebx\n"                                                         \
    "1: lfence\nrdtsc\nlfence\nmov %eax, %esi\n" insn                          \
    "\nlfence\nrdtsc\nlfence\nsub %esi, %eax\nmov %eax, cost_samples(,%rbx,4)\n" \
    "inc %ebx\ncmp $" STRING(SAMPLES) ", %ebx\njb 1b"

RING3(cost_null, "", TIMED(""), "");
RING3(cost_int, "", TIMED("int $0xec"), "");

__attribute__((section(".user.data"), used)) uint32_t cost_samples[SAMPLES];

extern const char cost_by_cs[], cost_by_sign[]; /* specimens/cost.S */

static struct trapframe *unexpected(struct outcome *o)
{
    engine_abandon("%s while timing",
                   vector_info((unsigned)o->frame.vector)->mnemonic);
}

/* Shell sort: small, no worst case to speak of at this size. */
static void sort(uint32_t *a, unsigned n)
{
    for (unsigned gap = n / 2; gap; gap /= 2)
        for (unsigned i = gap; i < n; i++) {
            uint32_t x = a[i];
            unsigned j = i;
            for (; j >= gap && a[j - gap] > x; j -= gap)
                a[j] = a[j - gap];
            a[j] = x;
        }
}

static void measure(const char *path, const char *what, const char *code,
                    enum gs_rule rule)
{
    static const struct run r = {.on_event = unexpected};
    struct trapframe c = payload_context(FROM_RING3, code);
    struct record_cost cost = {.rule = (uint8_t)rule, .n = SAMPLES - WARM};
    uint32_t *a = cost_samples + WARM;
    enum run_end end;

    engine_set_gs(payload_positive_gs(), (uint64_t)&percpu);
    end = engine_run(&r, &c);
    engine_set_gs((uint64_t)&percpu, 0);
    if (end != RUN_GATE) {
        result_note("cost of %s: %s", what, engine_trouble());
        return;
    }
    sort(a, cost.n);
    cost.min = a[0];
    cost.median = a[cost.n / 2];
    cost.p99 = a[cost.n * 99 / 100];
    fmt(cost.path, sizeof(cost.path), "%s", path);
    fmt(cost.unit, sizeof(cost.unit), "TSC cycles");
    fmt(cost.what, sizeof(cost.what), "%s", what);
    result_append(RECORD_COST, &cost, sizeof(cost));
}

void case_cost(void)
{
    struct gate saved = idt[VEC_cost];

    measure("null", "RDTSC to RDTSC, nothing in between", cost_null, RULE_NONE);
    idt[VEC_cost] = gate_make(cost_by_cs, GATE_INTERRUPT, 0, 3);
    measure("int", "INT, entry, exit, IRETQ", cost_int, RULE_BY_CS);
    idt[VEC_cost] = gate_make(cost_by_sign, GATE_INTERRUPT, 0, 3);
    measure("int", "INT, entry, exit, IRETQ", cost_int, RULE_BY_SIGN);
    idt[VEC_cost] = saved;
}
