/* SPDX-License-Identifier: MIT */
/*
 * The serial driver against a model of the 16550 that can be absent, stuck or
 * poor.  The driver's source is included here with the model's port access in
 * place of include/insn.h; each look at the TSC takes TICK cycles.
 */
#include "host.h"

#define RINGSIDE_INSN_H
static uint8_t inb(uint16_t port);
static void outb(uint16_t port, uint8_t v);
static uint64_t rdtsc(void);
static void pause(void)
{
}

#include "screen/serial.c"

enum {
    PORT = SERIAL_COM1,
    BUSY_READS = 3, /* of LSR until what was written has left */
    TICK = 4096,    /* TSC cycles that a look at it takes */
    HZ = 1000 * TICK,
};

static struct uart {
    bool absent;      /* nothing on the bus: reads as 0xff */
    bool zero;        /* all reads give 0 */
    bool no_scratch;  /* the register reads as scratch_is */
    bool no_loopback; /* a register file that is no UART */
    bool no_fifo;
    bool stuck; /* the transmitter never gets empty */
    uint8_t scratch_is;
    uint8_t ier, lcr, mcr, scratch, fcr;
    uint16_t divisor;
    unsigned queued;  /* bytes that wait for the line */
    unsigned busy;    /* reads of LSR until they have left */
    unsigned overrun; /* bytes written to a full transmitter */
    unsigned looped;  /* bytes that a loopback caught on their way out */
    char out[4096];
    unsigned n;
} uart;
static uint64_t tsc;
static unsigned accesses;

static uint64_t rdtsc(void)
{
    return tsc++ * TICK;
}

static uint8_t read_lsr(void)
{
    if (uart.stuck)
        return 0;
    if (uart.busy > 0) {
        uart.busy--;
        return 0;
    }
    uart.queued = 0;
    return LSR_THRE | LSR_TEMT;
}

static uint8_t read_msr(void)
{
    if (!(uart.mcr & MCR_LOOP) || uart.no_loopback)
        return 0xb0;
    return (uart.mcr & MCR_RTS ? MSR_CTS : 0) |
           (uart.mcr & MCR_OUT2 ? MSR_DCD : 0);
}

static uint8_t inb(uint16_t port)
{
    accesses++;
    assert_in_range(port, PORT, PORT + UART_SCRATCH);
    if (uart.absent || uart.zero)
        return uart.absent ? 0xff : 0;
    switch (port - PORT) {
    case UART_IIR:
        return uart.no_fifo || !(uart.fcr & 1) ? 0x01 : 0xc1;
    case UART_LCR:
        return uart.lcr;
    case UART_MCR:
        return uart.mcr;
    case UART_LSR:
        return read_lsr();
    case UART_MSR:
        return read_msr();
    case UART_SCRATCH:
        return uart.no_scratch ? uart.scratch_is : uart.scratch;
    default:
        return 0;
    }
}

static void transmit(uint8_t v)
{
    if (uart.queued >= (uart.no_fifo ? 1u : 16u))
        uart.overrun++;
    uart.queued++;
    uart.busy = BUSY_READS;
    if (uart.n < sizeof(uart.out))
        uart.out[uart.n++] = (char)v;
}

static void outb(uint16_t port, uint8_t v)
{
    bool dlab = uart.lcr & LCR_DLAB;

    accesses++;
    assert_in_range(port, PORT, PORT + UART_SCRATCH);
    switch (port - PORT) {
    case UART_DATA:
        if (dlab)
            uart.divisor = (uint16_t)((uart.divisor & 0xff00) | v);
        else
            transmit(v);
        break;
    case UART_IER:
        if (dlab)
            uart.divisor = (uint16_t)((uart.divisor & 0xff) | v << 8);
        else
            uart.ier = v;
        break;
    case UART_FCR:
        uart.fcr = v;
        break;
    case UART_LCR:
        uart.lcr = v;
        break;
    case UART_MCR:
        if ((v & MCR_LOOP) && uart.busy > 0)
            uart.looped += uart.queued;
        uart.mcr = v;
        break;
    case UART_SCRATCH:
        uart.scratch = v;
        break;
    }
}

static int fresh(void **state)
{
    memset(&uart, 0, sizeof(uart));
    uart.ier = 0x0f; /* as a firmware might have left it */
    uart.lcr = LCR_8N1;
    uart.mcr = 0x0b;
    uart.scratch = 0x42;
    uart.divisor = 12;
    accesses = 0;
    serial_init(0, 0);
    return 0;
}

static void probe_finds_and_restores(void **state)
{
    struct uart before = uart;

    assert_true(serial_probe(PORT));
    assert_memory_equal(&uart, &before, sizeof(before));
}

static void probe_lets_output_drain(void **state)
{
    transmit('x');
    assert_true(serial_probe(PORT));
    assert_int_equal(uart.looped, 0);
}

static void probe_refuses(void **state)
{
    assert_false(serial_probe(0));
    assert_int_equal(accesses, 0);
    uart.absent = true;
    assert_false(serial_probe(PORT));
    fresh(NULL);
    uart.zero = true;
    assert_false(serial_probe(PORT));
    fresh(NULL);
    uart.no_scratch = true;
    for (unsigned v = 0; v < 0x100; v++) {
        uart.scratch_is = (uint8_t)v;
        assert_false(serial_probe(PORT));
    }
    fresh(NULL);
    uart.no_loopback = true;
    assert_false(serial_probe(PORT));
    assert_int_equal(uart.mcr, 0x0b);
    fresh(NULL);
    uart.stuck = true;
    tsc = 0;
    assert_false(serial_probe(PORT));
    assert_in_range(tsc, 1, UNCALIBRATED_CYCLES / TICK + 10);
}

static void init_sets_115200_8n1(void **state)
{
    serial_init(PORT, HZ);
    assert_true(serial_alive());
    assert_int_equal(uart.divisor, 1);
    assert_int_equal(uart.lcr, 0x03);
    assert_int_equal(uart.ier, 0);
    assert_int_equal(uart.mcr & MCR_LOOP, 0);
    assert_int_equal(uart.n, 0);
}

static void put_text(void **state)
{
    serial_init(PORT, HZ);
    serial_put("ok 1\nnot ok 2\n", 14);
    assert_int_equal(uart.n, 16);
    assert_memory_equal(uart.out, "ok 1\r\nnot ok 2\r\n", 16);
}

static void put_never_overruns(bool no_fifo)
{
    char text[1000];

    uart.no_fifo = no_fifo;
    memset(text, 'x', sizeof(text));
    serial_init(PORT, HZ);
    for (unsigned n = 1; n < 60; n++)
        serial_put(text, n);
    serial_put(text, sizeof(text));
    assert_int_equal(uart.n, 59 * 60 / 2 + 1000);
    assert_int_equal(uart.overrun, 0);
}

static void put_with_fifo(void **state)
{
    put_never_overruns(false);
}

static void put_without_fifo(void **state)
{
    put_never_overruns(true);
}

/* A second init, as after a hand-over in mid-burst, starts afresh. */
static void put_after_second_init(void **state)
{
    serial_init(PORT, HZ);
    serial_put("abc", 3);
    uart.no_fifo = true;
    serial_init(PORT, HZ);
    serial_put("def", 3);
    assert_int_equal(uart.overrun, 0);
}

/* One wait of a tenth of a second, then never again. */
static void stuck_port_is_given_up(void **state)
{
    serial_init(PORT, HZ);
    serial_put("before", 6);
    uart.stuck = true;
    tsc = 0;
    serial_put("a text of more bytes than any FIFO could take", 45);
    assert_false(serial_alive());
    assert_in_range(tsc, 100, 110);
    accesses = 0;
    uart.stuck = false;
    serial_put("more", 4);
    assert_int_equal(accesses, 0);
}

static void stuck_at_init(void **state)
{
    uart.stuck = true;
    tsc = 0;
    serial_init(PORT, HZ);
    assert_in_range(tsc, 100, 110);
    assert_false(serial_alive());
    assert_int_equal(uart.divisor, 12);
}

static void no_port(void **state)
{
    serial_put("text\n", 5);
    assert_int_equal(accesses, 0);
    assert_false(serial_alive());
}

TEST_LIST(serial, cmocka_unit_test_setup(probe_finds_and_restores, fresh),
          cmocka_unit_test_setup(probe_lets_output_drain, fresh),
          cmocka_unit_test_setup(probe_refuses, fresh),
          cmocka_unit_test_setup(init_sets_115200_8n1, fresh),
          cmocka_unit_test_setup(put_text, fresh),
          cmocka_unit_test_setup(put_with_fifo, fresh),
          cmocka_unit_test_setup(put_without_fifo, fresh),
          cmocka_unit_test_setup(put_after_second_init, fresh),
          cmocka_unit_test_setup(stuck_port_is_given_up, fresh),
          cmocka_unit_test_setup(stuck_at_init, fresh),
          cmocka_unit_test_setup(no_port, fresh));
