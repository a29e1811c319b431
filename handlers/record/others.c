/* SPDX-License-Identifier: MIT */
/* Results of other processors; see others.h. */
#include "others.h"

#include "fmt.h"
#include "handoff.h"
#include "journal.h"
#include "layout.h"
#include "packed.h"
#include "result.h"
#include "shared.h"

#define DIGESTS 32768 /* a power of two; CHECKS_MAX fills half of them */

_Static_assert(2 * CHECKS_MAX <= DIGESTS, "");
#define MERGED_MAX 512

static struct {
    uint32_t id, result; /* CRCs; id 0: free */
} digest[DIGESTS] SHARED;

static struct journal own;                   /* on another: its slice ... */
static uint32_t used[PROCESSORS_MAX] SHARED; /* ... as far as it is written */
static struct others_count count;

static struct merged {
    struct record_others others;
    struct check check;
    const void *payload;
    uint32_t length;
} merged[MERGED_MAX] FIRST_ONLY;
static struct others_merged told;

static uint32_t length_of(const char *s)
{
    uint32_t n = 0;

    while (s[n])
        n++;
    return n;
}

static uint32_t id_digest(const char *id)
{
    uint32_t crc = crc32(0, id, length_of(id));

    return crc ? crc : 1;
}

/* A verdict that needs no reason is alike whatever was seen.  What passes is
 * alike where the first has skipped it, too: it had the watchdog's line in
 * use, or the like. */
static uint32_t result_digest(unsigned verdict, const char *seen)
{
    uint8_t v = (uint8_t)verdict;
    uint32_t crc = crc32(0, &v, 1);

    if (verdict == VERDICT_PASS || verdict == VERDICT_SKIP)
        return crc;
    return crc32(crc, seen, length_of(seen));
}

/* Where an id's digest is, or would be. */
static unsigned place(uint32_t id)
{
    unsigned at = id % DIGESTS;

    while (digest[at].id && digest[at].id != id)
        at = (at + 1) % DIGESTS;
    return at;
}

void others_know(const char *id, unsigned verdict, const char *seen)
{
    uint32_t crc = id_digest(id);
    unsigned at = place(crc);

    digest[at].id = crc;
    digest[at].result = result_digest(verdict, seen);
}

static bool sink(const struct record_check *c)
{
    uint32_t id = id_digest(c->id);
    unsigned at = place(id);
    struct record_check mine = *c;

    count.checks++;
    if (digest[at].id == id &&
        (digest[at].result == result_digest(c->verdict, c->seen) ||
         (c->verdict == VERDICT_PASS &&
          digest[at].result == result_digest(VERDICT_SKIP, ""))))
        return true;
    count.others++;
    mine.cpu = (uint16_t)handoff.cpu;
    journal_check(&own, &mine);
    __atomic_store_n(&used[handoff.cpu], own.used, __ATOMIC_RELEASE);
    return true;
}

void others_begin(void)
{
    count = (struct others_count){0, 0};
    journal_resume(&own, (void *)VA_JOURNAL, handoff.journal_size);
    result_redirect(sink);
}

struct others_count others_end(void)
{
    result_redirect(0);
    return count;
}

void others_merge_begin(void)
{
    told = (struct others_merged){0, 0, 0, ""};
}

/* The same but for the processor, which comes first. */
static bool same(const struct merged *m, const void *payload, uint32_t length)
{
    uint32_t skip = sizeof(m->check.cpu);

    return m->length == length &&
           !__builtin_memcmp((const char *)m->payload + skip,
                             (const char *)payload + skip, length - skip);
}

static void merge(unsigned n, const struct check *check, const void *payload,
                  uint32_t length)
{
    unsigned i = 0;

    while (i < told.results && !same(&merged[i], payload, length))
        i++;
    if (i == MERGED_MAX) {
        told.lost++;
        return;
    }
    if (i == told.results) {
        merged[told.results++] = (struct merged){
            .check = *check, .payload = payload, .length = length};
        told.worse += check->verdict >= VERDICT_FAIL;
        if (i == 0)
            told.id = check->id;
    }
    merged[i].others.cpus[n / 8] |= (uint8_t)(1u << n % 8);
}

void others_merge(unsigned n, const void *slice, uint32_t size)
{
    uint32_t written = __atomic_load_n(&used[n], __ATOMIC_ACQUIRE);
    const struct record_header *h;
    struct journal_cursor c;
    const void *payload;
    struct check check;

    if (written < size)
        size = written;
    if (journal_open(&c, slice, size, handoff.nonce) != JOURNAL_OK)
        return;
    while ((h = journal_next(&c, &payload)))
        if (h->type == RECORD_CHECK && check_view(&check, payload, h->length))
            merge(n, &check, payload, h->length);
}

void others_merge_end(void)
{
    static uint8_t record[sizeof(struct record_others) + CHECK_PACKED_MAX];

    for (unsigned i = 0; i < told.results; i++) {
        const struct merged *m = &merged[i];

        __builtin_memcpy(record, &m->others, sizeof(m->others));
        __builtin_memcpy(record + sizeof(m->others), m->payload, m->length);
        result_append(RECORD_OTHERS, record,
                      (unsigned)sizeof(m->others) + m->length);
    }
}

struct others_merged others_merged(void)
{
    return told;
}
