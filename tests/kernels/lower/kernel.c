/* SPDX-License-Identifier: MIT */
/* lower: what its stubs call.  Its .data and .bss are in the file, as any
 * kernel's, and nothing of it runs in the lab: the harness takes the calls. */
struct frame {
    unsigned long regs[15], error, rip, cs, rflags, rsp, ss;
};

long kernel_call(struct frame *f);
void kernel_trap(struct frame *f);

static unsigned long calls = 1, traps[2];

long kernel_call(struct frame *f)
{
    f->regs[0] = calls++;
    return (long)f->rip;
}

void kernel_trap(struct frame *f)
{
    traps[(f->cs & 3) == 3]++;
}
