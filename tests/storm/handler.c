/* SPDX-License-Identifier: MIT */
/*
 * Where a kernel would do its work.  Every call of the specimen's stubs comes
 * through entered(): it is written down, looked at, served as a kernel serves
 * it, and then something may be let loose.
 *
 * All of it may be interrupted by an NMI, or by an interrupt where the stub
 * has turned them on, whose own call then comes in here as well.
 */
#include "apic.h"
#include "engine/author.h"
#include "engine/fatal.h"
#include "engine/processors.h"
#include "engine/watchdog.h"
#include "handoff.h"
#include "insn.h"
#include "msr.h"
#include "own.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

#define FRAME_WORDS 5 /* RIP CS RFLAGS RSP SS */
#define LOOKS 16      /* in a second, of the watchdog and for the others */
#define IRETQ_OFTEN 3 /* of SYSCALL's and SYSENTER's ways back, one in four */
#define BASE_OFTEN 15 /* of calls, one in 16 sets ring 3's base */
#define PROVOKED_AT 5000 /* entries: --provoke storm-fault */

/* Calls of specimen_body say nothing of a frame.  But most stubs that call it
 * have built a struct trapframe, right there. */
static struct trapframe *frame_at(uint64_t rsp)
{
    struct trapframe *f = (struct trapframe *)rsp;
    enum stack stack = stack_at(rsp);
    uint64_t top = stack == STACK_COUNT ? storming.stack_top : STACK_TOP(stack);

    if (storming.specimen->kernel || rsp + sizeof(*f) > top ||
        f->vector > VEC_LOAD_GS ||
        (f->cs != SEL_KERNEL_CS && f->cs != SEL_USER_CS64 &&
         f->cs != SEL_USER_CS32))
        return 0;
    return f;
}

/* Is it the vector's own IST stack, the author's or one of ours? */
static bool comes_on(unsigned vector, uint64_t rsp)
{
    const struct specimen *s = storming.specimen;
    const struct specimen_stub *stub = specimen_stub(s, vector);
    unsigned n = stub && stub->ist < IST_NUMBERS ? stub->ist : 0;
    unsigned slot = author_ist(s, vector);

    if (n && s->machine && s->machine->ist_top[n])
        return s->machine->ist_top[n] - rsp < STACK_SIZE;
    return slot && stack_at(rsp) == stack_of_ist(slot);
}

static unsigned vector_at(const struct entry *e)
{
    return e->f                        ? (unsigned)e->f->vector
           : comes_on(VEC_nmi, e->rsp) ? VEC_nmi
           : comes_on(VEC_db, e->rsp)  ? VEC_db
                                       : VECTOR_UNKNOWN;
}

static enum storm_kind kind_of(unsigned vector)
{
    if (vector == VEC_nmi)
        return STORM_NMIS;
    if (vector == VEC_db)
        return STORM_STEPS;
    if (vector >= VECTORS || vector == VEC_int80 || vector == VEC_bp)
        return STORM_CALLS;
    return vector < VEC_FIRST_IRQ ? STORM_FAULTS : STORM_IRQS;
}

static uint8_t owner_of(uint64_t base)
{
    return base == storming.kernel_gs ? BASE_PROCESSORS
           : base == storm_user.gs || base == storm_user.gs_next ? BASE_USERS
                                                                 : BASE_OTHERS;
}

static void write_down(const struct entry *e, uint64_t number)
{
    struct record_outcome *o = &storming.ring[number % STORM_OUTCOMES];

    o->vector = (uint16_t)e->vector;
    o->depth = (uint16_t)storming.depth;
    o->entry = number;
    o->cs = e->f ? (uint16_t)e->f->cs : 0;
    o->rip = e->f ? e->f->rip : 0;
    o->rflags = e->f ? e->f->rflags : 0;
    o->rsp = e->f ? e->f->rsp : 0;
    o->gs_base = e->gs_base;
    o->kernel_gs_base = e->kernel_gs_base;
    o->gs_owner = owner_of(e->gs_base);
    o->kernel_owner = owner_of(e->kernel_gs_base);
    if (e->vector != VECTOR_UNKNOWN)
        storming.kind[kind_of(e->vector)]++;
}

static _Noreturn void caught(const char *why)
{
    engine_abandon("%s", why);
}

/* --- what a kernel does about it ------------------------------------------ */

static void serve_frame(struct trapframe *f)
{
    const struct specimen_fixup *fixup = storm_fixup(f);

    if (storming.spoilt && fixup && fixup->to) { /* as its table says */
        f->rip = (uint64_t)fixup->to;
        return;
    }
    if (storming.spoilt) { /* as ring 3's own, with the frame as it was */
        f->ss = SEL_USER_SS;
        storming.spoilt = false;
        return;
    }
    storm_user.served++;
    if (f->vector < VECTORS && vector_info((unsigned)f->vector)->class == FAULT)
        f->rip = storm_user.resume;
    if (storm_user.spoil) {
        storm_user.spoil = 0;
        storming.spoilt = true;
        f->ss = SEL_NOT_PRESENT;
    }
}

/* A stub that shows no frame: a fault's lies where the processor has pushed
 * it, and whose call this is, nobody knows. */
static void serve_blindly(void)
{
    uint64_t *frame = (uint64_t *)storming.stack_top - FRAME_WORDS;

    if (storming.depth > 1)
        return;
    storm_user.served = storm_user.made;
    if (storm_user.vector < VECTORS &&
        vector_info(storm_user.vector)->class == FAULT &&
        frame[0] == storm_user.rip && frame[1] == SEL_USER_CS64)
        frame[0] = storm_user.resume;
}

/* A step through a stub ends in the harness's own code. */
static void serve_step(const struct entry *e)
{
    struct trapframe *f = e->f;
    uint64_t *frame = (uint64_t *)STACK_TOP(STACK_db) - FRAME_WORDS;

    if (f && (f->cs & 3 || engine_under_test(f->rip)))
        return;
    if (f)
        f->rflags &= ~(uint64_t)FLAG_TF;
    else if (!(frame[1] & 3) && !engine_under_test(frame[0]))
        frame[2] &= ~(uint64_t)FLAG_TF;
}

/* Ring 3 asks for another GS base: arch_prctl(). */
static void set_base(unsigned vector)
{
    uint64_t r = storm_random();
    enum gs_rule rule;

    if (r & BASE_OFTEN)
        return;
    rule = specimen_rule(storming.specimen, vector);
    if (rule != RULE_ALWAYS && rule != RULE_BY_CS)
        return;
    storm_user.gs_next = storm_user.bases[r / (BASE_OFTEN + 1) % STORM_BASES];
    wrmsr(MSR_KERNEL_GS_BASE, storm_user.gs_next);
    storm_user.gs = storm_user.gs_next;
}

/* Ring 3's own calls are where time is looked at: nothing else is at work. */
static void look_at_time(uint64_t number)
{
    uint64_t now = rdtsc();

    if (now >= storming.next_look) {
        storming.next_look = now + handoff.tsc_hz / LOOKS;
        watchdog_kick();
        storm_beat();
    }
    if (((storming.plan->entries && number >= storming.plan->entries) ||
         (storming.deadline && now >= storming.deadline) ||
         processors_recalled()) &&
        storm_may_stop())
        storm_user.stop = 1;
}

static leave way_back(unsigned vector)
{
    if (vector == VEC_SYSENTER && !storming.sysexit)
        return LEAVE_BY_IRETQ;
    return (vector == VEC_SYSCALL64 || vector == VEC_SYSENTER) &&
                   !(storm_random() & IRETQ_OFTEN)
               ? LEAVE_BY_IRETQ
               : LEAVE_AS_ENTERED;
}

/* --provoke storm-fault: the first's own C dies in the storm. */
static void provoke(uint64_t number)
{
    if (handoff.options.provoke == PROVOKE_STORM_FAULT && !processor_self() &&
        number == PROVOKED_AT)
        fatal_here("provoked: the first dies in a storm");
}

/* Ring 3's, or the fault of an IRETQ on the way to it. */
static bool to_be_served(const struct entry *e)
{
    if (!e->f)
        return e->vector == VECTOR_UNKNOWN;
    return storm_is_call(e->vector) && (e->f->cs & 3 || storm_fixup(e->f));
}

static leave entered(const struct entry *e)
{
    uint64_t number =
        __atomic_add_fetch(&storming.entries, 1, __ATOMIC_RELAXED);
    bool call = to_be_served(e);
    const char *wrong;
    leave how = LEAVE_AS_ENTERED;

    storming.depth++;
    provoke(number);
    write_down(e, number);
    wrong = storm_judge(e);
    if (wrong)
        caught(wrong);
    if (call && e->f)
        serve_frame(e->f);
    else if (call)
        serve_blindly();
    if (e->vector == VEC_db)
        serve_step(e);
    if (call && storming.depth == 1) {
        look_at_time(number);
        set_base(e->vector);
        how = way_back(e->vector);
    }
    how |= storm_disturb(e);
    storming.depth--;
    __atomic_add_fetch(&storming.exits, 1, __ATOMIC_RELAXED);
    return how;
}

leave storm_on_entry(const struct outcome *o, struct trapframe *f)
{
    const struct entry e = {f, (unsigned)f->vector, o->gs_base,
                            o->kernel_gs_base, (uint64_t)f};

    return entered(&e);
}

void storm_on_body(const struct body *b)
{
    struct entry e = {frame_at(b->rsp), 0, b->gs_base, b->kernel_gs_base,
                      b->rsp};
    unsigned irq;

    e.vector = vector_at(&e);
    irq = e.vector == VECTOR_UNKNOWN ? VEC_WINDOW_IRQ : e.vector;
    if (kind_of(irq) == STORM_IRQS && apic_in_service((uint8_t)irq)) {
        e.vector = irq;
        apic_eoi();
    }
    if (entered(&e) & LEAVE_STEPPED)
        *b->rflags |= FLAG_TF;
}

/* A vector that it has no stub for, or its own code has led to. */
struct trapframe *storm_on_event(struct outcome *o)
{
    static struct trapframe f;
    struct entry e = {&o->frame, (unsigned)o->frame.vector, o->gs_base,
                      o->kernel_gs_base, o->rsp};

    f = o->frame;
    if (f.vector == VEC_spurious)
        return &f;
    write_down(&e, ++storming.entries);
    engine_abandon("%s at %llx reached a capture stub",
                   vector_info(e.vector)->mnemonic, (unsigned long long)f.rip);
}
