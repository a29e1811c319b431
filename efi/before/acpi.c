/* SPDX-License-Identifier: MIT */
/*
 * The processors, and the I/O APIC that the RTC's line leads to, from the MADT
 * (ACPI 6.5, 5.2.12).  Tables are believed only with a good length and
 * checksum.  Called by mp.c.
 */
#include <efi.h>

#include "firmware.h"
#include "machine.h"
#include "madt.h"
#include "mem.h"

#define TABLE_MAX (1u << 20) /* bytes; no sane table is longer */
#define RSDP_RSDT 16         /* offsets of the tables' addresses */
#define RSDP_XSDT 24
#define RSDP_LENGTH_1 20 /* bytes of ACPI 1.0's */
#define RSDP_LENGTH 36
#define RSDP_REVISION 15
#define TABLE_HEADER 36 /* bytes */
#define TABLE_LENGTH 4  /* offset */
#define POLARITY 3u     /* of an override's flags */
#define ACTIVE_LOW 3u
#define IOAPIC_USUAL 0xfec00000ull /* where no MADT says */

static uint32_t read32(const uint8_t *p)
{
    uint32_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static uint64_t read64(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof(v));
    return v;
}

static bool sums_to_zero(const uint8_t *p, uint32_t n)
{
    uint8_t sum = 0;

    for (uint32_t i = 0; i < n; i++)
        sum = (uint8_t)(sum + p[i]);
    return sum == 0;
}

/* The table's length, or 0 when it is not to be believed. */
static uint32_t table_length(const uint8_t *t, const char *signature)
{
    uint32_t n;

    if (!t || memcmp(t, signature, 4) != 0)
        return 0;
    n = read32(t + TABLE_LENGTH);
    if (n < TABLE_HEADER || n > TABLE_MAX || !sums_to_zero(t, n))
        return 0;
    return n;
}

/* The table of tables: with addresses of 8 bytes, or of 4 where the firmware
 * is of ACPI 1.0. */
struct root {
    const uint8_t *table;
    uint32_t length; /* 0: there is none */
    uint32_t step;   /* bytes an address */
};

static struct root root_find(void)
{
    static const EFI_GUID acpi2 = ACPI_20_TABLE_GUID, acpi1 = ACPI_TABLE_GUID;
    const uint8_t *r = firmware_table(&acpi2);
    struct root root = {.length = 0};

    if (!r)
        r = firmware_table(&acpi1);
    if (!r || memcmp(r, "RSD PTR ", 8) != 0 ||
        !sums_to_zero(r, r[RSDP_REVISION] < 2 ? RSDP_LENGTH_1 : RSDP_LENGTH))
        return root;
    if (r[RSDP_REVISION] < 2) {
        root.table = (const uint8_t *)(uint64_t)read32(r + RSDP_RSDT);
        root.length = table_length(root.table, "RSDT");
        root.step = 4;
    } else {
        root.table = (const uint8_t *)read64(r + RSDP_XSDT);
        root.length = table_length(root.table, "XSDT");
        root.step = 8;
    }
    return root;
}

static const uint8_t *table_at(const struct root *r, uint32_t at)
{
    const uint8_t *p = r->table + at;

    return (const uint8_t *)(r->step == 8 ? read64(p) : (uint64_t)read32(p));
}

bool acpi_ask(struct handoff *h, madt_processor *processor, void *context)
{
    struct root r = root_find();
    struct madt m = {.line = RTC_IRQ, .ioapic = IOAPIC_USUAL};

    for (uint32_t at = TABLE_HEADER; at + r.step <= r.length; at += r.step) {
        const uint8_t *t = table_at(&r, at);
        uint32_t length = table_length(t, "APIC");

        if (length) {
            madt_read(&m, t, length, processor, context);
            break;
        }
    }
    h->ioapic = m.ioapic;
    h->rtc_pin = (uint8_t)(m.line - m.first);
    h->rtc_low = (m.flags & POLARITY) == ACTIVE_LOW;
    return !m.cut;
}
