/* SPDX-License-Identifier: MIT */
/*
 * Formatting for code that has no libc: the core, efi/ and the renderers.
 */
#ifndef RINGSIDE_FMT_H
#define RINGSIDE_FMT_H

#include <stdarg.h>
#include <stddef.h>

/*
 * snprintf's contract (always NUL-terminated when n > 0; returns the length
 * that the whole text would have) for: %s %c %% %d %u %x, l and ll, width,
 * '-', '0', '*', and precision for %s.
 */
int fmt(char *buf, size_t n, const char *f, ...)
    __attribute__((format(printf, 3, 4)));
int vfmt(char *buf, size_t n, const char *f, va_list ap);

#endif
