/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_PIC_H
#define RINGSIDE_PIC_H

#include <stdbool.h>

/* Remaps both 8259s to 0x20-0x2f and masks every line. */
void pic_silence(void);

/* Opens line 8, the RTC's, alone (and line 2, through which it comes). */
void pic_open_rtc(void);

/* Does line 8 ask for an interrupt that nobody has acknowledged? */
bool pic_rtc_requested(void);

#endif
