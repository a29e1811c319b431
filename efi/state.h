/* SPDX-License-Identifier: MIT */
/*
 * The state variable: what boot B must know to find the run of boot A.
 */
#ifndef RINGSIDE_STATE_H
#define RINGSIDE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#define STATE_MAGIC 0x45544154u /* "TATE" */
#define STATE_VERSION 3
#define STATE_ATTEMPTS_MAX 2 /* boots that may try to deliver one report */

struct state {
    uint32_t magic, version;
    uint64_t nonce;
    uint64_t journal;      /* physical address */
    uint32_t journal_size; /* bytes */
    uint16_t boot_option;  /* the number that BootNext was set to */
    uint16_t own_option;   /* 1: that Boot#### was made for this run */
    uint32_t attempts;     /* boots that have begun to read this */
    uint32_t resumes;      /* times that the run went on behind a check */
    uint32_t crc;          /* of the fields above */
};

/* What the variable store holds. */
enum state_found { STATE_NONE, STATE_DAMAGED, STATE_FOUND };
enum state_found state_read(struct state *st);

/* Writes it, with magic, version and crc; an EFI_STATUS. */
uint64_t state_write(struct state *st);

/*
 * Removes everything that a run left in the variable store: our Boot####,
 * BootNext if it still names it, digest, state.  An EFI_STATUS: of the first
 * removal that failed.
 */
uint64_t state_forget(const struct state *st);

#endif
