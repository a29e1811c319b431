/* SPDX-License-Identifier: MIT */
/*
 * The variables that carry a run over the reset.  Shared with the core, which
 * writes the digest when the firmware's boot services are long gone.
 */
#ifndef RINGSIDE_VARIABLES_H
#define RINGSIDE_VARIABLES_H

#include <efi.h>

/* Random, so that nobody else's variables can be meant. */
#define VARIABLE_GUID                                                          \
    {                                                                          \
        0x7feb791c, 0xf8c7, 0x46b6,                                            \
        {                                                                      \
            0x8e, 0xf1, 0xfe, 0x96, 0xf4, 0xd7, 0xd0, 0x67                     \
        }                                                                      \
    }

#define VARIABLE_STATE L"RingsideState"
#define VARIABLE_DIGEST L"RingsideDigest"
#define VARIABLE_FILL L"RingsideFill0" /* the last digit counts */

#define VARIABLE_ATTRIBUTES                                                    \
    (EFI_VARIABLE_NON_VOLATILE | EFI_VARIABLE_BOOTSERVICE_ACCESS |             \
     EFI_VARIABLE_RUNTIME_ACCESS)

#ifndef RINGSIDE_CORE
#include <stdbool.h>

/* The vendors of our variables and of the firmware's own, by address. */
extern EFI_GUID variable_guid, global_guid;

/*
 * Reads at most *n bytes.  EFI_BUFFER_TOO_SMALL for a longer variable;
 * EFI_NOT_FOUND where there is none, or no service to ask.
 */
EFI_STATUS variable_get(const CHAR16 *name, EFI_GUID *vendor, void *data,
                        UINTN *n);

/*
 * Writes a variable, unless it holds the same already, and reads it back:
 * EFI_CRC_ERROR if something else stands there then.
 */
EFI_STATUS variable_set(const CHAR16 *name, EFI_GUID *vendor, const void *data,
                        UINTN n);

/* Deletes a variable.  EFI_SUCCESS also when there was none. */
EFI_STATUS variable_delete(const CHAR16 *name, EFI_GUID *vendor);

/*
 * May n more bytes go into the store?  NULL, or a short reason.  Half of the
 * store stays free: firmware that runs out of it has been known not to start
 * again.
 */
const char *variable_room(UINTN n);

/* --provoke no-variables: from now on every write is refused. */
void variable_refuse_writes(void);

/*
 * --provoke store-full: fills the store until variable_room() or the firmware
 * refuses.  variables_unfill() deletes that again, in this boot or a later one.
 */
void variables_fill(void);
void variables_unfill(void);
#endif

#endif
