/* SPDX-License-Identifier: MIT */
/*
 * What stands in the pages that the ring 3 of every processor sees, from
 * VA_USER_SHARED on (entry/page.h): who uses which.
 */
#ifndef RINGSIDE_LIB_USER_SHARED_H
#define RINGSIDE_LIB_USER_SHARED_H

#include "layout.h"
#include "page.h"

enum user_shared {
    USER_SHARED_WORDS,  /* a word a processor: user_word() */
    USER_SHARED_COUNTS, /* task.c: two counters a processor */
    USER_SHARED_TARGET, /* shoot.c: the page that is taken away */
    USER_SHARED_STORM,  /* tests/storm: the page that is exchanged */
};

static inline uint64_t user_shared_va(enum user_shared page)
{
    return VA_USER_SHARED + page * PAGE_SIZE;
}

/* Ring 3 may write it from now on.  What: page-aligned, SHARED. */
static inline void user_shared_map(enum user_shared page, const void *what)
{
    *page_shared_entry(page) =
        page_shared_physical(what) | PAGE_PRESENT | PAGE_WRITE | PAGE_USER;
}

/* A word of each processor's, for its ring 3 to count in; where it sees it, and
 * what stands there.  Mapped by user_words_map(), for good. */
void user_words_map(void);
uint64_t user_word_va(unsigned n);
uint32_t user_word(unsigned n);

#endif
