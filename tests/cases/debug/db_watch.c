/* SPDX-License-Identifier: MIT */
/*
 * Data breakpoints: every type and length, against loads and stores that
 * touch the watched bytes, and some that do not.
 *
 * A breakpoint covers 1, 2, 4 or 8 aligned bytes and hits when any byte of an
 * access is among them, however wide the access is and wherever it starts.
 * The trap comes behind the instruction, RF clear in its image, with the
 * breakpoint's own bit in DR6.  Type "write" ignores loads.
 *
 * An emulator that looks at the access's first byte only misses the wide ones
 * that begin below; one that works by pages hits the neighbours too.
 */
#include "fmt.h"
#include "insn.h"
#include "lib/debug.h"
#include "lib/origin.h"
#include "lib/sequence.h"
#include "macros.h"
#include "vectors.h"

/* One access of each width; RBX has the address, RAX the value. */
#define WIDTHS(X, MODE, mode, mem)                                             \
    X(MODE, mode, 1, "%al", mem)                                               \
    X(MODE, mode, 2, "%ax", mem)                                               \
    X(MODE, mode, 4, "%eax", mem)
#define EVERYTHING(X)                                                          \
    WIDTHS(X, RING3, 3, "(%rbx)")                                              \
    X(RING3, 3, 8, "%rax", "(%rbx)")                                           \
    WIDTHS(X, RING0, 0, "(%rbx)")                                              \
    X(RING0, 0, 8, "%rax", "(%rbx)")                                           \
    WIDTHS(X, COMPAT, c, "%ss:(%ebx)")
#define EMIT(MODE, mode, width, reg, mem)                                      \
    MODE(watch_load##width##mode, "", "mov " mem ", " reg, "nop");             \
    MODE(watch_store##width##mode, "", "mov " reg ", " mem, "nop");
EVERYTHING(EMIT)

#define FROM_3 FROM_RING3
#define FROM_0 FROM_RING0
#define FROM_c FROM_COMPAT
#define ROW(MODE, mode, width, reg, mem)                                       \
    [FROM_##mode][width] = {SNIPPET(watch_load##width##mode),                  \
                            SNIPPET(watch_store##width##mode)},
static const struct snippet code[FROM_COUNT][9][2] = {EVERYTHING(ROW)};

static uint8_t bytes[32] __attribute__((section(".user.data"), aligned(16)));
#define WATCHED ((uint64_t)&bytes[8])

/* How an access lies to the watched bytes; 0 wide: as many as are watched. */
static const struct position {
    const char *name;
    unsigned width;
    int offset, from_end; /* from the first byte, or behind the last */
    bool hit;
} positions[] = {
    {"exact", 0, 0, 0, true},  {"first", 1, 0, 0, true},
    {"last", 1, -1, 1, true},  {"below", 1, -1, 0, false},
    {"above", 1, 0, 1, false}, {"across", 8, -4, 0, true},
};

static struct {
    enum debug_type type;
    unsigned length, n;
    uint64_t address; /* of the access */
    uint64_t control; /* DR7's enable bits, if not the local one */
} now;

static void before(struct trapframe *c)
{
    debug_arm(now.n, WATCHED, now.type, now.length);
    if (now.control)
        write_dr7((read_dr7() & ~(uint64_t)DR7_L(now.n)) |
                  (now.control & (DR7_L(now.n) | DR7_G(now.n))));
    c->rbx = now.address;
    c->rax = 0;
}

static const char why[] =
    "a data breakpoint traps behind each access that touches one of its bytes, "
    "of its type; SDM vol 3, Data Memory and I/O Breakpoint Exceptions";

static void run(const char *id, enum origin from, unsigned width, bool store,
                bool hit)
{
    check_run(&(struct stimulus){
        .id = id,
        .from = from,
        .start = code[from][width][store].start,
        .at = code[from][width][store].at,
        .resume = code[from][width][store].resume,
        .vector = hit ? VEC_db : VEC_gate,
        .saved = SAVED_RESUME,
        .address = DR6_B(now.n),
        .before = before,
        .after = debug_off,
        .mend = sequence_mend,
        .facts = "DB24",
        .why = why,
    });
}

static void place(enum origin from, const struct position *p, bool store)
{
    char id[44];
    unsigned width = p->width ? p->width : now.length;

    now.address =
        WATCHED + (uint64_t)(int64_t)p->offset + p->from_end * now.length;
    fmt(id, sizeof(id), "watch.%s%u.%s.%s.%s",
        now.type == DEBUG_WRITE ? "write" : "access", now.length,
        store ? "store" : "load", p->name, origin_ids[from]);
    run(id, from, width, store, p->hit && (store || now.type == DEBUG_ACCESS));
}

/* Ring 3 in all positions, the others in the first. */
static void place_all(bool store)
{
    for (unsigned i = 0; i < COUNT(positions); i++)
        if (now.length > 1 || !positions[i].hit || !positions[i].width ||
            positions[i].width > 1)
            place(FROM_RING3, &positions[i], store);
    place(FROM_RING0, &positions[0], store);
    if (now.length < 8)
        place(FROM_COMPAT, &positions[0], store);
}

/* Each of the four registers, by its local and by its global enable, and with
 * neither. */
static void enables(unsigned n)
{
    static const char *const names[] = {"off", "local", "global", "both"};
    char id[44];

    now.n = n;
    now.address = WATCHED;
    for (unsigned e = 0; e < 4; e++) {
        uint64_t bits = (e & 1 ? DR7_L(n) : 0) | (e & 2 ? DR7_G(n) : 0);

        now.control = bits ? bits : ~(uint64_t)(DR7_L(n) | DR7_G(n));
        fmt(id, sizeof(id), "watch.dr%u.%s", n, names[e]);
        run(id, FROM_RING3, now.length, true, e);
    }
    now.control = now.n = 0;
}

void case_db_watch(void)
{
    static const enum debug_type types[] = {DEBUG_WRITE, DEBUG_ACCESS};

    for (unsigned t = 0; t < COUNT(types); t++)
        for (unsigned length = 1; length <= 8; length *= 2) {
            now.type = types[t];
            now.length = length;
            place_all(false);
            place_all(true);
        }
    now.type = DEBUG_WRITE;
    now.length = 4;
    for (unsigned n = 0; n < 4; n++)
        enables(n);
}
