/* SPDX-License-Identifier: MIT */
/*
 * Each processor runs the core in an address space of its own: text and
 * constants are one for all, data, stacks, tables are its own, at the same
 * addresses.  What is marked SHARED is one for all, too, and is zero at first;
 * whoever else may write it, is read and written by __atomic builtins.
 */
#ifndef RINGSIDE_SHARED_H
#define RINGSIDE_SHARED_H

#define SHARED __attribute__((section(".shared")))

/* Of the first processor alone: the others have nothing there.  For what is
 * large and theirs never. */
#define FIRST_ONLY __attribute__((section(".first")))

#endif
