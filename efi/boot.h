/* SPDX-License-Identifier: MIT */
/*
 * One start of this image: what main.c finds out and hands on.
 *
 *   boot A  takes the machine over; does not come back if all goes well
 *   boot B  finds what boot A's core left, and delivers the report
 */
#ifndef RINGSIDE_BOOT_H
#define RINGSIDE_BOOT_H

#include <efi.h>

#include "handoff.h"
#include "options.h"
#include "record.h"
#include "record/journal.h"
#include "state.h"

#define ARGS_MAX 1280 /* bytes of one option line, with the NUL */

struct boot {
    EFI_HANDLE image;
    EFI_LOADED_IMAGE *loaded;
    struct options options;
    char given[96]; /* the option line as given, cfg first; may be cut */
    char load_options[ARGS_MAX]; /* of it, what came with this start, whole */
    bool shell;      /* the Shell started us, and will show what we say */
    bool reported;   /* this start was a boot B */
    bool by_journal; /* the run was found by its journal alone: found.c */
    struct state state;
    struct { /* a run that goes on behind a check: resume.c */
        bool active;
        bool nothing;   /* in memory: a script has it, or no case had begun */
        uint32_t after; /* handoff.resume_after */
        uint32_t count; /* state.resumes */
        uint64_t journal, nonce;
        uint32_t journal_size;
        uint32_t sent; /* handoff.journal_sent */
    } resume;
    struct record_machine machine;
    struct handoff handoff;
    struct journal journal;
};

/* Returns only when the run did not start, after one line that says why. */
EFI_STATUS boot_a(struct boot *b);

/* Goes on with the run in \RINGSIDE\RESUME.BIN, if that is there and of this
 * image, machine and options: b->machine.  Called by boot_a(). */
enum given_back {
    GIVEN_NOTHING,  /* or of no use, after one line that says why */
    GIVEN_TAKEN,    /* b->resume is filled in */
    GIVEN_HOPELESS, /* nothing goes on behind what took the machine down */
};
enum given_back resume_take_file(struct boot *b);

/* Delivers the report of the run that b->state names. */
void boot_b(struct boot *b);

#endif
