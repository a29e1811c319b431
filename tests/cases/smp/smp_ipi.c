/* SPDX-License-Identifier: MIT */
/*
 * Interrupts from one processor to others: each way to name them, and who gets
 * it.
 *
 * An IPI that comes to one processor too many is as bad as one that does not
 * come: it is taken at a vector that means something else there.  So all of
 * them listen, in ring 3, in ring 0, and halted; the first sends, by every
 * form of the ICR that reaches others; and of each it is asked whether it had
 * that one, once, at its vector, or nothing at all.
 *
 * Vendors agree but for two forms.  Clusters of an xAPIC are a thing of the
 * P6's, that emulators have or have not; which processor takes an interrupt of
 * lowest priority is the model's own, and what was seen is the result.
 */
#include "apic.h"
#include "engine/processors.h"
#include "fmt.h"
#include "judge/finding.h"
#include "lib/listen.h"
#include "lib/smp.h"
#include "macros.h"

#define MANY 16
#define X2APIC_ALL 0xffffffffu
#define X2APIC_MEMBERS 0xffffu
#define FLAT_BITS 8
#define CLUSTERS 15
#define CLUSTER_SHIFT 4
#define CLUSTER_MEMBERS 0xfu

struct form {
    const char *name;
    uint32_t low; /* of the ICR, without the vector */
    void (*run)(struct diff *d, const struct form *f);
    enum destination_model model; /* DESTINATION_FLAT: as the APIC's mode */
    bool ring3_alone;
    enum confidence confidence;
    const char *facts, *why;
};

static unsigned who; /* took the one of lowest priority */

static uint32_t everybody(void)
{
    return apic_is_x2apic() ? X2APIC_ALL : APIC_ALL;
}

/* Of many one in sixteen, and the last: each letter asks all of them. */
static bool is_asked(unsigned n)
{
    return listen_is_there(n) &&
           (n < MANY || n % MANY == 0 || n + 1 == processors_running());
}

/* To each by its own id: none of the others has it. */
static void each(struct diff *d, const struct form *f)
{
    for (unsigned n = 1; n < processors_running() && !diff_any(d); n++)
        if (is_asked(n))
            listen_send(d, processor_apic_id(n), f->low, 0);
}

static void all_at_once(struct diff *d, const struct form *f)
{
    listen_send(d, everybody(), f->low, 0);
}

/* The destination is not looked at: here it is nobody's. */
static void shorthand(struct diff *d, const struct form *f)
{
    listen_send(d, 0, f->low, 0);
}

/* Each bit that somebody has and one more; two, none, and all. */
static void flat(struct diff *d, uint32_t low)
{
    unsigned n = processors_running();

    for (unsigned bit = 0; bit < FLAT_BITS && bit <= n && !diff_any(d); bit++)
        listen_send(d, 1u << bit, low, 0);
    listen_send(d, 3, low, 0);
    listen_send(d, 0, low, 0);
    listen_send(d, APIC_ALL, low, 0);
}

static void x2apic(struct diff *d, uint32_t low)
{
    uint32_t last = 0;

    for (unsigned n = 0; n < processors_running() && !diff_any(d); n++) {
        uint32_t ldr = listen_heard(n)->who.ldr;

        if (!is_asked(n))
            continue;
        listen_send(d, ldr, low, 0);
        if (!n || (ldr ^ last) & ~X2APIC_MEMBERS)
            listen_send(d, ldr | X2APIC_MEMBERS, low, 0);
        last = ldr;
    }
    listen_send(d, X2APIC_ALL, low, 0);
}

static void logical(struct diff *d, const struct form *f)
{
    if (apic_is_x2apic())
        x2apic(d, f->low);
    else
        flat(d, f->low);
}

static void clusters(struct diff *d, const struct form *f)
{
    unsigned used = (processors_running() + 3) / 4; /* and one more */

    for (unsigned c = 0; c < CLUSTERS && c <= used && !diff_any(d); c++) {
        listen_send(d, c << CLUSTER_SHIFT | CLUSTER_MEMBERS, f->low, 0);
        listen_send(d, c << CLUSTER_SHIFT | 2, f->low, 0);
    }
}

static void cluster_all(struct diff *d, const struct form *f)
{
    listen_send(d, APIC_ALL, f->low, 0);
}

/* All but the sender: of those one. */
static void lowest(struct diff *d, const struct form *f)
{
    who = 0;
    listen_send(d, 0xfe, f->low, &who);
}

static const char to_one[] =
    "an IPI comes to the processor of that id, once, at its vector, and to no "
    "other; SDM vol 3, Determining IPI Destination";
static const char to_several[] =
    "a broadcast comes to each processor once, and to the sender only if that "
    "is included; SDM vol 3, Interrupt Command Register";
static const char to_logical[] =
    "each processor decides by its LDR whether an IPI is for it; SDM vol 3, "
    "Logical Destination Mode";
static const char by_nmi[] =
    "an NMI comes at vector 2 to those that are addressed, once, and to nobody "
    "else; SDM vol 3, Interrupt Command Register";

static const struct form forms[] = {
    {.name = "ipi.physical", .run = each, .facts = "AP28", .why = to_one},
    {.name = "ipi.everybody",
     .run = all_at_once,
     .facts = "AP28",
     .why = to_several},
    {.name = "ipi.all",
     .low = APIC_SHORTHAND_ALL,
     .run = shorthand,
     .facts = "AP29",
     .why = to_several},
    {.name = "ipi.others",
     .low = APIC_SHORTHAND_OTHERS,
     .run = shorthand,
     .facts = "AP29",
     .why = to_several},
    {.name = "ipi.logical",
     .low = APIC_LOGICAL,
     .run = logical,
     .facts = "AP30 AP32",
     .why = to_logical},
    {.name = "nmi.physical",
     .low = APIC_DELIVER_NMI,
     .run = each,
     .facts = "AP34",
     .why = by_nmi},
    {.name = "nmi.others",
     .low = APIC_DELIVER_NMI | APIC_SHORTHAND_OTHERS,
     .run = shorthand,
     .facts = "AP34 AP29",
     .why = by_nmi},
    {.name = "nmi.logical",
     .low = APIC_DELIVER_NMI | APIC_LOGICAL,
     .run = logical,
     .facts = "AP34 AP30 AP32",
     .why = by_nmi},
    {.name = "ipi.cluster",
     .low = APIC_LOGICAL,
     .run = clusters,
     .model = DESTINATION_CLUSTER,
     .ring3_alone = true,
     .confidence = CONFIDENCE_MEDIUM,
     .facts = "AP31",
     .why = to_logical},
    {.name = "ipi.cluster-all",
     .low = APIC_LOGICAL,
     .run = cluster_all,
     .model = DESTINATION_CLUSTER,
     .ring3_alone = true,
     .confidence = CONFIDENCE_MEDIUM,
     .facts = "AP31",
     .why = to_logical},
    {.name = "ipi.lowest",
     .low = APIC_LOGICAL | APIC_DELIVER_LOWEST,
     .run = lowest,
     .ring3_alone = true,
     .confidence = CONFIDENCE_VALUE,
     .facts = "AP33",
     .why = "of several processors that an IPI of lowest priority names one "
            "takes it, which is the model's choice; SDM vol 3, Interrupt "
            "Command Register"},
};

static const char *const postures[LISTEN_POSTURES] = {"ring3", "ring0",
                                                      "halted"};

static struct {
    bool on, sound;
    enum posture posture;
    enum destination_model model;
} session;

static void session_end(void)
{
    if (session.on)
        listen_end();
    session.on = false;
}

/* The listeners stay as they are for as long as that will do. */
static bool session_of(enum posture p, enum destination_model m)
{
    if (session.on && session.posture == p && session.model == m)
        return session.sound;
    session_end();
    session.on = true;
    session.posture = p;
    session.model = m;
    session.sound = listen_begin(p, m);
    return session.sound;
}

static const char *unfit(const struct form *f)
{
    return smp_unfit_together() ? smp_unfit_together()
           : apic_is_x2apic() && f->model == DESTINATION_CLUSTER
               ? "x2APIC mode has clusters of its own alone"
           : apic_is_x2apic() && f->confidence == CONFIDENCE_VALUE
               ? "x2APIC mode has no lowest priority"
               : 0;
}

/* That they were halted is to be seen somewhere. */
static void woken(struct diff *d)
{
    for (unsigned n = 1; n < processors_running(); n++)
        if (listen_heard(n)->out_of_hlt)
            return;
    diff_text(d, "HLT", "ended by some", "by none");
}

static void run_form(const struct form *f, enum posture p)
{
    enum destination_model m = apic_is_x2apic() ? DESTINATION_X2APIC : f->model;
    struct diff d = {"", ""};
    char id[44], took[32];
    struct finding x = {.id = id,
                        .facts = f->facts,
                        .why = f->why,
                        .confidence = f->confidence,
                        .unfit = unfit(f)};

    fmt(id, sizeof(id), "smp.%s.%s", f->name, postures[p]);
    if (!finding_begin(&x))
        return;
    if (!session_of(p, m)) {
        diff_text(&d, "the others", "listen", "not all of them");
    } else {
        f->run(&d, f);
        if (p == LISTEN_HALTED)
            woken(&d);
    }
    fmt(took, sizeof(took), "APIC id %x took it",
        (unsigned)processor_apic_id(who));
    finding_end(&x, &d, diff_any(&d) ? d.seen : took);
}

static void run_back(bool nmi, enum posture p)
{
    struct diff d = {"", ""};
    char id[44];
    const struct finding x = {.id = id,
                              .facts = nmi ? "AP34" : "AP28",
                              .why = nmi ? by_nmi : to_one,
                              .unfit = smp_unfit_together()};

    fmt(id, sizeof(id), "smp.%s.back.%s", nmi ? "nmi" : "ipi", postures[p]);
    if (!finding_begin(&x))
        return;
    listen_back(&d, p, nmi ? APIC_DELIVER_NMI : APIC_DELIVER_FIXED);
    finding_end(&x, &d, 0);
}

void case_smp_ipi(void)
{
    smp_start();
    for (enum posture p = 0; p < LISTEN_POSTURES; p++)
        for (unsigned i = 0; i < COUNT(forms); i++)
            if (p == LISTEN_RING3 || !forms[i].ring3_alone)
                run_form(&forms[i], p);
    session_end();
    for (enum posture p = 0; p < LISTEN_POSTURES; p++) {
        run_back(false, p);
        run_back(true, p);
    }
}
