/* SPDX-License-Identifier: MIT */
/* What C lacks: the elements of an array, and a macro's value as a string. */
#ifndef RINGSIDE_MACROS_H
#define RINGSIDE_MACROS_H

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define STRING_(x) #x
#define STRING(x) STRING_(x)

#endif
