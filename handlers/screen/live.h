/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_LIVE_H
#define RINGSIDE_LIVE_H

/* The whole report, rendered by the core itself on the screen and the serial
 * line, for machines where no second boot comes; then the machine stops. */
_Noreturn void live_report(void);

#endif
