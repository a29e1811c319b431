/* SPDX-License-Identifier: MIT */
/*
 * The PIT behind the 8259s, as the only device that raises LINT0 at will.
 * The watchdog's alarm goes the same way: what is taken here is put back.
 */
#ifndef RINGSIDE_LAPIC_PIC_H
#define RINGSIDE_LAPIC_PIC_H

#include "lib/lapic.h"

#define PIC_VECTOR 0x20 /* the PIT's, as pic_silence() maps the 8259s */

/* Starts the PIT for one shot: code for ring 0, and for IOPL 3; AL is used. */
#define PIT_SHOOT                                                              \
    "mov $0x30, %al\nout %al, $0x43\n" /* channel 0, mode 0 */                 \
    "mov $200, %al\nout %al, $0x40\nxor %eax, %eax\nout %al, $0x40\n"
void pit_shoot(void); /* the same from C */

void pic_lend_pit(uint32_t lint0); /* opens its line, LINT0 as given */
void pic_take_back(void);          /* as it was */
bool pic_requested(void);          /* the 8259's IRR and ISR bit, and EOI */
bool pic_in_service(void);
void pic_eoi(void);
void pic_close(void); /* its line masked: LINT0 falls */

/* Whatever timer has run out by now has done what it does: where one host
 * thread serves all of an emulator's, the PIT's later one has come by then. */
void timers_settle(void);

/* An unfit(): does the PIT's interrupt come through LINT0 at all? */
const char *unless_pit(const struct stimulus *s);

#endif
