/* SPDX-License-Identifier: MIT */
/*
 * The machine as the walks want it: the specimen's stubs in place, its stacks
 * and its GS base, and user bases that a wrong stub survives.
 *
 * Positive and negative user bases lead to decoys, which look like the area
 * that the kernel's base leads to: a stub on the wrong base then reads and
 * writes there, and is found out by the base and not by a crash.
 *
 * The harness's own #DB, which every stop is, comes on a stack of its own.
 * It must not come on the stack of the code that it stops: the SYSCALL stub
 * runs on the user's for a while, and on #DB's own IST stack it would overwrite
 * the frame of a #DB that is being walked.
 */
#include "bench.h"

#include "apic.h"
#include "cpu.h"
#include "engine/author.h"
#include "engine/kernel.h"
#include "engine/machine_state.h"
#include "idt.h"
#include "insn.h"
#include "lib/callgate.h"
#include "msr.h"
#include "page.h"
#include "percpu.h"
#include "stacks.h"
#include "vectors.h"
#include "walk.h"

#define DECOY_BYTES 512
#define REQUEST_POLLS 10000
#define FRAME_WORDS 5   /* RIP CS RFLAGS RSP SS */
#define STORED_BYTES 16 /* above a frame: the base, and alignment */

static const struct specimen *specimen; /* whose bench it is */
static bool plain; /* it has no machine of its own: for each event, no search */
static uint8_t decoy_positive[DECOY_BYTES]
    __attribute__((section(".user.data"), aligned(64)));
static uint8_t decoy_negative[DECOY_BYTES] __attribute__((aligned(64)));

uint64_t bench_kernel_gs(const struct specimen *s)
{
    return s->gs_base ? (uint64_t)s->gs_base : (uint64_t)percpu;
}

uint64_t bench_stack_top(const struct specimen *s)
{
    return s->stack_top ? (uint64_t)s->stack_top : STACK_TOP(STACK_rsp0);
}

uint64_t bench_user_gs(enum window_base b)
{
    uint64_t its = kernel_decoy(b == WINDOW_NEGATIVE);

    return b == WINDOW_ZERO       ? 0
           : its                  ? its
           : b == WINDOW_POSITIVE ? (uint64_t)decoy_positive
                                  : (uint64_t)decoy_negative;
}

uint64_t bench_cr3(bool ring3)
{
    return author_cr3(ring3);
}

unsigned bench_ist(unsigned vector)
{
    return plain ? vector_info(vector)->ist : author_ist(specimen, vector);
}

static void set_fsgsbase(const struct specimen *s)
{
    bool on =
        cpu_has(FEATURE_FSGSBASE) && !(s->machine && s->machine->no_fsgsbase);
    uint64_t cr4 = read_cr4();

    if (on != !!(cr4 & CR4_FSGSBASE))
        write_cr4(cr4 ^ CR4_FSGSBASE);
}

void bench_begin(const struct specimen *s, const struct subject *p)
{
    const void *kernel = (const void *)bench_kernel_gs(s);

    specimen = s;
    plain = author_plain(s);
    specimen_install(s);
    /* A kernel's are put back with its memory. */
    if (!kernel_decoy(false) && page_physical(kernel) &&
        page_physical((const char *)kernel + DECOY_BYTES - 1)) {
        __builtin_memcpy(decoy_positive, kernel, DECOY_BYTES);
        __builtin_memcpy(decoy_negative, kernel, DECOY_BYTES);
    }
    tss.rsp[0] = bench_stack_top(s);
    wrmsr(MSR_SYSENTER_ESP, bench_stack_top(s));
    /* For the rule that looks there: it is applied on this stack. */
    tss.ist[IST_harness_db - 1] = STACK_TOP(STACK_harness_db) - STORED_BYTES;
    *(uint64_t *)tss.ist[IST_harness_db - 1] = bench_kernel_gs(s);
    rules_prepare();
    if (p->on_harness)
        idt[p->fault] =
            gate_make(capture_stubs[p->fault], GATE_INTERRUPT, IST_spare, 0);
    set_fsgsbase(s);
}

void bench_end(void)
{
    engine_set_gs((uint64_t)percpu, 0);
    callgate_after();
    tss.ist[IST_harness_db - 1] = STACK_TOP(STACK_harness_db);
    specimen_remove();
    machine_restore();
}

void bench_request_irq(void)
{
    apic_send_self(APIC_DELIVER_FIXED, VEC_WINDOW_IRQ);
    for (unsigned i = 0; i < REQUEST_POLLS && !apic_requested(VEC_WINDOW_IRQ);
         i++)
        ;
}

void bench_take_db(void)
{
    idt[VEC_db] =
        gate_make(capture_stubs[VEC_db], GATE_INTERRUPT, IST_harness_db, 0);
}

void bench_take(unsigned vector)
{
    const struct specimen_stub *stub = specimen_stub(specimen, vector);

    if (stub)
        idt[vector] = plain ? gate_make(stub->stub, GATE_INTERRUPT,
                                        vector_info(vector)->ist, 0)
                            : author_gate(specimen, vector);
}

void bench_capture(unsigned vector)
{
    idt[vector] =
        gate_make(capture_stubs[vector], GATE_INTERRUPT, bench_ist(vector), 0);
}

uint64_t *bench_event_frame(unsigned vector, const struct trapframe *f)
{
    unsigned ist = bench_ist(vector);
    uint64_t top = ist ? tss.ist[ist - 1] : f->cs & 3 ? tss.rsp[0] : f->rsp;

    return (uint64_t *)(top & ~15ull) - FRAME_WORDS; /* it aligns each */
}

uint64_t bench_push_frame(unsigned vector, const struct trapframe *f)
{
    uint64_t *frame = bench_event_frame(vector, f);

    __builtin_memcpy(frame, &f->rip, FRAME_WORDS * 8);
    return (uint64_t)frame;
}
