/* SPDX-License-Identifier: MIT */
/*
 * The machine's facts, for the pre-flight lines and for the report: persona,
 * firmware, control registers as the firmware keeps them, the TSC's rate.
 * Called by boota.c.
 */
#include "machine.h"

#include <efi.h>

#include "cpu.h"
#include "firmware.h"
#include "fmt.h"
#include "insn.h"
#include "macros.h"
#include "mem.h"
#include "memmap.h"
#include "msr.h"
#include "pte.h"
#include "screen/serial.h"
#include "variables.h"

#define LEAF_BRAND 0x80000002u
#define BOCHS_PORT 0xe9 /* Bochs reads its own number from it, a PC 0xff */
#define FAMILY_EXTENDED 15

static void copy_words(char *to, const uint32_t *words, unsigned n)
{
    memcpy(to, words, n * sizeof(*words));
}

static void ask_brand(char *brand, size_t n)
{
    char text[49];
    unsigned start = 0, end;

    memset(text, 0, sizeof(text));
    for (unsigned i = 0; i < 3; i++) {
        struct cpuid r = cpuid_if_there(LEAF_BRAND + i, 0);
        uint32_t words[] = {r.eax, r.ebx, r.ecx, r.edx};

        copy_words(text + 16 * i, words, 4);
    }
    end = (unsigned)strlen(text);
    while (text[start] == ' ')
        start++;
    while (end > start && text[end - 1] == ' ')
        text[--end] = '\0';
    fmt(brand, n, "%s", text + start);
}

static void ask_processor(struct record_machine *m)
{
    struct cpuid r = cpuid(0, 0);
    uint32_t vendor[] = {r.ebx, r.edx, r.ecx};

    copy_words(m->vendor, vendor, 3);
    r = cpuid(1, 0);
    m->stepping = r.eax & 15;
    m->model = r.eax >> 4 & 15;
    m->family = r.eax >> 8 & 15;
    if (m->family == FAMILY_EXTENDED || m->family == 6)
        m->model |= (r.eax >> 16 & 15) << 4;
    if (m->family == FAMILY_EXTENDED)
        m->family += r.eax >> 20 & 0xff;
    m->cpuid_1_cd = (uint64_t)r.ecx << 32 | r.edx;
    r = cpuid_if_there(7, 0);
    m->cpuid_7_bc = (uint64_t)r.ebx << 32 | r.ecx;
    m->cpuid_7_d = r.edx;
    for (unsigned f = 0; f < FEATURE_COUNT; f++)
        m->features |= (uint64_t)cpu_has(f) << f;
    ask_brand(m->brand, sizeof(m->brand));
    if (cpu_has(FEATURE_HYPERVISOR)) {
        struct cpuid h = cpuid(CPUID_HYPERVISOR, 0);
        uint32_t name[] = {h.ebx, h.ecx, h.edx};

        copy_words(m->hypervisor, name, 3);
    }
}

/* Hypervisors by the names that they announce; Bochs announces nothing. */
static const char *accelerator(const char *hypervisor)
{
    static const struct {
        char announces[13], name[16];
    } known[] = {
        {"TCGTCGTCGTCG", "TCG"},    {"KVMKVMKVM", "KVM"},
        {"Linux KVM Hv", "KVM"},    {"Microsoft Hv", "Hyper-V"},
        {"VMwareVMware", "VMware"}, {"VBoxVBoxVBox", "VirtualBox"},
        {"XenVMMXenVMM", "Xen"},    {"bhyve bhyve ", "bhyve"},
        {"ACRNACRNACRN", "ACRN"},   {"HVFHVFHVFHVF", "HVF"},
    };

    for (unsigned i = 0; i < COUNT(known); i++)
        if (strcmp(hypervisor, known[i].announces) == 0)
            return known[i].name;
    if (hypervisor[0])
        return "unknown";
    return inb(BOCHS_PORT) == BOCHS_PORT ? "Bochs" : "none";
}

static void ask_firmware(struct record_machine *m)
{
    uint8_t on = 0;
    UINTN n = sizeof(on);
    struct memmap map;
    unsigned i = 0;

    for (; ST->FirmwareVendor && ST->FirmwareVendor[i] &&
           i + 1 < sizeof(m->firmware);
         i++) {
        CHAR16 c = ST->FirmwareVendor[i];

        m->firmware[i] = c >= ' ' && c <= '~' ? (char)c : '?';
    }
    m->firmware_revision = ST->FirmwareRevision;
    m->uefi_revision = ST->Hdr.Revision;
    if (!EFI_ERROR(variable_get(L"SecureBoot", &global_guid, &on, &n)))
        m->secure_boot = on;
    if (!EFI_ERROR(memmap_open(&map)))
        m->memory_bytes = memmap_free_bytes(&map);
    memmap_close(&map);
}

void machine_ask(struct record_machine *m, struct handoff *h)
{
    memset(m, 0, sizeof(*m));
    ask_processor(m);
    fmt(m->accelerator, sizeof(m->accelerator), "%s",
        accelerator(m->hypervisor));
    ask_firmware(m);
    fmt(m->version, sizeof(m->version), "%s", VERSION);
    m->tsc_hz = h->tsc_hz = tsc_rate();
    m->fw_cr0 = h->fw_cr0 = read_cr0();
    m->fw_cr4 = h->fw_cr4 = read_cr4();
    m->fw_efer = h->fw_efer = rdmsr(MSR_EFER);
    h->levels = h->fw_cr4 & CR4_LA57 ? 5 : 4;
    if (cpu_has(FEATURE_MSR) && cpu_has(FEATURE_APIC)) {
        uint64_t apic = rdmsr(MSR_APIC_BASE);

        h->apic = apic & PAGE_ADDRESS;
        m->x2apic = (apic & APIC_BASE_EXTD) != 0;
    }
    m->screen = gop_ask(m, &h->screen);
    h->serial = serial_probe(SERIAL_COM1) ? SERIAL_COM1 : 0;
    m->serial_port = h->serial;
}
