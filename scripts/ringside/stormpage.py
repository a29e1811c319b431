# SPDX-License-Identifier: MIT
"""The storms on report.html, and what led to where one was caught."""

from .markup import join, table, tag

KINDS = ("calls", "faults", "irqs", "nmis", "steps")


def _storm(row):
    first = row["first"]
    return [row["specimen"], row["processors"], row["entries"],
            f"{row['slowest']} to {row['fastest']}",
            *(row["kinds"][kind] for kind in KINDS), row["shootdowns"],
            tag("td", f"{row['caught']} caught; cpu {first['cpu']}, entry "
                      f"{first['entries']}: {first['what']}", class_="wrong")
            if first else "survived"]


def _outcome(row):
    place = f"{row['symbol']}+0x{row['offset']:x}" if row["symbol"] \
        else row["rip"]
    bases = [row[base] if row[owner] == "other" else row[owner]
             for base, owner in (("gs_base", "gs_owner"),
                                 ("kernel_gs_base", "kernel_owner"))]
    return [row["entry"], row["depth"], row["event"], place, row["cs"],
            row["rflags"], row["rsp"], *bases]


def _outcomes(report):
    """Those of one processor and specimen are one table, folded."""
    caught = {}
    for row in report["outcomes"]:
        caught.setdefault((row["specimen"], row["cpu"]), []).append(row)
    return [tag("details",
                tag("summary", f"{specimen}, processor {cpu}: the last "
                               f"{len(rows)} entries"),
                table(["entry", "deep", "event", "at", "CS", "RFLAGS", "RSP",
                       "GS base", "KERNEL_GS_BASE"], map(_outcome, rows),
                      numeric=(0, 1)))
            for (specimen, cpu), rows in caught.items()]


def section(report):
    """None where there was no storm."""
    storms = report.get("storms")
    if not storms:
        return None
    return tag("section", tag("h2", "The storm"),
               tag("p", "All ways in and all events at once, in the order of "
                        f"--seed {storms[0]['seed']}."),
               table(["specimen", "processors", "entries",
                      "a second, each processor", *KINDS, "shootdowns", ""],
                     map(_storm, storms), numeric=range(1, 10)),
               join(*_outcomes(report)), id="storm")
