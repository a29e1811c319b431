/* SPDX-License-Identifier: MIT */
/* A segment of somebody else's kernel; see segment.h. */
#include "segment.h"

#include "fmt.h"
#include "handoff.h"
#include "insn.h"
#include "msr.h"
#include "page.h"

static bool canonical(uint64_t va)
{
    unsigned bits = 12 + 9 * handoff.levels - 1; /* the rest are all alike */

    return va >> bits == 0 || va >> bits == ~0ull >> bits;
}

static const char *lay_page(const struct specimen_segment *s, uint64_t at,
                            uint64_t flags)
{
    uint64_t page = page_physical((const char *)s->live + at);

    return s->va % PAGE_SIZE        ? "that is not a page's first byte"
           : !canonical(s->va + at) ? "that is no address"
           : !page                  ? "no memory is there for it"
                                    : page_lay(s->va + at, page | flags);
}

bool segment_lay(const struct specimen_segment *s, uint64_t more, char *why,
                 size_t size)
{
    uint64_t flags = more | PAGE_PRESENT | (s->write ? PAGE_WRITE : 0);

    if (!s->execute && rdmsr(MSR_EFER) & EFER_NXE)
        flags |= PAGE_NX;
    for (uint64_t at = 0; at < s->memory_size; at += PAGE_SIZE) {
        const char *unfit = lay_page(s, at, flags);

        if (unfit) {
            fmt(why, size, "it cannot be mapped at %llx: %s",
                (unsigned long long)(s->va + at), unfit);
            return false;
        }
    }
    __builtin_memcpy(s->live, s->bytes, s->file_size); /* zeroes behind */
    return true;
}

/* The page of s that begins so many bytes into it. */
static void fill_page(const struct specimen_segment *s, uint64_t at)
{
    char *to = (char *)s->live + at;
    uint64_t n = at < s->file_size ? s->file_size - at : 0;

    n = n < PAGE_SIZE ? n : PAGE_SIZE;
    __builtin_memcpy(to, (const char *)s->bytes + at, n);
    __builtin_memset(to + n, 0, PAGE_SIZE - n);
}

bool segment_put_back(const struct specimen_segment *s)
{
    uint64_t *entry = 0;
    bool any = false;

    for (uint64_t at = 0; s->write && at < s->memory_size; at += PAGE_SIZE) {
        uint64_t va = s->va + at;

        /* 512 neighbours share a table. */
        entry = entry && va % LARGE_PAGE_SIZE ? entry + 1 : page_entry(va);
        if (!(*entry & PAGE_DIRTY))
            continue;
        fill_page(s, at);
        *entry &= ~PAGE_DIRTY;
        invlpg(va);
        any = true;
    }
    return any;
}
