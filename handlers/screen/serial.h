/* SPDX-License-Identifier: MIT */
/*
 * A 16550 UART, polled.  efi/ probes it while the firmware is alive; the core
 * then owns it.  No wait is longer than a tenth of a second, and a port that
 * made us wait that long is not asked again in this run.
 */
#ifndef RINGSIDE_SERIAL_H
#define RINGSIDE_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERIAL_COM1 0x3f8 /* I/O base of the first PC serial port */

/*
 * Does a working UART answer at this I/O base?  Leaves its settings as they
 * were, so the firmware can go on using it.
 */
bool serial_probe(uint16_t port);

/*
 * Takes the port over: 115200 baud, 8 data bits, no parity, 1 stop bit, no
 * interrupts.  port 0: there is none, and all output vanishes.  tsc_hz is the
 * TSC's rate, 0 if unknown.
 */
void serial_init(uint16_t port, uint64_t tsc_hz);

/* Sends n bytes; '\n' becomes "\r\n".  Returns when the UART holds them. */
void serial_put(const char *s, size_t n);

/* Returns when the last bit has left, or after a tenth of a second: before
 * the machine goes. */
void serial_drain(void);

/* Is there a port, and has it kept up so far? */
bool serial_alive(void);

#endif
