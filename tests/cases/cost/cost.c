/* SPDX-License-Identifier: MIT */
/*
 * What an entry and its exit cost: every way in, under every rule, and the
 * specimens' own stubs (without a kernel's work in between), timed around one
 * instruction of ring 3's, warm, again and again.
 *
 * Figures, never verdicts.  Under an emulator they say nothing of silicon,
 * which is why the report names the accelerator beside them; but where its
 * TSC counts instructions (Bochs; QEMU under -icount) they are the length of
 * the path, the same each time, and tests/known/costs.txt holds them.
 */
#include "cost.h"

#include "engine/machine_state.h"
#include "engine/payload.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "lib/callgate.h"
#include "macros.h"
#include "percpu.h"
#include "record.h"
#include "record/result.h"
#include "stacks.h"
#include "vectors.h"

#define WARM 64 /* first samples, not counted */
#define COUNTED 10000
#define SAMPLES 10064 /* both; for the snippets in figures */
#define UNMAPPED "0x20000000"

_Static_assert(SAMPLES == WARM + COUNTED, "");

/* LFENCE; RDTSC; LFENCE on both sides, so that only the entry is in between;
 * setup stands before them. */
#define TIMED(setup, insn)                                                     \
    "xor %ebx, %ebx\n1: " setup "\n"                                           \
    "lfence\nrdtsc\nlfence\nmov %eax, %esi\n" insn                             \
    "\nlfence\nrdtsc\nlfence\nsub %esi, %eax\n"                                \
    "mov %eax, cost_samples(,%rbx,4)\n"                                        \
    "inc %ebx\ncmp $" STRING(SAMPLES) ", %ebx\njb 1b"
/* SYSEXIT wants to be told where to go; RDTSC has taken EDX. */
#define SYSENTER "mov %rsp, %rcx\nlea 2f(%rip), %rdx\nsysenter\n2:"

/* One #DB: TF is set, and the next POPF, which clears it, is stepped over. */
#define TF_TWICE "pushfq\npushfq\norl $0x100, (%rsp)"
#define ONE_STEP "popfq\npopfq"

RING3(cost_code_null, "", TIMED("", ""), "");
RING3(cost_code_syscall, "", TIMED("", "syscall"), "");
RING3(cost_code_sysenter, "", TIMED("", SYSENTER), "");
RING3(cost_code_callgate, "", TIMED("", "lcall *(%rsp)"), "");
RING3(cost_code_int, "", TIMED("", "int $0xec"), "");
RING3(cost_code_int80, "", TIMED("", "int $0x80"), "");
RING3(cost_code_ud, "", TIMED("", "ud2"), "");
RING3(cost_code_pf, "mov $" UNMAPPED ", %edi", TIMED("", "mov (%rdi), %cl"),
      "");
RING3(cost_code_db, "", TIMED(TF_TWICE, ONE_STEP), "");
RING0(cost_code_db0, "", TIMED(TF_TWICE, ONE_STEP), "");

__attribute__((section(".user.data"), used)) uint32_t cost_samples[SAMPLES];

static const char *const code[COST_CODES] = {
    [COST_NOTHING] = cost_code_null,
    [COST_SYSCALL] = cost_code_syscall,
    [COST_SYSENTER] = cost_code_sysenter,
    [COST_CALLGATE] = cost_code_callgate,
    [COST_INT] = cost_code_int,
    [COST_INT80] = cost_code_int80,
    [COST_UD] = cost_code_ud,
    [COST_PF] = cost_code_pf,
    [COST_DB] = cost_code_db,
    [COST_DB_RING0] = cost_code_db0,
};

static struct trapframe *unexpected(struct outcome *o)
{
    engine_abandon("%s at %llx while timing",
                   vector_info((unsigned)o->frame.vector)->mnemonic,
                   (unsigned long long)o->frame.rip);
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

static void report(const struct cost *c)
{
    struct record_cost r = {.rule = (uint8_t)c->rule, .n = COUNTED};
    uint32_t *a = cost_samples + WARM;

    sort(a, COUNTED);
    r.min = a[0];
    r.median = a[COUNTED / 2];
    r.p99 = a[COUNTED * 99 / 100];
    fmt(r.specimen, sizeof(r.specimen), "%s", c->specimen);
    fmt(r.path, sizeof(r.path), "%s", c->path);
    fmt(r.unit, sizeof(r.unit), "TSC cycles");
    fmt(r.what, sizeof(r.what), "%s", c->what);
    result_append(RECORD_COST, &r, sizeof(r));
}

void cost_skip(const struct cost *c, const char *reason)
{
    result_note("cost of %s%s%s, %s: %s", c->specimen, *c->specimen ? " " : "",
                c->path, rule_name(c->rule), reason);
}

uint32_t cost_measure(const struct cost *c, const void *gs_base)
{
    static const struct run r = {.on_event = unexpected};
    enum origin from = c->code == COST_DB_RING0 ? FROM_RING0 : FROM_RING3;
    struct trapframe context = payload_context(from, code[c->code]);
    uint64_t user = payload_positive_gs();
    uint64_t kernel = (uint64_t)(gs_base ? gs_base : percpu);
    enum run_end end;

    if (c->code == COST_CALLGATE)
        callgate_pointer(&context, SEL_CALL_GATE | 3);
    engine_set_gs(from == FROM_RING0 ? kernel : user,
                  from == FROM_RING0 ? user : kernel);
    /* The watchdog's, which a quiet specimen would not hear. */
    idt[VEC_nmi] =
        gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, IST_nmi, 0);
    specimen_quiet = 1;
    end = engine_run(&r, &context);
    specimen_quiet = 0;
    engine_set_gs((uint64_t)percpu, 0);
    specimen_remove();
    machine_restore();
    if (end != RUN_GATE) {
        cost_skip(c, engine_trouble());
        return 0;
    }
    report(c);
    return cost_samples[WARM + COUNTED / 2];
}

void case_cost(void)
{
    cost_ways();
    cost_specimens();
}
