/* SPDX-License-Identifier: MIT */
/* The C side of the cases' own NMI handler; see nmi_own.h. */
#include "nmi_own.h"

#include "apic.h"
#include "idt.h"
#include "insn.h"
#include "msr.h"
#include "selectors.h"
#include "stacks.h"
#include "vectors.h"

#define LATCH_READS 8 /* port reads, about 1 us each */
#define PORT_DELAY 0x80
#define FRAME_BYTES 40

extern const char nmi_own[];

volatile unsigned nmi_own_entries;
struct nmi_own_frame nmi_own_frame;

static struct {
    void (*hook)(void);
    const char *exit;
    unsigned ist_after;
} use;

void nmi_own_use(unsigned ist, void (*hook)(void), const char *exit,
                 unsigned ist_after)
{
    nmi_own_entries = 0;
    use.hook = hook;
    use.exit = exit;
    use.ist_after = ist_after;
    idt[VEC_nmi] = gate_make(nmi_own, GATE_INTERRUPT, ist, 3);
}

void nmi_own_done(void)
{
    idt[VEC_nmi] =
        gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, IST_nmi, 0);
}

void nmi_own_send(void)
{
    apic_send_self(APIC_DELIVER_NMI, 0);
    for (unsigned i = 0; i < LATCH_READS; i++)
        inb(PORT_DELAY);
}

/* Called by nmi_own.S; returns the way out. */
const char *nmi_own_handle(const struct nmi_own_frame *f)
{
    nmi_own_frame = *f;
    nmi_own_entries++;
    idt[VEC_nmi] =
        gate_make(capture_stubs[VEC_nmi], GATE_INTERRUPT, use.ist_after, 0);
    if (use.hook)
        use.hook();
    return use.exit;
}

struct trapframe nmi_own_context(const struct trapframe *from, unsigned ist)
{
    struct trapframe c = *from;

    c.cs = SEL_KERNEL_CS;
    if (from->cs & 3) {
        c.ss = 0;
        c.rsp = STACK_TOP(STACK_rsp0);
    }
    if (ist)
        c.rsp = STACK_TOP(stack_of_ist(ist));
    c.rsp = (c.rsp & ~15ull) - FRAME_BYTES;
    c.rflags &= ~(uint64_t)(FLAG_IF | FLAG_TF | FLAG_NT | FLAG_RF);
    return c;
}
