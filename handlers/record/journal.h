/* SPDX-License-Identifier: MIT */
/*
 * The journal: an append-only area of memory that survives the warm reset by
 * its address.  Plain C, shared by efi/, the core and the host program.
 *
 * Layout: struct journal_header, then records, each a struct record_header
 * and its payload, 8-byte aligned.  No count is kept anywhere: a record is
 * valid by its own CRC, which is seeded with the run's nonce, so leftovers of
 * an earlier run never pass for this one's, and damage costs one record, not
 * the journal.
 *
 * A record is whole or absent, whenever the machine stops and whatever of the
 * caches has reached memory by then: a zero stands where it begins until the
 * rest of it, and the zero behind it, are in memory; one store of eight bytes
 * then makes it visible, and nothing goes on before that is in memory, too.
 */
#ifndef RINGSIDE_JOURNAL_H
#define RINGSIDE_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JOURNAL_MAGIC 0x45444953474e4952ull /* "RINGSIDE" */
#define JOURNAL_SIZE (8u << 20)             /* bytes asked for by efi/ */

struct journal_header {
    uint64_t magic;
    uint64_t nonce;
    uint32_t version; /* RECORD_VERSION */
    uint32_t size;    /* of the whole area, bytes */
    uint32_t crc;     /* of the fields above */
    uint32_t pad;
};

struct record_header {
    uint32_t magic;  /* RECORD_MAGIC */
    uint16_t type;   /* enum record_type */
    uint16_t length; /* of the payload, bytes */
    uint32_t seq;    /* 0, 1, 2, ... */
    uint32_t crc;    /* nonce, type, length, seq, payload */
};

/* The first eight bytes, which one store writes. */
#define RECORD_FIRST_WORD(type, length)                                        \
    (RECORD_MAGIC | (uint64_t)(uint16_t)(type) << 32 |                         \
     (uint64_t)(uint16_t)(length) << 48)

#define RECORD_MAGIC 0x43455252u  /* "RREC" */
#define JOURNAL_PAYLOAD_MAX 1024u /* bytes; bounds the reader's search */

struct journal {
    uint8_t *base;
    uint32_t size, used, seq;
    uint32_t last;   /* where the last record begins; 0: not known */
    uint32_t unsent; /* from here on nobody else has it: result_send() */
    uint64_t nonce;
    uint32_t lost; /* records that found no room */
};

/* Starts an empty journal in base[size]; base 8-byte aligned, size >= 8 KiB. */
void journal_create(struct journal *j, void *base, uint32_t size,
                    uint64_t nonce);

/*
 * Takes an existing journal over for appending (the core, after efi/ wrote
 * the first records).  False when the header is not valid.
 */
bool journal_resume(struct journal *j, void *base, uint32_t size);

/*
 * Appends one record.  False, and counted in lost, when there is no room; the
 * last JOURNAL_RESERVE bytes are kept for RECORD_LAST_WORDS and RECORD_END.
 */
bool journal_append(struct journal *j, unsigned type, const void *payload,
                    unsigned length);

#define JOURNAL_RESERVE 4096u

/* Appends one record in place of the last one if that is of the same type. */
bool journal_amend(struct journal *j, unsigned type, const void *payload,
                   unsigned length);

/* Takes back a record of it, and all that stands behind that. */
void journal_cut(struct journal *j, const struct record_header *from);

/* A reader's place in a journal. */
struct journal_cursor {
    const uint8_t *base;
    uint32_t size, at;
    uint64_t nonce;
    uint32_t next_seq;
    uint32_t damaged; /* records lost to flipped bits, seen so far */
    bool ended;       /* journal_next has said so */
};

enum journal_status {
    JOURNAL_OK,
    JOURNAL_ABSENT,      /* no magic there: memory did not survive */
    JOURNAL_BAD_HEADER,  /* magic but a wrong CRC, size or version */
    JOURNAL_OTHER_NONCE, /* a journal, but of another run */
};

/* Checks the header.  nonce 0 accepts any run's. */
enum journal_status journal_open(struct journal_cursor *c, const void *base,
                                 uint32_t size, uint64_t nonce);

/*
 * The next valid record, or NULL at the end.  Skips damaged stretches by
 * looking for the next record with a good CRC and a higher seq.  The pointers
 * stay valid while the area does.
 */
const struct record_header *journal_next(struct journal_cursor *c,
                                         const void **payload);

/* Returns when these bytes are in memory, where a reset does not lose them. */
void journal_flush(const void *from, size_t n);

uint32_t crc32(uint32_t crc, const void *data, size_t n); /* IEEE 802.3 */

#endif
