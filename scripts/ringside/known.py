# SPDX-License-Identifier: MIT
"""A run's result against the known one of its platform and model.

tests/known/<platform>-<model>.txt names the checks that do not pass there,
one a line: `check-id  verdict  sentence`.  In an id, * stands for any text;
the first line that fits a check counts, so exceptions stand before the rule.
What no line fits must pass, and a line must fit something.  Wrong SWAPGS
decisions are rows of the same kind: `path:exc.db:ring-0  wrong`.
"""

import fnmatch
import os
import re

PASS = "pass"
_LINE = re.compile(r"(\S+)\s+(\S+)(?:\s+(.*))?$")
HEAD = """\
# The checks that do not pass on {name}, and why.
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
    """{id or pattern: (verdict, sentence)} of a known-results file, in its
    order."""
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


def rule_for(name, known):
    """The id or pattern that speaks of a check, or None."""
    if name in known:
        return name
    return next((rule for rule in known if "*" in rule
                 and fnmatch.fnmatchcase(name, rule)), None)


def compare(report, known):
    """The differences, one line each; none if all is as known."""
    found = findings(report)
    names = {check["id"] for check in report["checks"]} | found.keys()
    lines, used = [], set()
    for name in sorted(names):
        now = found.get(name, (PASS, ""))
        rule = rule_for(name, known)
        used.add(rule)
        then = known.get(rule, (PASS, ""))
        if now[0] != then[0]:
            lines.append(f"{name}: known {then[0]}, now {now[0]}"
                         + (f" ({now[1]})" if now[1] else ""))
    lines += [f"{rule}: known {known[rule][0]}, now absent"
              for rule in known if rule not in used]
    return lines


def accept(path, name, report, known):
    """Make the report the known result: lines that hold stay as they are,
    the others go, and each check that none speaks of gets one."""
    found = findings(report)
    names = {check["id"] for check in report["checks"]} | found.keys()
    rules = {}
    for each in names:
        rules.setdefault(rule_for(each, known), []).append(each)
    kept = {rule: known[rule] for rule in known
            if rule in rules and any(
                found.get(each, (PASS, ""))[0] == known[rule][0]
                for each in rules[rule])}
    exact = {}
    for each in sorted(names):
        verdict, words = found.get(each, (PASS, "as it should be"))
        rule = rule_for(each, kept)
        if rule is None and verdict == PASS:
            continue
        if rule is None or kept[rule][0] != verdict:
            exact[each] = (verdict, words)
    # What is exact overrides a pattern wherever it stands.
    lines = {**exact, **{rule: row for rule, row in kept.items()
                         if rule not in exact}}
    wide = max(map(len, lines), default=0)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD.format(name=name))
        for rule, (verdict, words) in lines.items():
            file.write(f"{rule:{wide}}  {verdict:6}  {words}".rstrip() + "\n")
