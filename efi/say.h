/* SPDX-License-Identifier: MIT */
/*
 * Words on the firmware's console.  Everything that efi/ tells a person goes
 * through here; a firmware without a console makes it silent, nothing else.
 */
#ifndef RINGSIDE_SAY_H
#define RINGSIDE_SAY_H

#include <stddef.h>

#include <efi.h>

#define SAY_MAX 512 /* bytes of one say() after formatting; more is cut */

/*
 * Formats as fmt() does and puts the text on ConOut; '\n' starts a line, and
 * lines longer than 79 columns are broken at a blank.
 */
void say(const char *f, ...) __attribute__((format(printf, 1, 2)));

/* Puts n bytes of ASCII on ConOut, as they are.  A byte above 126 shows '?'. */
void put_ascii(const char *text, size_t n);

/* An EFI_STATUS in words: "write protected", "status 0x8000000000000063". */
const char *status_words(EFI_STATUS s);

/* Columns and rows of the console's present mode; 80 x 25 if it won't say. */
void console_size(unsigned *columns, unsigned *rows);

#endif
