/* SPDX-License-Identifier: MIT */
/*
 * Where the firmware enters: finds the options and whether an earlier boot's
 * run waits to be reported, and goes the one way or the other.
 */
#include <efi.h>

#include "after/found.h"
#include "after/menu.h"
#include "after/resume.h"
#include "before/args.h"
#include "before/cases.h"
#include "boot.h"
#include "cpu.h"
#include "firmware.h"
#include "fmt.h"
#include "keys.h"
#include "mem.h"
#include "say.h"
#include "variables.h"

#define QUOTE_MAX 64  /* of a pattern that nothing matches */
#define READ_MS 30000 /* to read why nothing happened, outside a Shell */

/* The end of a start that did nothing: the words must stay readable. */
static EFI_STATUS leave(const struct boot *b, EFI_STATUS s)
{
    if (b->options.batch)
        menu_power_off();
    else if (!b->shell) {
        say("A key goes back to the firmware.\n");
        key_wait(READ_MS);
    }
    if (b->reported)
        menu_firmware(); /* see there: returning might start us again */
    return s;
}

static void put_text(const char *text)
{
    put_ascii(text, strlen(text));
}

/* Delivers the report that waits.  False: this start is over. */
static bool report_and_ask(struct boot *b)
{
    boot_b(b);
    b->reported = true;
    b->by_journal = b->resume.active =
        false; /* what runs after this is a new run */
    if (b->options.batch) {
        menu_power_off();
        return false;
    }
    switch (menu_ask()) {
    case CHOICE_RUN:
        return true;
    case CHOICE_POWER_OFF:
        menu_power_off();
        return false;
    default:
        menu_firmware();
        return false;
    }
}

EFI_STATUS efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *table)
{
    static const EFI_GUID loaded_image = EFI_LOADED_IMAGE_PROTOCOL_GUID;
    static struct boot b;
    static char why[160];
    const char *essay = NULL, *odd = NULL;
    enum state_found found;
    bool good;
    int length;

    firmware_begin(table);
    BS->SetWatchdogTimer(0, 0, 0, NULL); /* people read slowly */
    b.image = image;
    b.loaded = firmware_protocol(image, loaded_image);
    if (!b.loaded) {
        say("ringside cannot run: the firmware does not say where this image "
            "is.\n");
        return EFI_LOAD_ERROR;
    }
    variables_unfill(); /* of an interrupted --provoke store-full */
    found = state_read(&b.state);
    good = args_read(&b, why, sizeof(why));
    if (good && !b.options.self_test && b.options.only[0])
        odd = core_case_unmatched(b.options.only, !b.options.mutants, &length);
    if (odd) {
        fmt(why, sizeof(why), "no case matches \"%.*s\"; --list names them",
            length < QUOTE_MAX ? length : QUOTE_MAX, odd);
        good = false;
    }
    if (good && b.options.explain[0]) {
        essay = core_case_essay(b.options.explain, why, sizeof(why));
        good = essay != NULL;
    }
    if (good && b.options.x2apic && !cpu_has(FEATURE_X2APIC)) {
        fmt(why, sizeof(why), "--x2apic: this processor has no x2APIC mode");
        good = false;
    }
    if (!good) {
        say("ringside: %s\n\n", why);
        put_text(options_usage());
    }
    if (good && b.options.help) {
        put_text(options_usage());
        return leave(&b, EFI_SUCCESS);
    }
    if (good && b.options.explain[0]) {
        put_text(essay);
        return leave(&b, EFI_SUCCESS);
    }
    if (good && b.options.list) {
        put_text(core_case_list());
        return leave(&b, EFI_SUCCESS);
    }
    if (found == STATE_DAMAGED) {
        say("The variable that an earlier run left is damaged; it is "
            "removed.\n");
        variable_delete(VARIABLE_STATE, &variable_guid);
    }
    /* What a script has put there tells more than a journal that is gone. */
    if (found == STATE_FOUND && good && b.options.stream &&
        resume_file_there(&b))
        b.resume.nothing = true;
    /* Nor does it tell of a run whose variable is gone. */
    if (found == STATE_NONE && good &&
        !(b.options.stream && resume_file_there(&b)) && found_by_journal(&b))
        found = STATE_FOUND;
    /* A run that was cut short goes on; a report that waits is delivered
     * whatever the options are. */
    if (found == STATE_FOUND && good && !b.resume.nothing && resume_prepare(&b))
        boot_a(&b); /* still here: what there is, is reported */
    if (b.resume.nothing) {
        state_forget(&b.state);
        found = STATE_NONE;
    }
    if (found == STATE_FOUND && !report_and_ask(&b))
        return EFI_SUCCESS;
    if (!good)
        return leave(&b, EFI_INVALID_PARAMETER);
    return leave(&b, boot_a(&b));
}
