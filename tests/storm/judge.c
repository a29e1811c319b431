/* SPDX-License-Identifier: MIT */
/*
 * What must hold after each entry, whatever came before it, and in ring 3
 * when it is over.
 *
 *   GS        GS_BASE is this processor's, KERNEL_GS_BASE the user's; but for
 *             one published limit: an interrupt in front of SYSEXIT
 *   depth     ring 3 runs only when every handler has returned
 *   stack     the frame ends where its stack begins, or right below what it
 *             has interrupted
 *   calls     what ring 3 calls comes, once, with the RIP, flags and registers
 *             of that call
 *   nothing   else comes: no fault in ring 0, but an IRETQ's to a spoilt
 *             frame; no interrupt where IF is off
 *   ring 3    gets back its registers, flags, stack and GS base, and reads
 *             no page that was exchanged and flushed
 */
#include "fmt.h"
#include "gdt.h"
#include "msr.h"
#include "own.h"
#include "stacks.h"
#include "vectors.h"

#define IST_USE 1024  /* of bytes: a stub may keep copies above its frame */
#define COMPAT_USE 64 /* of ring 3's stack, on the way through compat code */
#define FIRST_MARK                                                             \
    14 /* RAX, in a frame's order: each one before is a step on */

/* Into one buffer: the first sentence is the last. */
#define WRONG(...)                                                             \
    (fmt(storming.what, sizeof(storming.what), __VA_ARGS__), storming.what)
#define X(n) ((unsigned long long)(n))

bool storm_is_call(unsigned vector)
{
    return vector >= VECTORS || vector == VEC_int80 || vector == VEC_bp ||
           (vector < VEC_FIRST_IRQ && vector != VEC_nmi && vector != VEC_db);
}

const struct specimen_fixup *storm_fixup(const struct trapframe *f)
{
    const struct specimen *s = storming.specimen;

    for (unsigned i = 0; i < s->fixups_count && !(f->cs & 3); i++)
        if (f->rip == (uint64_t)s->fixups[i].at)
            return &s->fixups[i];
    return 0;
}

static bool is_sysexit(uint64_t rip)
{
    const uint8_t *code = (const uint8_t *)rip;

    if (!engine_under_test(rip))
        return false;
    code += *code == 0x48;
    return code[0] == 0x0f && code[1] == 0x35;
}

/*
 * An interrupt between SWAPGS and SYSEXIT.  STI's shadow holds it off there,
 * but an NMI or a #DB in that shadow ends it, and a gate that goes by CS finds
 * the user's base and a frame that says ring 0.  No stub can do better by CS:
 * the window's table has it as a limit of this way out, too.  (One stub is that
 * of all interrupts.)
 */
static bool in_lost_shadow(const struct entry *e)
{
    return e->f && !(e->f->cs & 3) && e->vector >= VEC_FIRST_IRQ &&
           e->vector < VECTORS &&
           specimen_rule(storming.specimen, VEC_WINDOW_IRQ) == RULE_BY_CS &&
           is_sysexit(e->f->rip);
}

static bool is_users(uint64_t base)
{
    return base == storm_user.gs || base == storm_user.gs_next;
}

static const char *judge_bases(const struct entry *e)
{
    /* save-set and stored may leave the kernel's in both places. */
    bool both =
        storming.sets_base && (e->vector == VEC_nmi || e->vector == VEC_db ||
                               e->vector == VECTOR_UNKNOWN || storming.inner);

    if (in_lost_shadow(e) && is_users(e->gs_base) &&
        e->kernel_gs_base == storming.kernel_gs)
        return 0;
    if (e->gs_base != storming.kernel_gs)
        return WRONG("GS base %llx in the handler, this processor's is %llx",
                     X(e->gs_base), X(storming.kernel_gs));
    if (is_users(e->kernel_gs_base) ||
        (both && e->kernel_gs_base == storming.kernel_gs))
        return 0;
    return WRONG("KERNEL_GS_BASE %llx in the handler, the user's is %llx",
                 X(e->kernel_gs_base), X(storm_user.gs));
}

static const char *judge_stack(const struct entry *e)
{
    const struct trapframe *f = e->f;
    unsigned ist = e->vector < VEC_FIRST_IRQ ? vector_info(e->vector)->ist : 0;
    uint64_t end = (uint64_t)(f + 1), top = storming.stack_top,
             ist_top = ist ? tss.ist[ist - 1] : 0;
    bool good;

    if (!f) /* on either of its stacks, somewhere */
        return top - e->rsp < STACK_SIZE || stack_at(e->rsp) != STACK_COUNT
                   ? 0
                   : WRONG("called on no stack of the kernel's: RSP %llx",
                           X(e->rsp));
    if (f->cs & 3)
        good = end == top || end == ist_top ||
               (storming.spoilt && top - end < IST_USE);
    else if (ist)
        good = ist_top - end < IST_USE;
    else
        good = end == (f->rsp & ~15ull);
    return good ? 0
                : WRONG("frame of %s ends at %llx, its stack begins at %llx",
                        vector_info(e->vector)->mnemonic, X(end),
                        X(ist ? ist_top : top));
}

/* The registers of 64-bit code are all marked; RCX and R11 are SYSCALL's. */
static const char *judge_marks(const struct trapframe *f)
{
    for (unsigned i = 0; i < GENERAL_REGISTERS; i++) {
        uint64_t mark =
            storm_user.mark + (uint64_t)(FIRST_MARK - i) * MARK_STEP;

        if (f->general[i] != mark &&
            !(f->vector == VEC_SYSCALL64 &&
              (&f->general[i] == &f->rcx || &f->general[i] == &f->r11)))
            return WRONG("register %u of the frame is %llx, ring 3's %llx", i,
                         X(f->general[i]), X(mark));
    }
    return 0;
}

/* A call of ring 3's: is it the one that it makes, and as it has made it? */
static const char *judge_call(const struct trapframe *f)
{
    const char *name = vector_info((unsigned)f->vector)->mnemonic;

    if (storming.spoilt)
        return f->vector < VEC_FIRST_IRQ && f->rip == storm_user.rip
                   ? 0
                   : WRONG("%s at %llx behind a spoilt frame", name, X(f->rip));
    if (f->vector != storm_user.vector ||
        storm_user.made != storm_user.served + 1)
        return WRONG("%s at %llx, which ring 3 has not called", name,
                     X(f->rip));
    if (f->rip != storm_user.rip)
        return WRONG("%s has RIP %llx in its frame, called at %llx", name,
                     X(f->rip), X(storm_user.rip));
    if ((f->rflags ^ storm_user.flags) & storm_user.flags_mask)
        return WRONG("%s has RFLAGS %llx in its frame, called with %llx", name,
                     X(f->rflags), X(storm_user.flags));
    return f->cs == SEL_USER_CS64 ? judge_marks(f) : 0;
}

static const char *judge_ring3(const struct entry *e)
{
    const struct trapframe *f = e->f;

    if (storming.depth != 1)
        return WRONG("%s from ring 3, and %u handlers have not returned",
                     vector_info(e->vector)->mnemonic, storming.depth - 1);
    if (!(f->rflags & FLAG_IF))
        return WRONG("ring 3 ran with IF clear, at %llx", X(f->rip));
    if (storm_user.rsp - f->rsp > COMPAT_USE)
        return WRONG("RSP %llx in the frame, ring 3's is %llx", X(f->rsp),
                     X(storm_user.rsp));
    return storm_is_call(e->vector) ? judge_call(f) : 0;
}

static const char *judge_ring0(const struct entry *e)
{
    const struct trapframe *f = e->f;

    if (e->vector == VEC_nmi || e->vector == VEC_db ||
        (e->vector == VEC_int80 && storming.inner))
        return 0;
    if (!storm_is_call(e->vector))
        return f->rflags & FLAG_IF
                   ? 0
                   : WRONG("%s with IF clear, at %llx",
                           vector_info(e->vector)->mnemonic, X(f->rip));
    return storming.spoilt && storm_fixup(f)
               ? 0
               : WRONG("%s in ring 0, at %llx",
                       vector_info(e->vector)->mnemonic, X(f->rip));
}

const char *storm_judge(const struct entry *e)
{
    const char *wrong = judge_bases(e);

    if (!wrong)
        wrong = judge_stack(e);
    if (!wrong && e->f)
        wrong = e->f->cs & 3 ? judge_ring3(e) : judge_ring0(e);
    return wrong;
}

/* The first register that is not the mark itself: program.S has taken from
 * each before it what makes it a register's own. */
static const char *lost_register(const struct trapframe *f)
{
    static const char *const names[GENERAL_REGISTERS] = {
        "R15", "R14", "R13", "R12", "R11", "R10", "R9", "R8",
        "RBP", "RDI", "RSI", "RDX", "RCX", "RBX", "RAX"};
    unsigned i = GENERAL_REGISTERS;

    while (i-- > 1 && (uint32_t)f->general[i] == (uint32_t)storm_user.mark)
        ;
    return names[i];
}

const char *storm_judge_ring3(const struct outcome *gate)
{
    const struct trapframe *f = &gate->frame;
    const char *call = vector_info(storm_user.vector)->mnemonic;

    switch (storm_user.lost) {
    case LOST_REGISTER:
        return WRONG("%s behind %s is not as it was", lost_register(f), call);
    case LOST_FLAG:
        return WRONG("RFLAGS behind %s are %llx, were %llx", call,
                     X(f->rax ^ storm_user.flags), X(storm_user.flags));
    case LOST_RSP:
        return WRONG("RSP behind %s is %llx, was %llx", call, X(f->rsp),
                     X(storm_user.rsp));
    case LOST_GS:
        return WRONG("GS base in ring 3 is %llx, was %llx", X(f->rax),
                     X(storm_user.gs));
    case LOST_ZONE:
        return WRONG("ring 3's red zone is overwritten behind %s", call);
    case LOST_RETURN:
        return WRONG("RCX behind %s is %llx, not where it returns to", call,
                     X(f->rcx));
    case LOST_PAGE:
        return WRONG("ring 3 reads number %u of the shared page, and has "
                     "flushed for %u",
                     storm_user.flushed + (uint32_t)f->rax, storm_user.flushed);
    case LOST_CALL:
        return WRONG("%u calls made, %u served", storm_user.made,
                     storm_user.served);
    }
    if (gate->gs_base != storm_user.gs ||
        gate->kernel_gs_base != storming.kernel_gs)
        return WRONG("GS bases %llx and %llx at the end", X(gate->gs_base),
                     X(gate->kernel_gs_base));
    if (storming.depth || storming.entries != storming.exits)
        return WRONG("%llu entries, %llu exits", X(storming.entries),
                     X(storming.exits));
    return 0;
}
