/* SPDX-License-Identifier: MIT */
/*
 * A kernel of somebody else's, in this address space; see kernel.h.
 *
 * Its segments come as they were linked, in constants of the core's.  What it
 * runs on are copies, in pages of the core's that are mapped once more, where
 * its author has linked them to and with the rights that they have there:
 *
 *	.rodata   bytes as linked
 *	            | copied
 *	.first    live pages    <- the harness writes here
 *	            = the same
 *	          va            <- the kernel runs here
 *
 * No byte of its instructions is changed but where a function stands for the
 * kernel's work: that begins with a jump to entry/body.S then.
 */
#include "kernel.h"

#include "fmt.h"
#include "handoff.h"
#include "page.h"
#include "segment.h"
#include "shared.h"

#define DECOYS 2 /* for a positive base, and for a negative one */
#define DECOY_BELOW 0x4000ull
#define DECOY_BYTES 0x38000ull /* in all */

static char trouble[160];
static uint8_t decoy_pages[DECOYS][DECOY_BYTES] FIRST_ONLY
    __attribute__((aligned(4096)));
static struct specimen_segment decoys[DECOYS];
static uint64_t decoy_gs[DECOYS];
static enum { UNTRIED, MAPPED, REFUSED } state;

static const struct specimen_kernel *kernel(void)
{
    return specimen_own ? specimen_own->kernel : 0;
}

static const struct specimen_segment *segment_at(uint64_t va)
{
    const struct specimen_kernel *k = kernel();

    for (unsigned i = 0; k && i < k->segments_count; i++)
        if (va - k->segments[i].va < k->segments[i].memory_size)
            return &k->segments[i];
    return 0;
}

void *kernel_alias(const void *at)
{
    const struct specimen_segment *s = segment_at((uint64_t)at);

    return s ? (char *)s->live + ((uint64_t)at - s->va) : 0;
}

static bool executable(uint64_t va)
{
    const struct specimen_segment *s = segment_at(va);

    return s && s->execute;
}

bool kernel_under_test(uint64_t rip)
{
    const struct specimen_kernel *k = kernel();

    if (!executable(rip))
        return false;
    for (unsigned i = 0; i < k->functions_count; i++)
        if (rip == k->functions[i].at)
            return false;
    return true;
}

const char *kernel_symbol(uint64_t address, unsigned *offset)
{
    const struct specimen_kernel *k = kernel();
    const struct specimen_symbol *s =
        executable(address)
            ? patch_symbol(k->symbols, k->symbols_count, address)
            : 0;

    *offset = (unsigned)(address - (s ? s->at : 0));
    return s ? s->name : "";
}

static bool same(const uint8_t *a, const uint8_t *b, unsigned n)
{
    while (n && a[n - 1] == b[n - 1])
        n--;
    return !n;
}

/* Of the functions, that lie in the segment: the harness is there instead. */
static bool patch(const struct specimen_kernel *k)
{
    for (unsigned i = 0; i < k->functions_count; i++) {
        const struct specimen_function *f = &k->functions[i];
        uint64_t to = (uint64_t)specimen_functions[i];
        uint8_t code[PATCH_MAX];
        unsigned n = patch_jump(code, f->at, to, f->room), offset;

        if (!executable(f->at) || !n || !executable(f->at + n - 1)) {
            fmt(trouble, sizeof(trouble),
                "%s, at %llx, has no room for the jump to the harness: it is "
                "%u bytes long",
                kernel_symbol(f->at, &offset), (unsigned long long)f->at,
                f->room);
            return false;
        }
        /* An emulator throws its translation of a page away that is written. */
        if (!same(kernel_alias((void *)f->at), code, n))
            __builtin_memcpy(kernel_alias((void *)f->at), code, n);
    }
    return true;
}

/*
 * What users' GS bases lead to: the memory around the kernel's own base once
 * more, at an address that is positive, and at one that is negative.  Beyond it
 * there is nothing, and least of all the harness.
 */
static bool make_decoys(void)
{
    static const uint64_t places[DECOYS][2] = {
        {0x18000000, 0x28000000}, {0xffffffffb0000000, 0xffffffffa0000000}};
    uint64_t gs = (uint64_t)specimen_own->gs_base, from;
    const struct specimen_segment *s = segment_at(gs);

    if (!s || !s->write)
        return true;
    from = gs - s->va > DECOY_BELOW
               ? (gs - DECOY_BELOW - s->va) & ~(PAGE_SIZE - 1)
               : 0;
    for (unsigned i = 0; i < DECOYS; i++) {
        struct specimen_segment *d = &decoys[i];

        *d = (struct specimen_segment){
            .va = places[i][segment_at(places[i][0]) ? 1 : 0],
            .bytes = (const char *)s->bytes + from,
            .file_size = from < s->file_size ? s->file_size - from : 0,
            .memory_size = s->memory_size - from,
            .write = true,
            .live = decoy_pages[i],
        };
        if (d->memory_size > DECOY_BYTES)
            d->memory_size = DECOY_BYTES;
        if (d->file_size > d->memory_size)
            d->file_size = d->memory_size;
        if (!segment_lay(d, i ? 0 : PAGE_USER, trouble, sizeof(trouble)))
            return false;
        decoy_gs[i] = d->va + (gs - s->va - from);
    }
    return true;
}

void *kernel_decoy_alias(const void *at, bool negative)
{
    const struct specimen_segment *d = &decoys[negative];
    uint64_t offset = (uint64_t)at - (uint64_t)specimen_own->gs_base +
                      decoy_gs[negative] - d->va;

    return decoy_gs[negative] && offset < d->memory_size
               ? (char *)d->live + offset
               : 0;
}

uint64_t kernel_decoy(bool negative)
{
    return decoy_gs[negative];
}

static bool map(const struct specimen_kernel *k)
{
    if (handoff.cpu) {
        fmt(trouble, sizeof(trouble),
            "only the first processor has its memory");
        return false;
    }
    if (k->functions_count > FUNCTION_ENTRIES) {
        fmt(trouble, sizeof(trouble),
            "%u functions stand for its work, and there is room for %u",
            k->functions_count, FUNCTION_ENTRIES);
        return false;
    }
    for (unsigned i = 0; i < k->segments_count; i++)
        if (!segment_lay(&k->segments[i], 0, trouble, sizeof(trouble)))
            return false;
    return patch(k) && make_decoys();
}

const char *kernel_map(const struct specimen *s)
{
    if (!s->kernel)
        return 0;
    if (state == UNTRIED)
        state = map(s->kernel) ? MAPPED : REFUSED;
    return state == MAPPED ? 0 : trouble;
}

bool kernel_put_back(void)
{
    const struct specimen_kernel *k = kernel();
    bool any = false;

    if (state != MAPPED)
        return false;
    for (unsigned i = 0; i < k->segments_count; i++)
        if (segment_put_back(&k->segments[i]))
            any = true;
    for (unsigned i = 0; i < DECOYS; i++)
        segment_put_back(&decoys[i]);
    if (any)
        patch(k);
    return any;
}
