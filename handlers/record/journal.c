/* SPDX-License-Identifier: MIT */
/*
 * The journal: written by efi/ and the core, read by whoever renders it.
 * The layout, and why it is so, stands in journal.h.
 *
 * The reader trusts nothing: the area may be memory that a reset scrambled,
 * a file that was cut short, or an older run's leftovers.
 */
#include "journal.h"
#include "record.h"

#define ALIGN 8u
#define STRIDE (8 * ALIGN) /* at a time, where there is nothing */

static uint32_t room_for(unsigned length)
{
    return (sizeof(struct record_header) + length + ALIGN - 1) & ~(ALIGN - 1);
}

static uint32_t header_crc(const struct journal_header *h)
{
    return crc32(0, h, offsetof(struct journal_header, crc));
}

/* The nonce comes first: another run's record fails by its CRC alone. */
static uint32_t record_crc(uint64_t nonce, unsigned type, unsigned length,
                           uint32_t seq, const void *payload)
{
    const struct record_header h = {
        .type = (uint16_t)type, .length = (uint16_t)length, .seq = seq};
    uint32_t crc = crc32(0, &nonce, sizeof(nonce));

    crc = crc32(crc, &h.type,
                offsetof(struct record_header, crc) -
                    offsetof(struct record_header, type));
    return crc32(crc, payload, length);
}

/* The eight bytes at this place, written by one store. */
static void set_word(struct journal *j, uint32_t at, uint64_t v)
{
    *(volatile uint64_t *)(j->base + at) = v;
}

/*
 * A zero where the next record would begin tells the reader an end from a
 * damaged record, whatever an older run has left behind it.
 */
static void terminate(struct journal *j)
{
    if (j->used < j->size)
        set_word(j, j->used, 0);
}

/* From there to behind the zero that ends the journal. */
static void flush_from(const struct journal *j, uint32_t at)
{
    uint32_t end = j->used + ALIGN < j->size ? j->used + ALIGN : j->size;

    journal_flush(j->base + at, end - at);
}

void journal_create(struct journal *j, void *base, uint32_t size,
                    uint64_t nonce)
{
    struct journal_header *h = base;

    size &= ~(ALIGN - 1);
    *h = (struct journal_header){
        .magic = JOURNAL_MAGIC,
        .nonce = nonce,
        .version = RECORD_VERSION,
        .size = size,
    };
    h->crc = header_crc(h);
    *j = (struct journal){
        .base = base,
        .size = size,
        .used = sizeof(*h),
        .nonce = nonce,
    };
    terminate(j);
    flush_from(j, 0);
}

bool journal_resume(struct journal *j, void *base, uint32_t size)
{
    struct journal_cursor c;
    const void *payload;

    if (journal_open(&c, base, size, 0) != JOURNAL_OK)
        return false;
    while (journal_next(&c, &payload) != NULL)
        continue;
    *j = (struct journal){
        .base = base,
        .size = c.size,
        .used = c.at,
        .seq = c.next_seq,
        .nonce = c.nonce,
    };
    terminate(j);
    flush_from(j, j->used);
    return true;
}

bool journal_append(struct journal *j, unsigned type, const void *payload,
                    unsigned length)
{
    struct record_header *r = (struct record_header *)(j->base + j->used);
    bool final = type == RECORD_LAST_WORDS || type == RECORD_END;
    uint32_t need = room_for(length) + (final ? 0 : JOURNAL_RESERVE);

    if (length > JOURNAL_PAYLOAD_MAX || need > j->size - j->used) {
        j->lost++;
        return false;
    }
    for (unsigned i = 0; i < length; i++)
        ((uint8_t *)(r + 1))[i] = ((const uint8_t *)payload)[i];
    r->seq = j->seq++;
    r->crc = record_crc(j->nonce, type, length, r->seq, r + 1);
    j->last = j->used;
    j->used += room_for(length);
    terminate(j);
    flush_from(j, j->last);
    set_word(j, j->last, RECORD_FIRST_WORD(type, length));
    journal_flush(r, sizeof(uint64_t));
    return true;
}

bool journal_amend(struct journal *j, unsigned type, const void *payload,
                   unsigned length)
{
    const struct record_header *r =
        (const struct record_header *)(j->base + j->last);

    if (j->last != 0 && r->type == type) {
        j->used = j->last;
        if (j->unsent > j->used)
            j->unsent = j->used;
        terminate(j); /* absent before it changes */
        flush_from(j, j->used);
        j->seq--;
        j->last = 0;
    }
    return journal_append(j, type, payload, length);
}

void journal_cut(struct journal *j, const struct record_header *from)
{
    uint32_t at = (uint32_t)((const uint8_t *)from - j->base), end = j->used;

    j->seq = from->seq;
    j->used = at;
    j->last = 0;
    if (j->unsent > at)
        j->unsent = at;
    /* From the front: what is left of it is none the worse. */
    for (uint32_t i = at; i < end; i += ALIGN)
        set_word(j, i, 0);
    journal_flush(j->base + at, end - at);
}

enum journal_status journal_open(struct journal_cursor *c, const void *base,
                                 uint32_t size, uint64_t nonce)
{
    const struct journal_header *h = base;

    *c = (struct journal_cursor){.base = base, .at = sizeof(*h)};
    if (base == NULL || size < sizeof(*h) || h->magic != JOURNAL_MAGIC)
        return JOURNAL_ABSENT;
    if (h->crc != header_crc(h) || h->version != RECORD_VERSION ||
        h->size < sizeof(*h))
        return JOURNAL_BAD_HEADER;
    if (nonce != 0 && h->nonce != nonce)
        return JOURNAL_OTHER_NONCE;
    c->nonce = h->nonce;
    c->size = h->size < size ? h->size : size; /* a dump may be cut short */
    c->size &= ~(ALIGN - 1);
    return JOURNAL_OK;
}

/* The record at this place, or NULL if what stands there is none of ours. */
static const struct record_header *record_at(const struct journal_cursor *c,
                                             uint32_t at)
{
    const struct record_header *r =
        (const struct record_header *)(c->base + at);
    uint32_t crc;

    if (c->size - at < sizeof(*r) || r->magic != RECORD_MAGIC)
        return NULL;
    if (r->length > JOURNAL_PAYLOAD_MAX ||
        r->length > c->size - at - sizeof(*r) || r->seq < c->next_seq)
        return NULL;
    crc = record_crc(c->nonce, r->type, r->length, r->seq, r + 1);
    return r->crc == crc ? r : NULL;
}

/*
 * Mostly there are megabytes of nothing behind the last record.  A loop's round
 * may be dear: Bochs counts more than ten cycles for one, however short, while
 * other processors wait.
 */
static uint32_t behind_nothing(const struct journal_cursor *c, uint32_t at)
{
    for (; at + STRIDE < c->size; at += STRIDE) {
        const uint64_t *w = (const uint64_t *)(c->base + at);

        if (w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7])
            break;
    }
    while (at + ALIGN < c->size && *(const uint64_t *)(c->base + at) == 0)
        at += ALIGN;
    return at;
}

const struct record_header *journal_next(struct journal_cursor *c,
                                         const void **payload)
{
    for (uint32_t at = c->at; at < c->size; at += ALIGN) {
        const struct record_header *r;

        at = behind_nothing(c, at);
        r = record_at(c, at);

        if (r == NULL)
            continue;
        c->damaged += r->seq - c->next_seq;
        c->next_seq = r->seq + 1;
        c->at = at + room_for(r->length);
        *payload = r + 1;
        return r;
    }
    if (!c->ended && c->at < c->size &&
        *(const uint64_t *)(c->base + c->at) != 0) {
        c->damaged++; /* something was written here, at least one record */
        c->next_seq++;
    }
    c->ended = true;
    return NULL;
}
