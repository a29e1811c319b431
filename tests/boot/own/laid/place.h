/* SPDX-License-Identifier: MIT */
/* Where laid's author has linked it to; the tests try other places. */
#define LAID_TEXT 0xffffffff80000000
#define LAID_DATA 0xffffffff80001000
#define LAID_TOP (LAID_DATA + 0x2000)
