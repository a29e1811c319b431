/* SPDX-License-Identifier: MIT */
/* "Expected" and "seen"; see diff.h. */
#include "diff.h"

#include "fmt.h"
#include "macros.h"
#include "msr.h"

static unsigned length(const char *s)
{
    unsigned n = 0;

    while (s[n])
        n++;
    return n;
}

static bool same(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static void append(char *side, unsigned size, const char *name,
                   const char *value)
{
    unsigned n = length(side);

    if (!n)
        fmt(side, size, "%s %s", name, value);
    else if (n + length(name) + length(value) + 4 < size)
        fmt(side + n, size - n, ", %s %s", name, value);
}

void diff_text(struct diff *d, const char *name, const char *expected,
               const char *seen)
{
    if (same(expected, seen))
        return;
    append(d->expected, sizeof(d->expected), name, expected);
    append(d->seen, sizeof(d->seen), name, seen);
}

void diff_hex(struct diff *d, const char *name, uint64_t expected,
              uint64_t seen)
{
    char e[20], s[20];

    if (expected == seen)
        return;
    fmt(e, sizeof(e), "%llx", (unsigned long long)expected);
    fmt(s, sizeof(s), "%llx", (unsigned long long)seen);
    diff_text(d, name, e, s);
}

void diff_flags(struct diff *d, const char *name, uint64_t expected,
                uint64_t seen)
{
    static const struct {
        uint32_t mask;
        const char *name;
    } flags[] = {
        {FLAG_CF, "CF"},   {FLAG_PF, "PF"},     {FLAG_AF, "AF"},
        {FLAG_ZF, "ZF"},   {FLAG_SF, "SF"},     {FLAG_TF, "TF"},
        {FLAG_IF, "IF"},   {FLAG_DF, "DF"},     {FLAG_OF, "OF"},
        {FLAG_NT, "NT"},   {FLAG_RF, "RF"},     {FLAG_AC, "AC"},
        {FLAG_ID, "ID"},   {FLAG_VM, "VM"},     {FLAG_VIF, "VIF"},
        {FLAG_VIP, "VIP"}, {FLAG_IOPL, "IOPL"},
    };
    char e[48] = "", s[48] = "";
    unsigned n = 0;

    if (expected == seen)
        return;
    for (unsigned i = 0; i < COUNT(flags); i++) {
        uint32_t mask = flags[i].mask, one = mask & -mask;

        if (!((expected ^ seen) & mask) || n + 8 >= sizeof(e))
            continue;
        fmt(e + n, sizeof(e) - n, "%s%s=%u", n ? " " : "", flags[i].name,
            (uint32_t)(expected & mask) / one);
        n += fmt(s + n, sizeof(s) - n, "%s%s=%u", n ? " " : "", flags[i].name,
                 (uint32_t)(seen & mask) / one);
    }
    if (n)
        diff_text(d, name, e, s);
    else
        diff_hex(d, name, expected, seen);
}
