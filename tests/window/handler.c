/* SPDX-License-Identifier: MIT */
/*
 * What the harness does on a walk where a kernel would do its work: it counts
 * the call, looks at GS_BASE, and sees to it that the event is over.
 *
 * A stub may call with a frame of its own (specimen_handle), or with nothing at
 * all (specimen_body): then the frame is taken from where the processor has
 * pushed it.
 *
 * An exit that faults.  Where a subject's way out is to fail, the first call
 * spoils the frame that the stub will leave by, as ring 3 could have had it
 * spoilt.  The exit faults, in ring 0, on the user's base; the fault's stub is
 * walked as part of the path; and its call does what a kernel does: looks the
 * address up in the exception table, and goes on where that says.
 *
 *	int 80h  stub  call: spoils CS  ...  swapgs  iretq
 *	                                             | #NP, user's base live
 *	         stub of #NP  call: looks iretq up  ...  iretq
 *	                                             | to bad_iret
 *	         swapgs, the stub once more, as ring 3's own fault  ...  iretq
 */
#include "walking.h"

#include "apic.h"
#include "bench.h"
#include "engine/fatal.h"
#include "insn.h"
#include "pte.h"
#include "vectors.h"

void walking_astray(unsigned vector, uint64_t rip, uint64_t gs_base)
{
    if (walking.v)
        walking.v->astray(vector, rip, gs_base);
    engine_abandon("%s that nobody waited for", vector_info(vector)->mnemonic);
}

bool walk_users(const struct walk *w, uint64_t gs_base)
{
    const struct specimen *s = w->specimen;

    return gs_base != w->kernel_gs && (s->gs_base || !s->kernel);
}

bool walk_wrong(const struct walk *w, uint64_t gs_base)
{
    return walk_users(w, gs_base) ||
           (w->specimen->machine && /* it may have two tables */
            (read_cr3() & PAGE_ADDRESS) != (bench_cr3(false) & PAGE_ADDRESS));
}

const struct specimen_fixup *walking_fixup(uint64_t rip)
{
    const struct specimen *s = walking.w->specimen;

    for (unsigned i = 0; i < s->fixups_count; i++)
        if (rip == (uint64_t)s->fixups[i].at)
            return &s->fixups[i];
    return 0;
}

void walking_back(struct trapframe *f)
{
    f->rip = (uint64_t)walking.s->s.resume;
    f->cs = walking.context.cs;
    f->rflags = walking.context.rflags;
    f->rsp = walking.context.rsp;
    f->ss = walking.context.ss;
}

/* What a kernel does about the event: f's processor part. */
static void mend(unsigned vector, struct trapframe *f)
{
    const struct specimen_fixup *fixup = walking_fixup(f->rip);

    if (walking.faulted && fixup && fixup->to) {
        f->rip = (uint64_t)fixup->to;
        walking.fixed = f->rip;
    } else if (walking.faulted) {
        walking_back(f);
    } else if (vector < VECTORS && vector_info(vector)->class == FAULT) {
        f->rip = (uint64_t)walking.s->s.resume;
    }
    if (walking.calls->count == 1 && walking.s->spoil) {
        walking.s->spoil(f);
        walking.spoilt = true;
    }
}

/* The way out has been spoilt, and has raised something else? */
static void expect_fault(void)
{
    if (walking.s->spoil && walking.fault_stub && !walking.faulted &&
        walking.calls->count)
        engine_abandon("not the fault that was waited for");
}

static void count(uint64_t gs_base)
{
    walking.calls->count++;
    walking.calls->gs_base = gs_base;
    if (walk_wrong(walking.w, gs_base))
        walking.calls->wrong++;
    if (walking.faulted && walk_wrong(walking.w, gs_base))
        walking.calls->fault_wrong++;
    if (walking.s->s.in_handler)
        walking.s->s.in_handler(0);
}

static leave on_entry(const struct outcome *o, struct trapframe *f)
{
    const struct call c = {(unsigned)f->vector, o->gs_base, f};

    walking.handles++;
    if (walking.v && walking.v->call && walking.v->call(&c))
        return LEAVE_AS_ENTERED;
    expect_fault();
    if (f->vector != subject_vector(walking.s) &&
        !(walking.s->in_call && f->vector == walking.s->s.vector) &&
        !(walking.faulted && f->vector < VEC_FIRST_IRQ))
        walking_astray((unsigned)f->vector, f->rip, o->gs_base);
    count(o->gs_base);
    mend((unsigned)f->vector, f);
    return walking.s->s.leave_by;
}

static struct trapframe mended;

static void put(uint64_t *frame)
{
    __builtin_memcpy(frame, &mended.rip, FRAME_WORDS * 8);
}

/*
 * A call's stub that shows no frame keeps the address that SYSCALL has left in
 * RCX somewhere: on its stack, or in a register that its body keeps.  Wherever
 * that is, it becomes what the frame's RIP would have become.
 */
static void spoil_kept(const struct body *b)
{
    uint64_t was = (uint64_t)walking.s->s.resume;
    struct trapframe f = {.rip = was};
    unsigned words =
        walking.stops ? walk_words(walking.w, walking.stops - 1, b->rsp) : 0;

    walking.s->spoil(&f);
    for (unsigned i = 0; i < words; i++) {
        uint64_t *at = (uint64_t *)b->rsp + i;

        if (*at == was) {
            *at = f.rip;
            walking.spoilt = true;
        }
    }
    for (unsigned i = 0; b->general && i < GENERAL_REGISTERS; i++)
        if (b->general[i] == was) {
            b->general[i] = f.rip;
            walking.spoilt = true;
        }
}

leave walking_entry(const struct outcome *o, struct trapframe *f)
{
    leave how;

    walking.inside = true;
    how = on_entry(o, f);
    walking.inside = false;
    return how;
}

/* Of stubs that build no struct trapframe: all that is known of the frame is
 * what the processor has pushed. */
static void on_body(const struct body *b)
{
    const uint64_t gs = b->any_gs ? walking.w->kernel_gs : b->gs_base;
    const struct call c = {0, gs, 0};
    unsigned vector =
        walking.faulted ? walking.w->fault : subject_vector(walking.s);

    if (apic_in_service(VEC_WINDOW_IRQ))
        apic_eoi();
    walking.bodies++;
    if (walking.v && walking.v->call && walking.v->call(&c))
        return;
    expect_fault();
    count(gs);
    if (vector == VEC_SYSCALL64 && walking.s->spoil &&
        walking.calls->count == 1 && !walking.w->specimen->wrong)
        spoil_kept(b);
    if (vector >= VECTORS || !walking.frame)
        return;
    __builtin_memcpy(&mended.rip, walking.seen ? walking.pushed : walking.frame,
                     FRAME_WORDS * 8);
    mend(vector, &mended);
    walking_frames(b->rsp, put);
    __builtin_memcpy(walking.pushed, &mended.rip, FRAME_WORDS * 8);
}

/* From within a call of the harness's nothing calls it, unless it has faulted:
 * a stub for that fault, which shows no frame, has come here. */
void walking_body(const struct body *b)
{
    if (walking.inside)
        fatal_here("a fault in the core itself, taken by a specimen's stub");
    walking.inside = true;
    on_body(b);
    walking.inside = false;
}
