/* SPDX-License-Identifier: MIT */
/* A word of each processor's; see user_shared.h. */
#include "user_shared.h"

#include "shared.h"

static uint32_t words[PAGE_SIZE / 4] SHARED __attribute__((aligned(4096)));

void user_words_map(void)
{
    user_shared_map(USER_SHARED_WORDS, words);
}

uint64_t user_word_va(unsigned n)
{
    return user_shared_va(USER_SHARED_WORDS) + n * sizeof(words[0]);
}

uint32_t user_word(unsigned n)
{
    return __atomic_load_n(&words[n], __ATOMIC_ACQUIRE);
}
