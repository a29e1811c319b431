/* SPDX-License-Identifier: MIT */
#ifndef RINGSIDE_PIC_H
#define RINGSIDE_PIC_H

/* Remaps both 8259s to 0x20-0x2f and masks every line. */
void pic_silence(void);

#endif
