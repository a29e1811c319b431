/* SPDX-License-Identifier: MIT */
/*
 * The serial line: the output that a machine without a screen, and every lab,
 * reads.  Compiled into the core, which writes, and into efi/, which probes.
 */
#include "serial.h"

#include "insn.h"

/* Registers, as offsets from the I/O base. */
enum {
    UART_DATA = 0, /* transmit holding; divisor low with DLAB */
    UART_IER = 1,  /* interrupt enable; divisor high with DLAB */
    UART_FCR = 2,  /* FIFO control, write */
    UART_IIR = 2,  /* interrupt identification, read */
    UART_LCR = 3,  /* line control */
    UART_MCR = 4,  /* modem control */
    UART_LSR = 5,  /* line status */
    UART_MSR = 6,  /* modem status */
    UART_SCRATCH = 7,
};

enum {
    LCR_8N1 = 0x03,
    LCR_DLAB = 0x80,         /* the divisor stands at offsets 0 and 1 */
    FCR_ENABLE_CLEAR = 0x07, /* FIFOs on, both emptied */
    IIR_FIFO = 0xc0,         /* both bits set: the FIFOs work */
    MCR_DTR = 0x01,
    MCR_RTS = 0x02,
    MCR_OUT2 = 0x08,
    MCR_LOOP = 0x10,
    MSR_CTS = 0x10,
    MSR_DCD = 0x80,
    MSR_LINES = 0xf0,
    LSR_THRE = 0x20,  /* the holding register, or the FIFO, is empty */
    LSR_TEMT = 0x40,  /* ... and the last bit has left */
    NO_DEVICE = 0xff, /* what an empty place on the bus reads as */
};

enum { DIVISOR_115200 = 1, FIFO_DEPTH = 16 };

/*
 * The probe runs before the TSC is calibrated: this many cycles are between
 * 50 ms and 300 ms at any rate that an x86-64 processor counts at, and 16
 * bytes at 9600 baud need 17 ms.
 */
#define UNCALIBRATED_CYCLES (UINT64_C(1) << 28)
#define WAITS_PER_SECOND 10 /* a wait ends after a tenth of a second */

static uint16_t base; /* 0: no port, or given up */
static unsigned room; /* bytes that fit once LSR_THRE is seen ... */
static unsigned left; /* ... and how many of them still do */
static uint64_t patience = UNCALIBRATED_CYCLES; /* TSC cycles */

/* Waits until all of bits are set in LSR; false after too long a wait. */
static bool wait_lsr(uint16_t port, uint8_t bits)
{
    uint64_t start = rdtsc();

    while ((inb(port + UART_LSR) & bits) != bits) {
        if (rdtsc() - start > patience)
            return false;
        pause();
    }
    return true;
}

static bool scratch_holds(uint16_t port, uint8_t v)
{
    outb(port + UART_SCRATCH, v);
    return inb(port + UART_SCRATCH) == v;
}

/*
 * In loopback the modem outputs appear as modem inputs: RTS as CTS and OUT2
 * as DCD, with the two others low.  Only a UART does that, and no data moves.
 */
static bool loops_back(uint16_t port)
{
    uint8_t mcr = inb(port + UART_MCR);
    uint8_t lines;

    outb(port + UART_MCR, MCR_LOOP | MCR_OUT2 | MCR_RTS);
    lines = inb(port + UART_MSR) & MSR_LINES;
    outb(port + UART_MCR, mcr);
    return lines == (MSR_CTS | MSR_DCD);
}

bool serial_probe(uint16_t port)
{
    uint8_t scratch;
    bool found;

    if (port == 0 || inb(port + UART_LSR) == NO_DEVICE)
        return false;
    scratch = inb(port + UART_SCRATCH);
    found = scratch_holds(port, 0x5a) && scratch_holds(port, 0xa5);
    outb(port + UART_SCRATCH, scratch);
    /* What the firmware still sends must not run into the loop. */
    return found && wait_lsr(port, LSR_TEMT) && loops_back(port);
}

void serial_init(uint16_t port, uint64_t tsc_hz)
{
    patience = tsc_hz ? tsc_hz / WAITS_PER_SECOND : UNCALIBRATED_CYCLES;
    base = 0;
    /* Let the firmware's last bytes out before the rate changes. */
    if (port == 0 || !wait_lsr(port, LSR_TEMT))
        return;
    outb(port + UART_IER, 0);
    outb(port + UART_LCR, LCR_DLAB | LCR_8N1);
    outb(port + UART_DATA, DIVISOR_115200);
    outb(port + UART_IER, 0);
    outb(port + UART_LCR, LCR_8N1);
    outb(port + UART_FCR, FCR_ENABLE_CLEAR);
    outb(port + UART_MCR, MCR_DTR | MCR_RTS);
    room = (inb(port + UART_IIR) & IIR_FIFO) == IIR_FIFO ? FIFO_DEPTH : 1;
    left = 0;
    base = port;
}

static void put_byte(uint8_t c)
{
    if (base == 0)
        return;
    if (left == 0) {
        if (!wait_lsr(base, LSR_THRE)) {
            base = 0;
            return;
        }
        left = room;
    }
    outb(base + UART_DATA, c);
    left--;
}

void serial_put(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\n')
            put_byte('\r');
        put_byte((uint8_t)s[i]);
    }
}

void serial_drain(void)
{
    if (base != 0)
        wait_lsr(base, LSR_TEMT);
}

bool serial_alive(void)
{
    return base != 0;
}
