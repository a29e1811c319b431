/* SPDX-License-Identifier: MIT */
/*
 * The last words on the firmware's console before the screen changes hands.
 * Should the machine go dark after this, they say what it was about to do.
 * Called by boota.c.
 */
#include "preflight.h"

#include "fmt.h"
#include "keys.h"
#include "say.h"

#define OBJECTION_MS 5000
#define MIB_SHIFT 20
#define KHZ 1000

static void tell_machine(const struct record_machine *m)
{
    say("\nringside %s: every way into ring 0, and whether it swapped GS "
        "rightly\n\n",
        m->version);
    say("  processor  %s %u/%u/%u  %s\n", m->vendor, m->family, m->model,
        m->stepping, m->brand);
    say("             %u processor%s, TSC %llu.%03llu MHz, accelerator %s\n",
        m->processors, m->processors == 1 ? "" : "s",
        (unsigned long long)m->tsc_hz / KHZ / KHZ,
        (unsigned long long)m->tsc_hz / KHZ % KHZ, m->accelerator);
    say("  firmware   %s 0x%x, UEFI %u.%u, Secure Boot %s\n", m->firmware,
        m->firmware_revision, m->uefi_revision >> 16,
        m->uefi_revision % 65536 / 10, m->secure_boot ? "on" : "off");
    say("  memory     %llu MiB free\n",
        (unsigned long long)m->memory_bytes >> MIB_SHIFT);
}

static void tell_outputs(const struct record_machine *m)
{
    if (m->screen == SCREEN_LINEAR)
        say("  screen     %u x %u pixels\n", m->width, m->height);
    else if (m->screen == SCREEN_BLT_ONLY)
        say("  screen     %u x %u pixels, but no memory to draw in: it stays "
            "as it is\n",
            m->width, m->height);
    else
        say("  screen     none\n");
    if (m->serial_port)
        say("  serial     port at 0x%x\n\n", m->serial_port);
    else
        say("  serial     none\n\n");
}

static void tell_plan(const struct boot *b)
{
    const struct record_machine *m = &b->machine;
    bool screen = m->screen == SCREEN_LINEAR;

    if (m->no_reboot)
        say("No second boot: %s.\n", m->why_live);
    say("ringside now leaves the firmware%s.\n",
        screen ? ", and the screen goes to its own console" : "");
    if (m->no_reboot)
        say("The report appears on %s%s%s; then the machine stops.\n",
            screen ? "the screen" : "", screen && m->serial_port ? " and " : "",
            m->serial_port ? "the serial port" : "");
    else
        say("The keyboard is dead until the machine restarts by itself; then "
            "the report appears here and goes to \\RINGSIDE on the volume that "
            "ringside came from.\n");
}

bool preflight(const struct boot *b)
{
    tell_machine(&b->machine);
    tell_outputs(&b->machine);
    tell_plan(b);
    if (b->options.batch)
        return true;
    say("Any key starts it now, q goes back to the firmware; without a key it "
        "starts in %u seconds.\n",
        OBJECTION_MS / 1000);
    keys_drain();
    return key_wait(OBJECTION_MS) != KEY_QUIT;
}
