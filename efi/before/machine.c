/* SPDX-License-Identifier: MIT */
/*
 * The machine's facts, for the pre-flight lines and for the report: persona,
 * firmware, control registers as the firmware keeps them, the TSC's rate.
 * Called by boota.c.
 */
#include "machine.h"

#include <efi.h>
#include <efilib.h>

#include "fmt.h"
#include "insn.h"
#include "macros.h"
#include "memmap.h"
#include "msr.h"
#include "screen/serial.h"
#include "variables.h"

#define CPUID_HYPERVISOR (1u << 31) /* leaf 1 ECX */
#define CPUID_MSR (1u << 5)         /* leaf 1 EDX */
#define CPUID_APIC (1u << 9)        /* leaf 1 EDX */
#define CPUID_NX (1u << 20)         /* leaf 8000_0001 EDX */
#define LEAF_HYPERVISOR 0x40000000u
#define LEAF_EXTENDED 0x80000000u
#define LEAF_BRAND 0x80000002u
#define CR4_LA57_BIT 12
#define APIC_BASE_MASK 0x000ffffffffff000ull
#define BOCHS_PORT 0xe9 /* Bochs reads its own number from it, a PC 0xff */
#define FAMILY_EXTENDED 15

static void copy_words(char *to, const uint32_t *words, unsigned n)
{
    CopyMem(to, words, n * sizeof(*words));
}

/* CPUID leaf's highest subordinate leaf, 0 when it has none. */
static uint32_t top_leaf(uint32_t leaf)
{
    uint32_t top = cpuid(leaf, 0).a;

    return top >= leaf && top < leaf + 0x10000 ? top : 0;
}

static void ask_brand(char *brand, size_t n)
{
    char text[49];
    unsigned start = 0, end;

    SetMem(text, sizeof(text), 0);
    if (top_leaf(LEAF_EXTENDED) >= LEAF_BRAND + 2) {
        for (unsigned i = 0; i < 3; i++) {
            struct cpuid r = cpuid(LEAF_BRAND + i, 0);
            uint32_t words[] = {r.a, r.b, r.c, r.d};

            copy_words(text + 16 * i, words, 4);
        }
    }
    end = (unsigned)strlena((CHAR8 *)text);
    while (text[start] == ' ')
        start++;
    while (end > start && text[end - 1] == ' ')
        text[--end] = '\0';
    fmt(brand, n, "%s", text + start);
}

static void ask_processor(struct record_machine *m)
{
    struct cpuid r = cpuid(0, 0);
    uint32_t top = r.a, vendor[] = {r.b, r.d, r.c};

    copy_words(m->vendor, vendor, 3);
    r = cpuid(1, 0);
    m->stepping = r.a & 15;
    m->model = r.a >> 4 & 15;
    m->family = r.a >> 8 & 15;
    if (m->family == FAMILY_EXTENDED || m->family == 6)
        m->model |= (r.a >> 16 & 15) << 4;
    if (m->family == FAMILY_EXTENDED)
        m->family += r.a >> 20 & 0xff;
    m->cpuid_1_cd = (uint64_t)r.c << 32 | r.d;
    if (top >= 7) {
        struct cpuid s = cpuid(7, 0);

        m->cpuid_7_bc = (uint64_t)s.b << 32 | s.c;
        m->cpuid_7_d = s.d;
    }
    ask_brand(m->brand, sizeof(m->brand));
    if (r.c & CPUID_HYPERVISOR) {
        struct cpuid h = cpuid(LEAF_HYPERVISOR, 0);
        uint32_t name[] = {h.b, h.c, h.d};

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
        if (strcmpa((CHAR8 *)hypervisor, (CHAR8 *)known[i].announces) == 0)
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
    if (!EFI_ERROR(
            variable_get(L"SecureBoot", &gEfiGlobalVariableGuid, &on, &n)))
        m->secure_boot = on;
    if (!EFI_ERROR(memmap_open(&map)))
        m->memory_bytes = memmap_free_bytes(&map);
    memmap_close(&map);
}

bool machine_has_nx(void)
{
    return top_leaf(LEAF_EXTENDED) > LEAF_EXTENDED &&
           (cpuid(LEAF_EXTENDED + 1, 0).d & CPUID_NX);
}

void machine_ask(struct record_machine *m, struct handoff *h)
{
    uint32_t features;

    SetMem(m, sizeof(*m), 0);
    ask_processor(m);
    fmt(m->accelerator, sizeof(m->accelerator), "%s",
        accelerator(m->hypervisor));
    ask_firmware(m);
    fmt(m->version, sizeof(m->version), "%s", VERSION);
    m->processors = acpi_processors();
    m->tsc_hz = h->tsc_hz = tsc_rate();
    m->fw_cr0 = h->fw_cr0 = read_cr0();
    m->fw_cr4 = h->fw_cr4 = read_cr4();
    m->fw_efer = h->fw_efer = rdmsr(MSR_EFER);
    h->levels = h->fw_cr4 >> CR4_LA57_BIT & 1 ? 5 : 4;
    features = (uint32_t)m->cpuid_1_cd;
    if ((features & CPUID_MSR) && (features & CPUID_APIC)) {
        uint64_t apic = rdmsr(MSR_APIC_BASE);

        h->apic = apic & APIC_BASE_MASK;
        m->x2apic = (apic & APIC_BASE_EXTD) != 0;
    }
    m->screen = gop_ask(m, &h->screen);
    h->serial = serial_probe(SERIAL_COM1) ? SERIAL_COM1 : 0;
    m->serial_port = h->serial;
}
