/* SPDX-License-Identifier: MIT */
/*
 * Where is the frame that a stub will leave by?
 *
 * Where the processor has pushed it, mostly.  But a stub may move it to another
 * stack, as kernels do that give user mode page tables of its own, or work on
 * a copy.  Then that one is looked for: on the stack that the stub calls on,
 * words that hold the interrupted RIP, CS, RSP and SS in their places.
 */
#include "page.h"
#include "pte.h"
#include "walking.h"

static bool is_copy(const uint64_t *frame)
{
    static const unsigned told[] = {0, 1, 3, 4}; /* not by RFLAGS */

    for (unsigned i = 0; i < sizeof(told) / sizeof(told[0]); i++)
        if (frame[told[i]] != walking.pushed[told[i]])
            return false;
    return true;
}

/* A page's worth from RSP up, but no further than anything is mapped. */
bool walking_frames(uint64_t rsp, void (*each)(uint64_t *frame))
{
    const uint64_t *end = (const uint64_t *)((rsp | (PAGE_SIZE - 1)) + 1);
    /* Of an exit that has faulted the stub may have put the frame that was not
     * taken in its own's place: that is where it leaves by. */
    bool found = !walking.seen || walking.faulted || is_copy(walking.frame);

    if (found)
        each(walking.frame);
    walking.moved = walking.moved || !found;
    if (page_physical(end))
        end = (const uint64_t *)(rsp + PAGE_SIZE);
    for (uint64_t *at = (uint64_t *)rsp;
         walking.seen && at + FRAME_WORDS <= end; at++)
        if (at != walking.frame && is_copy(at)) {
            each(at);
            found = true;
        }
    return found;
}
