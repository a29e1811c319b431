/* SPDX-License-Identifier: MIT */
/*
 * The local APIC, in the mode that the firmware left or, with --x2apic, in
 * x2APIC mode (never switched down: newer machines lock it there, and the way
 * back leads through a disabled APIC).  SDM vol 3, "Advanced Programmable
 * Interrupt Controller".
 */
#ifndef RINGSIDE_APIC_H
#define RINGSIDE_APIC_H

#include <stdbool.h>
#include <stdint.h>

/* Offsets in the xAPIC page. */
enum apic_register {
    APIC_ID = 0x20,
    APIC_VERSION = 0x30,
    APIC_TPR = 0x80,
    APIC_PPR = 0xa0,
    APIC_EOI = 0xb0,
    APIC_LDR = 0xd0,
    APIC_DFR = 0xe0, /* xAPIC only */
    APIC_SVR = 0xf0,
    APIC_ISR = 0x100, /* eight of 32 bits, 0x10 apart; IRR alike */
    APIC_IRR = 0x200,
    APIC_ESR = 0x280,
    APIC_LVT_CMCI = 0x2f0,
    APIC_ICR = 0x300,
    APIC_ICR_HIGH = 0x310, /* xAPIC only */
    APIC_LVT_TIMER = 0x320,
    APIC_LVT_THERMAL = 0x330,
    APIC_LVT_PERF = 0x340,
    APIC_LVT_LINT0 = 0x350,
    APIC_LVT_LINT1 = 0x360,
    APIC_LVT_ERROR = 0x370,
    APIC_TIMER_INITIAL = 0x380,
    APIC_TIMER_CURRENT = 0x390,
    APIC_TIMER_DIVIDE = 0x3e0,
};

#define APIC_LVT_MASKED (1u << 16)
#define APIC_DELIVER_FIXED (0u << 8)
#define APIC_DELIVER_LOWEST (1u << 8)
#define APIC_DELIVER_NMI (4u << 8)
#define APIC_DELIVER_EXTINT (7u << 8) /* LINT0: the 8259s give the vector */
#define APIC_DELIVER_INIT (5u << 8)
#define APIC_DELIVER_STARTUP (6u << 8)
#define APIC_DELIVER_MASK (7u << 8)
#define APIC_LOGICAL (1u << 11)
#define APIC_SHORTHAND_SELF (1u << 18)
#define APIC_SHORTHAND_ALL (2u << 18)
#define APIC_SHORTHAND_OTHERS (3u << 18)
#define APIC_ALL 0xffu /* xAPIC's destination of everybody */
#define APIC_ICR_BUSY (1u << 12)
#define APIC_ICR_ASSERT (1u << 14)
#define APIC_SVR_ENABLE (1u << 8)
#define APIC_TIMER_PERIODIC (1u << 17)
#define APIC_TIMER_DEADLINE (2u << 17)
#define APIC_DIVIDE_BY_1 0xbu
#define APIC_DIVIDE_RESET 0u /* by 2: how apic_init() leaves it */

uint32_t apic_read(enum apic_register r);
void apic_write(enum apic_register r, uint32_t v);

/* Enables the APIC, masks every LVT, TPR 0, spurious vector VEC_spurious; in
 * x2APIC mode if that is wanted, which the processor must have.  False when
 * the machine has none that answers. */
bool apic_init(bool want_x2apic);
bool apic_is_x2apic(void);

/* Writes IA32_APIC_BASE, a change that is allowed, and follows it. */
void apic_mode(uint64_t base);

/* Sends this processor an interrupt: physical destination, own id, never the
 * self shorthand (which is not valid for NMI).  Asynchronous. */
void apic_send_self(uint32_t delivery, uint8_t vector);

/* Sends one to the processor with that id, physically.  With xAPIC ids over
 * 254 cannot be reached: nothing is sent.  Asynchronous. */
void apic_send(uint32_t id, uint32_t delivery, uint8_t vector);

/* Writes the ICR: destination as the mode has it (8 or 32 bits), and all bits
 * of the low half but the assert bit, which is added. */
void apic_command(uint32_t destination, uint32_t low);

/* This processor's id, as the APIC has it. */
uint32_t apic_id(void);

/* The same as a fixed interrupt, with interrupts off: returns when it is
 * requested, or after a moment. */
void apic_request(uint8_t vector);

/* Are the ISR's or IRR's bits for a vector set? */
bool apic_in_service(uint8_t vector);
bool apic_requested(uint8_t vector);
void apic_eoi(void);

/* One interrupt at VEC_timer, after so many ticks of the fastest kind; and the
 * timer as apic_init() leaves it. */
void apic_timer_start(uint32_t count);
void apic_timer_stop(void);

/* Clears all that a case may have left in service: bounded EOIs.  Returns the
 * highest such vector, or 0. */
unsigned apic_quiesce(void);

#endif
