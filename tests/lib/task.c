/* SPDX-License-Identifier: MIT */
/* A task on a processor: its own side; see task.h. */
#include "task.h"

#include "apic.h"
#include "engine/payload.h"
#include "fmt.h"
#include "insn.h"
#include "judge/paths.h"
#include "judge/stimulus.h"
#include "patience.h"
#include "percpu.h"
#include "shared.h"
#include "specimen.h"
#include "stacks.h"
#include "user_shared.h"
#include "vectors.h"

#define LOOP_SECONDS 10
#define ACCESS_BYTES 2 /* of each instruction that uses the page */

/* RBX: the page, RCX: this processor's counts, RSI: the value. */
#define USED "lock incl (%rcx)\npause\n" WAIT_OR("1b")
RING3(task_reads3, "1:", "mov (%rbx), %esi", "mov %esi, 4(%rcx)\n" USED);
RING0(task_reads0, "1:", "mov (%rbx), %esi", "mov %esi, 4(%rcx)\n" USED);
RING3(task_writes3, "1:", "mov %esi, (%rbx)", USED);
RING0(task_writes0, "1:", "mov %esi, (%rbx)", USED);

static const struct snippet reads3 = SNIPPET(task_reads3),
                            reads0 = SNIPPET(task_reads0),
                            writes3 = SNIPPET(task_writes3),
                            writes0 = SNIPPET(task_writes0);

static struct task tasks[TASKS_MAX] SHARED;
static struct counts {
    uint32_t uses, value;
} counts[PAGE_SIZE / sizeof(struct counts)] SHARED
    __attribute__((aligned(4096)));

static struct task *mine; /* on each processor: the one that runs */
static uint64_t user_gs;

struct task *task_of(unsigned n)
{
    return &tasks[n];
}

uint32_t task_uses(unsigned n)
{
    return __atomic_load_n(&counts[n].uses, __ATOMIC_ACQUIRE);
}

uint32_t task_value(unsigned n)
{
    return __atomic_load_n(&counts[n].value, __ATOMIC_ACQUIRE);
}

struct task *task_clear(unsigned n, enum origin from)
{
    struct task *t = &tasks[n];

    user_shared_map(USER_SHARED_COUNTS, counts);
    __builtin_memset(t, 0, sizeof(*t));
    counts[n] = (struct counts){0, 0};
    t->from = from;
    return t;
}

unsigned task_vector(const struct task *t)
{
    return t->vector ? t->vector : TASK_IPI;
}

static void judge(struct task_entry *e, const struct outcome *o)
{
    bool user = o->frame.cs & 3, listed = e->vector == task_vector(mine);
    uint64_t kernel = (uint64_t)percpu;

    e->right = paths_judge(listed ? &mine->row : 0, o, user ? user_gs : kernel,
                           user ? kernel : user_gs, user_gs);
    if (listed)
        fmt(mine->row.stack, sizeof(mine->row.stack), "%s",
            stack_name(stack_at(o->rsp)));
}

static leave on_entry(const struct outcome *o, struct trapframe *f)
{
    struct task *t = mine;
    struct task_entry *e = &t->entry[t->entries];
    leave way = LEAVE_AS_ENTERED;

    if (t->entries == TASK_ENTRIES)
        engine_abandon("entered more than %d times", TASK_ENTRIES);
    *e = (struct task_entry){
        .error = f->error_code,
        .cr2 = read_cr2(),
        .rip = f->rip,
        .uses = task_uses(processor_self()),
        .vector = (uint16_t)f->vector,
        .ring = f->cs & 3,
        .service = o->in_service && !o->stuck,
    };
    judge(e, o);
    if (e->vector == VEC_pf)
        f->rip += ACCESS_BYTES;
    if (e->vector == VEC_pf || e->vector == TASK_FINISH)
        stimulus_stop = 1;
    if (t->handle)
        way = t->handle(t, e, f);
    __atomic_store_n(&t->entries, t->entries + 1, __ATOMIC_RELEASE);
    return way;
}

static struct trapframe *on_event(struct outcome *o)
{
    engine_abandon("%s reached a capture stub",
                   vector_info((unsigned)o->frame.vector)->mnemonic);
}

static void compare_kept(struct task *t, const struct trapframe *c)
{
    const struct trapframe *f = &engine_last()->frame;
    uint32_t changed = REG_RAX | REG_RDX | REG_RSI | t->clobbers;

    for (unsigned i = 0; i < GENERAL_REGISTERS; i++)
        if (!(changed >> i & 1) && f->general[i] != c->general[i])
            diff_hex(&t->kept, "a register", c->general[i], f->general[i]);
    diff_hex(&t->kept, "rsp", c->rsp, f->rsp);
    diff_hex(&t->kept, "gs base at the end",
             t->from == FROM_RING0 ? (uint64_t)percpu : user_gs,
             engine_last()->gs_base);
}

/* Half of the processors have a user's base that is not zero. */
static void set_bases(const struct task *t)
{
    user_gs = processor_self() & 1 ? payload_positive_gs() : 0;
    if (t->from == FROM_RING0)
        engine_set_gs((uint64_t)percpu, user_gs);
    else
        engine_set_gs(user_gs, (uint64_t)percpu);
}

static void run(uint64_t n)
{
    static const struct run r = {.on_event = on_event, .on_entry = on_entry};
    struct task *t = mine = &tasks[n];
    const struct snippet *code = t->code;
    struct trapframe c;

    if (!code)
        code = t->from == FROM_RING0 ? t->writes ? &writes0 : &reads0
               : t->writes           ? &writes3
                                     : &reads3;
    c = payload_context(t->from, code->start);
    c.rbx = user_shared_va(USER_SHARED_TARGET);
    c.rcx = user_shared_va(USER_SHARED_COUNTS) + n * sizeof(counts[0]);
    c.rsi = n;
    if (t->deaf)
        c.rflags &= ~(uint64_t)FLAG_IF;
    stimulus_stop = 0;
    stimulus_looks = 0;
    stimulus_deadline = rdtsc() + LOOP_SECONDS * handoff.tsc_hz;
    if (t->before)
        t->before(t);
    invlpg(c.rbx); /* what an earlier check has left */
    specimen_install(stimulus_specimen());
    set_bases(t);
    __atomic_store_n(&t->runs, 1, __ATOMIC_RELEASE);
    t->end = engine_run(&r, &c);
    specimen_remove();
    if (t->after)
        t->after(t);
    if (t->end == RUN_GATE)
        compare_kept(t, &c);
    else
        fmt(t->trouble, sizeof(t->trouble), "%s", engine_trouble());
    engine_set_gs((uint64_t)percpu, 0);
    apic_quiesce();
    engine_drain();
}

bool task_start(unsigned n)
{
    if (n)
        return processor_call(n, run, n);
    run(n);
    return true;
}
