# SPDX-License-Identifier: MIT
"""Where this machine's own apt takes its packages from, and how.

Nobody's mirror is named anywhere here: apt is asked, which reads whatever its
configuration is made of, or MIRROR= in the environment says it.
"""

import os
import re
import subprocess
import tempfile

HELPER = "/usr/lib/apt/apt-helper"
SECONDS = 120  # to read one file of a mirror
FAILED = re.compile(r"^E: Failed to fetch \S+ *(.+)$", re.M)
NOT_THERE = re.compile(r"404|not found", re.IGNORECASE)
# What of apt's configuration is about fetching, and what of that is not.
FETCHING = "Acquire::"
NOT_FETCHING = ("Acquire::IndexTargets", "Acquire::Changelogs",
                "Acquire::CompressionTypes", "Acquire::Languages")


class NoMirror(Exception):
    """Why there is none, in one line."""


def _apt(*words):
    try:
        return subprocess.run(words, text=True, capture_output=True,
                              check=True, timeout=SECONDS).stdout
    except (OSError, subprocess.SubprocessError):
        raise NoMirror("there is no apt here to ask for a mirror; MIRROR=URL "
                       "names one") from None


def mirrors():
    """All that apt is set to, in its order; whether it has read their lists
    yet does not matter."""
    if own := os.environ.get("MIRROR"):
        return [own]
    listed = re.findall(r"^'(\S+?)/*/dists/\S+/InRelease'", _apt(
        "apt-get", "update", "--print-uris", "-o",
        "Debug::NoLocking=true"), re.M)
    if not listed:
        raise NoMirror("this machine's apt has no sources; MIRROR=URL names "
                       "a mirror")
    return list(dict.fromkeys(listed))


def _read(url):
    """The text of a file, as apt fetches it; "" if it is not there, NoMirror
    if nobody can say."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "file")
        try:
            done = subprocess.run([HELPER, "download-file", url, path],
                                  capture_output=True, text=True, check=False,
                                  timeout=SECONDS)
        except (OSError, subprocess.TimeoutExpired) as why:
            raise NoMirror(f"{url}: {why}") from None
        if done.returncode or not os.path.exists(path):
            said = FAILED.search(done.stderr)
            if said and not NOT_THERE.search(said[1]):
                raise NoMirror(f"{url}: {said[1]}")
            return ""
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()


def plain(url):
    """The mirrors that a URL stands for: apt's mirror+file: and the like name
    a list of them, a line each, anything else is one itself."""
    method, _, rest = url.partition(":")
    if not method.startswith("mirror"):
        return [url]
    method = method.partition("+")[2] or "http"
    lines = _read(f"{method}:{rest.rstrip('/')}").splitlines()
    return [line.split()[0] for line in lines
            if line.strip() and not line.startswith("#")]


def release(url, suite):
    """{field: value} of the suite's release file there; {} where that mirror
    does not have it, or something else by that name."""
    text = _read(f"{url.rstrip('/')}/dists/{suite}/InRelease")
    fields = dict(re.findall(r"^([A-Z][\w-]*): *(.*)$", text, re.M))
    if suite in (fields.get("Codename"), fields.get("Suite")) \
            and "main" in fields.get("Components", "").split():
        return fields
    return {}


def that_has(suite):
    """The first mirror that has a suite, and its release file's fields.  One
    that cannot be asked is only told of where no other has it."""
    trouble = None
    for listed in mirrors():
        try:
            for url in plain(listed):
                if fields := release(url, suite):
                    return url.rstrip("/"), fields
        except NoMirror as why:
            trouble = trouble or why
    if trouble:
        raise trouble
    if own := os.environ.get("MIRROR"):
        raise NoMirror(f"MIRROR={own} has no suite {suite}")
    raise NoMirror(f"no mirror that apt is set to has the suite {suite}; "
                   "MIRROR=URL names one that has")


def fetching():
    """How this machine's apt fetches: the lines of its configuration, and the
    files that those name: proxies, certificates, how old lists may be."""
    lines = [line for line in
             _apt("apt-config", "dump").splitlines()
             if line.startswith(FETCHING)
             and not line.startswith(NOT_FETCHING)]
    named = [value for line in lines
             for value in re.findall(r'"(/[^"]*)"', line)
             if os.path.isfile(value)]
    return lines, named
