/* SPDX-License-Identifier: MIT */
/* What the fastcall rows change of the machine; see fastcall.h. */
#include "fastcall_lend.h"

#include "engine/engine.h"
#include "engine/payload.h"
#include "fastcall.h"
#include "fmt.h"
#include "idt.h"
#include "insn.h"
#include "macros.h"
#include "msr.h"
#include "page.h"
#include "selectors.h"
#include "stacks.h"
#include "syscall.h"
#include "vectors.h"

#define PAGES 4

char user_page[PAGE_SIZE] __attribute__((section(".user.data"), aligned(4096)));
struct lent_msr lent_msr;

static const struct {
    uint32_t msr;
    uint64_t *value;
} model[] = {
    {MSR_STAR, &lent_msr.star},        {MSR_LSTAR, &lent_msr.lstar},
    {MSR_CSTAR, &lent_msr.cstar},      {MSR_FMASK, &lent_msr.fmask},
    {MSR_SYSENTER_CS, &lent_msr.cs},   {MSR_SYSENTER_ESP, &lent_msr.esp},
    {MSR_SYSENTER_EIP, &lent_msr.eip},
};

static struct {
    uint64_t va, entry;
} pages[PAGES];

static void as_it_was(void)
{
    lent_msr = (struct lent_msr){
        .star = (uint64_t)SEL_USER_CS32 << 48 | (uint64_t)SEL_KERNEL_CS << 32,
        .lstar = (uint64_t)capture_syscall64,
        .cstar = (uint64_t)capture_syscall32,
        .fmask = SYSCALL_FMASK,
        .cs = SEL_KERNEL_CS,
        .esp = STACK_TOP(STACK_rsp0),
        .eip = (uint64_t)capture_sysenter,
    };
}

RING0(fastcall_wrmsr, "", "wrmsr", "");

static struct trapframe *first_event(struct outcome *o)
{
    (void)o;
    return 0;
}

/* As code under test: a processor that refuses the value must not end all. */
static void guarded_wrmsr(uint32_t msr, uint64_t value)
{
    static const struct run r = {.on_event = first_event};
    struct trapframe c = payload_context(FROM_RING0, fastcall_wrmsr);

    c.rcx = msr;
    c.rax = (uint32_t)value;
    c.rdx = value >> 32;
    c.rflags = FLAG_ONE;
    engine_run(&r, &c);
}

void lend_msr(uint32_t msr, uint64_t value)
{
    guarded_wrmsr(msr, value);
    for (unsigned i = 0; i < COUNT(model); i++)
        if (model[i].msr == msr)
            *model[i].value = value;
}

void lend_ist(unsigned vector, unsigned ist)
{
    idt[vector] = gate_make(capture_stubs[vector], GATE_INTERRUPT, ist, 0);
}

void lend_page(uint64_t va, uint64_t entry)
{
    for (unsigned i = 0; i < PAGES; i++)
        if (!pages[i].va) {
            pages[i].va = va;
            pages[i].entry = page_set(va, entry);
            return;
        }
}

void fastcall_restore(void)
{
    syscall_point(capture_syscall64, capture_syscall32, capture_sysenter);
    wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
    wrmsr(MSR_FS_BASE, 0);
    write_dr7(DR7_CLEAR);
    write_dr0(0);
    idt_point(capture_stubs);
    for (unsigned i = PAGES; i-- > 0;) {
        if (pages[i].va)
            page_set(pages[i].va, pages[i].entry);
        pages[i].va = 0;
    }
}

/* Traps and interrupts go on where they came; all else as stated. */
void fastcall_mend(unsigned nth, const struct outcome *o, struct trapframe *f)
{
    const struct trapframe *c = stimulus_context();
    enum vector_class class =
        f->vector < VECTORS ? vector_info((unsigned)f->vector)->class : FAULT;

    (void)nth, (void)o;
    if (class == TRAP || class == EVENT)
        return;
    f->rip = (uint64_t)stimulus_now()->resume;
    f->cs = c->cs;
    f->ss = c->ss;
    f->rsp = c->rsp;
    f->rflags = c->rflags & ~(uint64_t)FLAG_TF;
}

void fastcall_run(const struct stimulus *like)
{
    struct stimulus s = *like;

    as_it_was();
    if (!s.after)
        s.after = fastcall_restore;
    if (!s.mend)
        s.mend = fastcall_mend;
    check_run(&s);
}

const char *unless_entered(const struct stimulus *s)
{
    static const struct run r = {.on_event = first_event};
    struct trapframe c = payload_context(s->from, s->start);
    enum run_end end;

    c.rflags |= FLAG_IOPL; /* for code that starts with STI */
    end = engine_run(&r, &c);

    if (end == RUN_EVENT && engine_last()->frame.vector == s->vector)
        return 0;
    return s->vector == VEC_SYSENTER
               ? "this processor has no SYSENTER in long mode"
               : "this processor has no SYSCALL in compat mode";
}

RING0(fastcall_sysexit, "", "sysexitq", "");

const char *unless_sysexit(const struct stimulus *s)
{
    static const struct run r = {.on_event = first_event};
    struct trapframe c = payload_context(FROM_RING0, fastcall_sysexit);

    (void)s;
    sysexit_to_landing(&c, true);
    if (engine_run(&r, &c) == RUN_GATE && (engine_last()->frame.cs & 3) == 3)
        return 0;
    return "this processor has no SYSEXIT in long mode";
}

const char *flag_name(unsigned bit)
{
    static const char *const name[FASTCALL_FLAGS] = {
        "cf",           [2] = "pf",   [4] = "af",  [6] = "zf",  [7] = "sf",
        [8] = "tf",     [9] = "if",   [10] = "df", [11] = "of", [12] = "iopl0",
        [13] = "iopl1", [14] = "nt",  [16] = "rf", [17] = "vm", [18] = "ac",
        [19] = "vif",   [20] = "vip", [21] = "id",
    };
    static char other[8];

    if (bit < FASTCALL_FLAGS && name[bit])
        return name[bit];
    fmt(other, sizeof(other), "bit%u", bit);
    return other;
}

unsigned fetch_bit(void)
{
    return rdmsr(MSR_EFER) & EFER_NXE || read_cr4() & CR4_SMEP ? PF_FETCH : 0;
}
