/* SPDX-License-Identifier: MIT */
/*
 * IN and OUT, IOPL, and the I/O permission bitmap of the TSS.
 *
 * With CPL above IOPL the bitmap decides: a set bit forbids its port, an
 * access of two or four bytes needs all its bits clear, also across a byte of
 * the map, and what the map does not reach is forbidden.  With IOPL 3, or in
 * ring 0, nobody looks.  The processor always reads two bytes of the map, so
 * the last one must be followed by another within the limit: whether #GP(0)
 * comes if it is not is reported, not judged.
 */
#include "fmt.h"
#include "gdt.h"
#include "insn.h"
#include "judge/stimulus.h"
#include "lib/origin.h"
#include "macros.h"
#include "stacks.h"
#include "vectors.h"

#define PORT                                                                   \
    0x80 /* to 0x8f: the DMA page registers; reading them is harmless */
#define PORTS 0x90
#define MAP_BYTES (PORTS / 8)

/* A TSS like the harness's own, with a map behind it. */
static struct {
    struct tss tss;
    uint8_t map[MAP_BYTES + 1]; /* and the byte of ones that ends it */
} __attribute__((packed, aligned(512))) with_map;

#define EVERYWHERE(name, insn)                                                 \
    RING3(io_##name##3, "", insn, "");                                         \
    RING0(io_##name##0, "", insn, "");                                         \
    COMPAT(io_##name##32, "", insn, "")
EVERYWHERE(in1, "in %dx, %al");
EVERYWHERE(in2, "in %dx, %ax");
EVERYWHERE(in4, "in %dx, %eax");
EVERYWHERE(imm, "in $0x80, %al");
EVERYWHERE(out1, "out %al, %dx");

#define CODES(name)                                                            \
    {                                                                          \
        SNIPPET(io_##name##3), SNIPPET(io_##name##32), SNIPPET(io_##name##0)   \
    }

static const struct access {
    const char *name;
    unsigned width;
    struct snippet code[FROM_COUNT];
} accesses[] = {
    {"in1", 1, CODES(in1)},    {"in2", 2, CODES(in2)},   {"in4", 4, CODES(in4)},
    {"in-imm", 1, CODES(imm)}, {"out1", 1, CODES(out1)},
};

static struct {
    unsigned port;
    int denied;     /* the one port whose bit is set, or -1 */
    unsigned limit; /* of the TSS */
    bool map;       /* io_map within the limit */
    unsigned iopl;
} now;

static void before(struct trapframe *c)
{
    with_map.tss = tss;
    with_map.tss.io_map =
        now.map ? sizeof(struct tss) : (uint16_t)(now.limit + 1);
    for (unsigned i = 0; i < MAP_BYTES; i++)
        with_map.map[i] = 0;
    with_map.map[MAP_BYTES] = 0xff;
    if (now.denied >= 0)
        with_map.map[now.denied / 8] |= (uint8_t)(1u << now.denied % 8);
    descriptor_tss(&gdt[SEL_TSS / 8], (uint64_t)&with_map, now.limit);
    ltr(SEL_TSS);
    c->rdx = now.port;
    c->rflags |= (uint64_t)now.iopl << 12;
}

static void after(void)
{
    tss_load(sizeof(tss) - 1);
}

static void run(const struct access *a, enum origin from, const char *what,
                bool refused, enum confidence confidence)
{
    struct stimulus s = {
        .from = from,
        .start = a->code[from].start,
        .at = a->code[from].at,
        .resume = a->code[from].resume,
        .vector = refused ? VEC_gp : VEC_gate,
        .error_code = true,
        .saved = SAVED_AT,
        .clobbers = REG_RDX | (refused ? 0 : REG_RAX),
        .confidence = confidence,
        .before = before,
        .after = after,
        .facts = "EX12",
        .why = "above IOPL every bit of the map for the port's bytes must be "
               "clear and within the limit, else #GP(0); SDM vol 1, I/O "
               "Permission Bit Map",
    };
    char id[44];

    fmt(id, sizeof(id), "io.%s.%s.%s", a->name, what, origin_ids[from]);
    s.id = id;
    check_run(&s);
}

/* Each bit of the ports around the access, alone. */
static void run_bits(const struct access *a, enum origin from, unsigned port)
{
    char what[16];

    now.port = port;
    for (unsigned denied = port - 1; denied <= port + a->width; denied++) {
        bool hit = denied >= port && denied < port + a->width;

        now.denied = (int)denied;
        fmt(what, sizeof(what), "%x.bit-%x", port, denied);
        run(a, from, what, hit, CONFIDENCE_HIGH);
    }
}

static void run_all(const struct access *a, enum origin from)
{
    bool above_iopl = from != FROM_RING0;

    now.map = true;
    now.iopl = 0;
    now.limit = sizeof(with_map) - 1;
    now.denied = -1;
    now.port = PORT;
    run(a, from, "clear", false, CONFIDENCE_HIGH);
    now.denied = PORT;
    run(a, from, "set", above_iopl, CONFIDENCE_HIGH);
    now.iopl = 3;
    run(a, from, "set-iopl3", false, CONFIDENCE_HIGH);
    now.iopl = 0;
    now.denied = -1;
    now.limit = sizeof(struct tss) - 1 + PORT / 8;
    run(a, from, "beyond-limit", above_iopl, CONFIDENCE_HIGH);
    now.limit++; /* the port's byte is there, the one behind it is not */
    run(a, from, "no-second-byte", above_iopl, CONFIDENCE_VALUE);
    now.limit = sizeof(with_map) - 1;
    now.map = false;
    run(a, from, "no-map", above_iopl, CONFIDENCE_HIGH);
    now.map = true;
}

void case_ex_io(void)
{
    for (unsigned i = 0; i < COUNT(accesses); i++)
        for (unsigned from = 0; from < FROM_COUNT; from++) {
            const struct access *a = &accesses[i];

            run_all(a, from);
            if (from == FROM_RING0 || a->code[0].start == io_imm3 ||
                a->code[0].start == io_out13)
                continue;
            run_bits(a, from, PORT + 4);            /* within a byte */
            run_bits(a, from, PORT + 9 - a->width); /* up to or over its end */
        }
}
