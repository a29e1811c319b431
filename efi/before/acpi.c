/* SPDX-License-Identifier: MIT */
/*
 * The number of processors, from the MADT (ACPI 6.5, 5.2.12).  Tables are
 * believed only with a good length and checksum.  Called by machine.c.
 */
#include <efi.h>

#include "firmware.h"
#include "machine.h"
#include "mem.h"

#define TABLE_MAX (1u << 20) /* bytes; no sane table is longer */
#define RSDP_XSDT 24         /* offset of the XSDT's address */
#define RSDP_LENGTH 36
#define RSDP_REVISION 15
#define TABLE_HEADER 36 /* bytes */
#define TABLE_LENGTH 4  /* offset */
#define MADT_ENTRIES 44 /* offset of the first entry */
#define MADT_APIC 0     /* entry types */
#define MADT_X2APIC 9
#define MADT_ENABLED 1u

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

static const uint8_t *xsdt_find(void)
{
    static const EFI_GUID acpi2 = ACPI_20_TABLE_GUID;
    const uint8_t *r = firmware_table(&acpi2);

    if (!r || memcmp(r, "RSD PTR ", 8) != 0 || r[RSDP_REVISION] < 2 ||
        !sums_to_zero(r, RSDP_LENGTH))
        return NULL;
    return (const uint8_t *)read64(r + RSDP_XSDT);
}

/* Enabled processors among the MADT's entries. */
static uint32_t madt_count(const uint8_t *t, uint32_t n)
{
    uint32_t count = 0;

    for (uint32_t at = MADT_ENTRIES; at + 2 <= n && t[at + 1] >= 2;
         at += t[at + 1]) {
        uint32_t room = n - at;

        if (t[at] == MADT_APIC && t[at + 1] >= 8 && room >= 8)
            count += read32(t + at + 4) & MADT_ENABLED;
        if (t[at] == MADT_X2APIC && t[at + 1] >= 16 && room >= 16)
            count += read32(t + at + 8) & MADT_ENABLED;
    }
    return count;
}

uint32_t acpi_processors(void)
{
    const uint8_t *xsdt = xsdt_find();
    uint32_t n = table_length(xsdt, "XSDT"), count = 0;

    for (uint32_t at = TABLE_HEADER; at + 8 <= n; at += 8) {
        const uint8_t *t = (const uint8_t *)read64(xsdt + at);
        uint32_t length = table_length(t, "APIC");

        if (length)
            count = madt_count(t, length);
    }
    return count ? count : 1;
}
