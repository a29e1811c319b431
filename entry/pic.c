/* SPDX-License-Identifier: MIT */
/* The two 8259s: away from the exceptions' vectors, and silent. */
#include "pic.h"

#include "insn.h"

#define MASTER 0x20
#define SLAVE 0xa0
#define ICW1_INIT_ICW4 0x11
#define ICW4_8086 0x01
#define OCW3_IRR 0x0a

/* A masked 8259 can still raise a spurious IRQ 7 or 15: remapped, these
 * arrive at 0x27 and 0x2f instead of on top of #GP's neighbours. */
void pic_silence(void)
{
    outb(MASTER, ICW1_INIT_ICW4);
    outb(SLAVE, ICW1_INIT_ICW4);
    outb(MASTER + 1, 0x20); /* ICW2: vectors */
    outb(SLAVE + 1, 0x28);
    outb(MASTER + 1, 4); /* ICW3: slave on line 2 */
    outb(SLAVE + 1, 2);
    outb(MASTER + 1, ICW4_8086);
    outb(SLAVE + 1, ICW4_8086);
    outb(MASTER + 1, 0xff); /* OCW1: all masked */
    outb(SLAVE + 1, 0xff);
}

void pic_open_rtc(void)
{
    outb(MASTER + 1, 0xff & ~(1 << 2));
    outb(SLAVE + 1, 0xff & ~(1 << 0));
}

bool pic_rtc_requested(void)
{
    outb(SLAVE, OCW3_IRR);
    return inb(SLAVE) & 1;
}
