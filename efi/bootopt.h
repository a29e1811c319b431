/* SPDX-License-Identifier: MIT */
/*
 * How the firmware is told to start this very image after the reset.
 */
#ifndef RINGSIDE_BOOTOPT_H
#define RINGSIDE_BOOTOPT_H

#include <stdbool.h>
#include <stdint.h>

#include <efi.h>

/*
 * Finds the option to boot: BootCurrent when that really names this image,
 * else a new Boot#### whose load options are `arguments` (ASCII).  *number is
 * the option, *own whether it was made here and has to be removed again.
 * Returns NULL, or a short reason.
 */
const char *bootopt_prepare(EFI_LOADED_IMAGE *image, const char *arguments,
                            uint16_t *number, bool *own);

/* Sets BootNext and reads it back.  NULL, or a short reason. */
const char *bootopt_next(uint16_t number);

/*
 * Removes Boot#### number if it is our own, and BootNext if it still names
 * it: no run is to come back by itself after this.
 */
EFI_STATUS bootopt_remove(uint16_t number, bool own);

#endif
