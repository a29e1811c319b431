/* SPDX-License-Identifier: MIT */
/*
 * The stub of a #DB, an NMI or an #MC, begun under our eyes.
 *
 * Its own entry cannot be stepped: to stop in front of its first instruction
 * takes a #DB, and if the stub is #DB's, that is the event itself.  So the
 * event hops.  A capture stub takes it on the very IST stack that the
 * specimen's stub would have been given; the frame lies there as the processor
 * pushed it; and then the specimen's stub is begun with RSP at that frame,
 * with TF set, after the harness's #DB has been given another stack:
 *
 *	the event's IST stack               the harness's IST stack
 *	  SS       top                        every #DB of the walk
 *	  RSP
 *	  RFLAGS   the true frame
 *	  CS
 *	  RIP      <- RSP, where the stub begins
 *	  (what the capture stub pushed: dead, the stub writes over it)
 *
 * Measured: an entry by INT, hopped and not, has the same registers, RSP, CS,
 * flags and bases at each of its 42 boundaries.
 *
 * What a hop costs: the IRETQ into the stub has ended the blocking of NMIs, so
 * an NMI's stub is walked as if it could be interrupted by another one from
 * its first instruction on.  That is the dangerous case, and the one asked
 * about.
 *
 * #MC cannot be raised by software.  Its frame is written, not pushed.
 */
#include "walking.h"

#include "bench.h"
#include "msr.h"
#include "vectors.h"

_Noreturn void hop_land(struct trapframe *f, uint64_t rsp)
{
    walking.hopped = true;
    walking.hopping = false;
    if (walking.s->first == WINDOW_NMI)
        bench_take(VEC_nmi);
    bench_take_db();
    f->rip = (uint64_t)walking.stub;
    f->cs = bench_kernel_cs();
    f->ss = 0;
    f->rsp = rsp;
    f->rflags = FLAG_ONE;
    engine_go_with_trap(f);
}

_Noreturn void hop_raise(struct trapframe *f)
{
    walking.origin = *f;
    walking.hopping = true;
    if (walking.s->first == WINDOW_NMI) {
        bench_capture(VEC_nmi);
        engine_go_with_nmi(f);
    }
    if (walking.s->first == WINDOW_DB) {
        bench_capture(VEC_db);
        engine_go_with_trap(f);
    }
    hop_land(f, bench_push_frame(VEC_mc, f));
}
