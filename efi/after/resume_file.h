/* SPDX-License-Identifier: MIT */
/*
 * \RINGSIDE\RESUME.BIN: the journal that a script has kept of a run whose
 * machine died (--stream), given back for the next boot to go on with.
 * scripts/ringside/resume.py writes it.  Plain C, shared with the host tests.
 */
#ifndef RINGSIDE_RESUME_FILE_H
#define RINGSIDE_RESUME_FILE_H

#include <stdint.h>

#include "record.h"

#define RESUME_FILE_MAGIC 0x454d555345525352ull /* "RSRESUME" */

/* What ended the machine. */
enum down {
    DOWN_RESET,  /* what it did itself */
    DOWN_HANG,   /* it no longer answered */
    DOWN_KILLED, /* somebody outside, for reasons of their own */
    DOWN_COUNT,
};

struct resume_file {
    uint64_t magic;
    uint32_t version; /* RECORD_VERSION */
    uint32_t down;    /* enum down */
    uint32_t boots;   /* of this run, so far */
    uint32_t size;    /* of the journal that follows, bytes */
    char words[100];  /* how it ended, for the report; "": as it is called */
    uint32_t crc;     /* of the fields above and the journal */
};

/*
 * Is a file of n bytes one that this start can go on with?  NULL, or in a few
 * words why not.
 */
const char *resume_file_bad(const struct resume_file *f, uint64_t n,
                            const struct record_machine *here);

#endif
