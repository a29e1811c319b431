/* SPDX-License-Identifier: MIT */
/*
 * The C library's functions over memory and strings that there are without it:
 * entry/mem.S, in the core and in efi/.
 */
#ifndef RINGSIDE_MEM_H
#define RINGSIDE_MEM_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t n); /* they may overlap */
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);

#endif
