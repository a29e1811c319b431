/* SPDX-License-Identifier: MIT */
/* A page below 640 KiB, where a SIPI can send a processor. */
#ifndef RINGSIDE_LOW_H
#define RINGSIDE_LOW_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The address of one that nobody uses once the boot services are gone; 0: there
 * is none.  *given says whether the firmware gave it: one that it did not give
 * may be written to only when its boot services are gone.
 */
uint32_t low_page(bool *given);

/* Gives it back, if it was the firmware's to give. */
void low_release(uint32_t page);

#endif
