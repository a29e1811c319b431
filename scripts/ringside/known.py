# SPDX-License-Identifier: MIT
"""A run's result against the known one of its platform and model.

tests/known/<platform>-<model>.txt names each check that does not pass there,
one a line: `check-id  verdict  sentence`.  What it does not name must pass.
Wrong SWAPGS decisions are rows of the same kind: `path:exc.db:ring-0  wrong`.
"""

import os
import re

PASS = "pass"
_LINE = re.compile(r"(\S+)\s+(\S+)(?:\s+(.*))?$")
HEAD = """\
# Every check that does not pass on {name}, and why.
# check-id  verdict  sentence
"""


def findings(report):
    """{id: (verdict, sentence)} of what does not pass in a report.json."""
    found = {}
    for check in report["checks"]:
        if check["verdict"] != PASS:
            words = check["seen"] or check["why"]
            found[check["id"]] = (check["verdict"], words)
    for path in report["paths"]:
        if path["wrong"]:
            origin = path["from"].replace(" ", "-")
            found[f"path:{path['path']}:{origin}"] = (
                "wrong", f"{path['wrong']} of {path['entries']} decisions")
    return found


def load(path):
    """{id: (verdict, sentence)} of a known-results file."""
    known = {}
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            found = _LINE.match(line)
            if not found:
                raise ValueError(f"{path}:{number}: not `id verdict sentence`")
            if found[1] in known:
                raise ValueError(f"{path}:{number}: {found[1]} again")
            known[found[1]] = (found[2], found[3] or "")
    return known


def compare(report, known):
    """The differences, one line each; none if all is as known."""
    found = findings(report)
    ids = {check["id"] for check in report["checks"]}
    lines = []
    for name in sorted(found.keys() | known.keys()):
        now = found.get(name, (PASS, ""))
        then = known.get(name, (PASS, ""))
        if name in known and name not in found and name not in ids \
                and not name.startswith("path:"):
            now = ("absent", "")
        if now[0] != then[0]:
            lines.append(f"{name}: known {then[0]}, now {now[0]}"
                         + (f" ({now[1]})" if now[1] else ""))
    return lines


def save(path, name, report, known):
    """Write the report's findings as the known ones; sentences of known
    lines stay."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    found = findings(report)
    wide = max(map(len, found), default=0)
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD.format(name=name))
        for key in sorted(found):
            verdict, words = found[key]
            if key in known and known[key][0] == verdict:
                words = known[key][1]
            file.write(f"{key:{wide}}  {verdict:6}  {words}".rstrip() + "\n")
