/* SPDX-License-Identifier: MIT */
/*
 * Processors that listen.  Each runs a loop in ring 3 or in ring 0, or lies in
 * HLT, on the capture stubs, and counts what enters.  Who sends is in the
 * harness, with interrupts off, and asks them: has it come to those that it is
 * for, once, as it should, and to nobody else?
 *
 * That nothing came is known by what comes behind it.  Each listener is sent
 * one more interrupt, of the lowest class, once the others have arrived; when
 * that one has been taken, nothing is waiting any more.
 */
#ifndef RINGSIDE_LIB_LISTEN_H
#define RINGSIDE_LIB_LISTEN_H

#include "destination.h"
#include "engine/processors.h"
#include "judge/diff.h"

enum posture { LISTEN_RING3, LISTEN_RING0, LISTEN_HALTED, LISTEN_POSTURES };

/* Of the interrupt array, in falling priority. */
#define LISTEN_IPI 0x55
#define LISTEN_PROBE 0x31
#define LISTEN_END 0x21

/* What a listener has to say of itself, in SHARED memory. */
struct heard {
    uint32_t listens; /* 0: it does not */
    uint32_t ipis, nmis, probes, others;
    uint32_t out_of_hlt; /* of the ipis: came to a processor in HLT */
    uint32_t said;       /* listen_said as the last IPI's handler saw it */
    uint32_t tick;       /* of its loop, at the last event */
    struct destination_who who;
    char wrong[64]; /* the first entry that was not as it should be; "" */
};
struct heard *listen_heard(unsigned n);

/*
 * On the first, which is to send: all the others begin to listen, their APICs
 * set to that model, its own as well.  (From number 4 on in HLT,
 * whatever the posture: loops cost an emulator time.)  False: one of them does
 * not.  listen_end() is due in any case.
 */
bool listen_begin(enum posture posture, enum destination_model model);
void listen_end(void);

/* Does number n listen, or is it the sender? */
bool listen_is_there(unsigned n);

/*
 * Sends what the ICR says (low without vector: LISTEN_IPI is added where it is
 * no NMI) and compares who has got it with who should have: adds to d.  With
 * lowest priority one of those is enough; *who is then its number.  An NMI that
 * the sender would have to take as well is not sent.
 */
void listen_send(struct diff *d, uint32_t destination, uint32_t low,
                 unsigned *who);

/*
 * The other way round: on the first, which listens, while each of the others
 * in turn sends it one.  low as above.
 */
void listen_back(struct diff *d, enum posture posture, uint32_t low);

#endif
