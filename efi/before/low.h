/* SPDX-License-Identifier: MIT */
/* A page below 640 KiB, where a SIPI can send a processor. */
#ifndef RINGSIDE_LOW_H
#define RINGSIDE_LOW_H

#include <stdint.h>

/* Takes one that nobody uses once the boot services are gone; 0: none is. */
uint32_t low_page(void);

/* Gives it back, if it was the firmware's to give. */
void low_release(uint32_t page);

#endif
