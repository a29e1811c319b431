/* SPDX-License-Identifier: MIT */
/* A stimulus's outcome against what the manuals say; see judge.h. */
#include "judge.h"

#include "msr.h"
#include "payload.h"
#include "selectors.h"
#include "stacks.h"
#include "syscall.h"
#include "vectors.h"

#define GENERAL 15 /* general registers of struct trapframe but RSP */
#define FRAME_BYTES 40

static const char *const general[GENERAL] = {
    "r15", "r14", "r13", "r12", "r11", "r10", "r9", "r8",
    "rbp", "rdi", "rsi", "rdx", "rcx", "rbx", "rax",
};

static bool is_msr_entry(unsigned vector)
{
    return vector >= VECTORS;
}

static bool is_fault(unsigned vector)
{
    return !is_msr_entry(vector) && vector_info(vector)->class == FAULT;
}

/* In compatibility mode r8-r15 and the upper halves are not defined once the
 * processor has left it (SDM vol 1, 3.4.1.1). */
static void registers(struct diff *d, const struct stimulus *s, uint32_t skip,
                      const struct trapframe *a, const struct trapframe *b)
{
    bool compat = s->from == FROM_COMPAT;

    for (unsigned i = compat ? 8 : 0; i < GENERAL; i++) {
        uint64_t mask = compat ? 0xffffffff : ~0ull;
        if (!(skip >> i & 1))
            diff_hex(d, general[i], (&a->r15)[i] & mask, (&b->r15)[i] & mask);
    }
}

const char *judge_stack(const struct stimulus *s, unsigned vector)
{
    unsigned ist = vector_info(vector)->ist;

    if (ist)
        return stack_name(stack_of_ist(ist));
    return s->from == FROM_RING0 ? "ring0" : "rsp0";
}

/* SYSCALL: RCX and R11 hold what a frame would; RSP is the caller's. */
static void msr_entry(struct diff *d, const struct expectation *x,
                      const struct outcome *o)
{
    bool sysenter = o->frame.vector == VEC_SYSENTER;

    if (!sysenter) {
        diff_hex(d, "rcx", (uint64_t)x->s->resume, o->frame.rcx);
        diff_flags(d, "r11", x->start.rflags,
                   o->frame.r11 & ~x->s->flags_changed);
    }
    diff_hex(d, "rsp", sysenter ? STACK_TOP(STACK_rsp0) : x->start.rsp, o->rsp);
    diff_hex(d, "ss", SEL_KERNEL_SS, o->ss);
    registers(d, x->s, x->s->clobbers | (sysenter ? 0 : REG_RCX | REG_R11),
              &x->start, &o->frame);
}

static void saved_rip(struct diff *d, const struct stimulus *s, uint64_t rip)
{
    switch (s->saved) {
    case SAVED_AT:
        diff_hex(d, "rip", (uint64_t)s->at, rip);
        break;
    case SAVED_RESUME:
        diff_hex(d, "rip", (uint64_t)s->resume, rip);
        break;
    case SAVED_WITHIN:
        if (rip < (uint64_t)s->start || rip > (uint64_t)s->resume)
            diff_hex(d, "rip", (uint64_t)s->start, rip);
        break;
    case SAVED_ANY:
        break;
    }
}

static void gate_entry(struct diff *d, const struct expectation *x,
                       const struct outcome *o)
{
    const struct stimulus *s = x->s;
    bool other_ring = s->from != FROM_RING0;
    bool ist = vector_info((unsigned)o->frame.vector)->ist;
    uint64_t pushed = FRAME_BYTES + (o->error_code ? 8 : 0);

    diff_text(d, "error code", s->error_code ? "pushed" : "none",
              o->error_code ? "pushed" : "none");
    if (s->error_code && o->error_code)
        diff_hex(d, "error code", s->error, o->frame.error_code);
    diff_text(d, "stack", judge_stack(s, (unsigned)o->frame.vector),
              stack_name(stack_at(o->rsp)));
    if (s->saved != SAVED_ANY) {
        saved_rip(d, s, o->frame.rip);
        diff_hex(d, "saved cs", x->start.cs, o->frame.cs);
        diff_hex(d, "saved rsp", x->start.rsp, o->frame.rsp);
        diff_hex(d, "saved ss", x->start.ss, o->frame.ss);
        diff_flags(d, "saved rflags", x->start.rflags & ~s->flags_changed,
                   o->frame.rflags & ~(s->flags_changed | FLAG_RF));
    }
    if (other_ring || ist)
        diff_hex(d, "rsp", STACK_TOP(stack_at(o->rsp)) - pushed, o->rsp);
    else
        diff_hex(d, "rsp", (o->frame.rsp & ~15ull) - pushed, o->rsp);
    if (other_ring) /* by IST at the same CPL the manuals disagree */
        diff_hex(d, "ss", 0, o->ss);
    else if (!ist)
        diff_hex(d, "ss", SEL_KERNEL_SS, o->ss);
    if (o->frame.vector == VEC_pf)
        diff_hex(d, "cr2", s->address, o->cr2);
    if (o->frame.vector == VEC_db)
        diff_hex(d, "dr6", s->address, o->dr6 & DR6_CAUSES);
    registers(d, s, s->clobbers, &x->start, &o->frame);
}

void judge_outcome(struct diff *d, const struct expectation *x,
                   const struct outcome *o)
{
    if (is_msr_entry((unsigned)o->frame.vector))
        msr_entry(d, x, o);
    else
        gate_entry(d, x, o);
    diff_hex(d, "cs", SEL_KERNEL_CS, o->cs);
    diff_hex(d, "gs base", x->gs_base, o->gs_base);
    diff_hex(d, "kernel gs base", x->kernel_gs_base, o->kernel_gs_base);
    diff_hex(d, "fs base", 0, o->fs_base);
    diff_hex(d, "ds", 0, o->ds);
    diff_hex(d, "es", 0, o->es);
    diff_hex(d, "fs", 0, o->fs);
    diff_hex(d, "gs", 0, o->gs);
}

void judge_rflags(struct diff *d, const struct expectation *x,
                  const struct outcome *o)
{
    unsigned v = (unsigned)o->frame.vector;
    uint64_t keep = ~x->s->flags_changed;
    uint64_t cleared = v == VEC_SYSENTER   ? FLAG_IF | FLAG_RF
                       : is_msr_entry(v) ? SYSCALL_FMASK | FLAG_RF
                                         : FLAG_IF | FLAG_TF | FLAG_NT | FLAG_RF;

    diff_flags(d, "rflags", x->start.rflags & ~cleared & keep,
               o->rflags & keep);
    if (!is_msr_entry(v) && x->s->saved != SAVED_ANY)
        diff_flags(d, "saved", is_fault(v) ? FLAG_RF : 0,
                   o->frame.rflags & FLAG_RF);
}

void judge_frame(struct diff *d, const struct expectation *x,
                 const struct outcome *captured, const struct trapframe *f)
{
    const struct trapframe *c = &captured->frame;

    if (is_msr_entry((unsigned)c->vector)) {
        diff_hex(d, "frame rip", (uint64_t)x->s->resume, f->rip);
        diff_hex(d, "frame rsp", x->start.rsp, f->rsp);
        return;
    }
    diff_hex(d, "frame error code", c->error_code, f->error_code);
    if (x->s->saved == SAVED_ANY)
        return;
    if (x->s->saved != SAVED_WITHIN)
        diff_hex(d, "frame rip", c->rip, f->rip);
    diff_hex(d, "frame cs", c->cs, f->cs);
    diff_hex(d, "frame rflags", c->rflags & ~x->s->flags_changed,
             f->rflags & ~x->s->flags_changed);
    diff_hex(d, "frame rsp", c->rsp, f->rsp);
    diff_hex(d, "frame ss", c->ss, f->ss);
}

void judge_return(struct diff *d, const struct expectation *x,
                  const struct outcome *gate)
{
    const struct stimulus *s = x->s;
    uint32_t skip = s->clobbers;

    if (s->vector == VEC_SYSCALL64 || s->vector == VEC_SYSCALL32)
        skip |= REG_RCX | REG_R11;
    registers(d, s, skip, &x->start, &gate->frame);
    diff_hex(d, "cs", x->start.cs, gate->frame.cs);
    diff_hex(d, "rsp", x->start.rsp, gate->frame.rsp);
    diff_flags(d, "rflags", x->start.rflags & ~s->flags_changed,
               gate->frame.rflags & ~(s->flags_changed | FLAG_RF));
    diff_hex(d, "gs base", x->gs_base, gate->gs_base);
    diff_hex(d, "kernel gs base", x->kernel_gs_base, gate->kernel_gs_base);
    /* Ring 0 has none: an interrupt's frame lands there by design. */
    if (s->from != FROM_RING0 && !payload_red_zone_intact(&x->start))
        diff_text(d, "red zone", "intact", "overwritten");
}
