/* SPDX-License-Identifier: MIT */
/* Sets of processors, a bit for each number, as they lie in a record. */
#ifndef RINGSIDE_CPUSET_H
#define RINGSIDE_CPUSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "processors.h"

#define CPUSET_BYTES (PROCESSORS_MAX / 8)
/* Room for any set in words, with "cpus " before it: the longest has two in
 * each three. */
#define CPUSET_WORDS_MAX 640

bool cpuset_has(const uint8_t *set, unsigned number);
void cpuset_add(uint8_t *set, unsigned number);
unsigned cpuset_count(const uint8_t *set);

/* "0-3,7" into buf of n bytes; where that is too small it ends in "...".  n is
 * at least 8. */
void cpuset_words(char *buf, size_t n, const uint8_t *set);

/* The same, with "cpu " or "cpus " before it; n is at least 16. */
void cpuset_label(char *buf, size_t n, const uint8_t *set);

#endif
