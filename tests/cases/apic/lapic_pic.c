/* SPDX-License-Identifier: MIT */
/* The PIT's interrupt for the cases about LINT0; see lapic_pic.h. */
#include "lapic_pic.h"

#include "handoff.h"
#include "pic.h"

#define PIC 0x20
#define PIC_MASK 0x21
#define SLAVE_MASK 0xa1
#define OCW2_EOI 0x20
#define OCW3_IRR 0x0a
#define OCW3_ISR 0x0b
#define LINE 1 /* bit 0: the PIT's */

#define PIT 0x40
#define PIT_COMMAND 0x43
#define ONE_SHOT 0x30    /* channel 0, both bytes, mode 0 */
#define SQUARE_WAVE 0x36 /* what firmware leaves it at */
#define SHOT 200         /* 0.17 ms */
#define LATE 10          /* of a second: what a timer is given without a PIT */

static struct {
    uint8_t mask, slave;
    uint32_t lint0;
    bool on;
} lent;

static void pit_set(uint8_t mode, uint16_t count)
{
    outb(PIT_COMMAND, mode);
    outb(PIT, (uint8_t)count);
    outb(PIT, (uint8_t)(count >> 8));
}

void pit_shoot(void)
{
    pit_set(ONE_SHOT, SHOT);
}

static bool read_bit(uint8_t which)
{
    outb(PIC, which);
    return inb(PIC) & LINE;
}

bool pic_requested(void)
{
    return read_bit(OCW3_IRR);
}

bool pic_in_service(void)
{
    return read_bit(OCW3_ISR);
}

void pic_eoi(void)
{
    outb(PIC, OCW2_EOI);
}

void pic_close(void)
{
    outb(PIC_MASK, 0xff);
}

void pic_lend_pit(uint32_t lint0)
{
    lent.mask = inb(PIC_MASK);
    lent.slave = inb(SLAVE_MASK);
    lent.lint0 = apic_read(APIC_LVT_LINT0);
    lent.on = true;
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
    outb(PIT_COMMAND, ONE_SHOT); /* its output is low until it has shot */
    pic_silence();
    apic_write(APIC_LVT_LINT0, lint0);
    outb(PIC_MASK, (uint8_t)~LINE);
}

void pic_take_back(void)
{
    if (!lent.on)
        return;
    lent.on = false;
    apic_write(APIC_LVT_LINT0, APIC_LVT_MASKED);
    pit_set(SQUARE_WAVE, 0);
    pic_silence();
    apic_write(APIC_LVT_LINT0, lent.lint0);
    outb(PIC_MASK, lent.mask);
    outb(SLAVE_MASK, lent.slave);
}

void timers_settle(void)
{
    if (unless_pit(0)) {
        WAIT_UNTIL(handoff.tsc_hz / LATE, false);
        return;
    }
    pic_lend_pit(APIC_LVT_MASKED);
    pit_shoot();
    WAIT_UNTIL(lapic_soon(), pic_requested());
    pic_take_back();
}

const char *unless_pit(const struct stimulus *s)
{
    static const char *reason;
    static bool known;

    (void)s;
    if (known)
        return reason;
    known = true;
    pic_lend_pit(APIC_DELIVER_EXTINT);
    pit_shoot();
    WAIT_UNTIL(lapic_soon(), pic_requested());
    if (!pic_requested())
        reason = "no PIT behind 8259s answers";
    else if (lapic_open() != PIC_VECTOR)
        reason = "the 8259s' interrupt does not reach LINT0";
    pic_take_back();
    lapic_restore();
    return reason;
}
