#!/usr/bin/env python3
"""Reads the licences and the sources of all dependencies against deny.toml, where cargo-deny is not installed.

For `scripts/steps.sh`. It looks at what Cargo.lock brings in for this system, as the packages themselves declare it; cargo-deny
reads their licence texts too, and looks at the other systems.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[1]


def allows(expression, allowed):
    """Whether an SPDX expression can be met with these licences. `/` is an old way to write OR."""
    words = re.findall(r"\(|\)|[^\s()/]+|/", expression)
    position = 0

    def one():
        nonlocal position
        word = words[position]
        position += 1
        if word == "(":
            met = either()
            position += 1
            return met
        if words[position : position + 1] == ["WITH"]:
            word = f"{word} WITH {words[position + 1]}"
            position += 2
        return word in allowed

    def both():
        nonlocal position
        met = one()
        while words[position : position + 1] == ["AND"]:
            position += 1
            met &= one()
        return met

    def either():
        nonlocal position
        met = both()
        while words[position : position + 1] in (["OR"], ["/"]):
            position += 1
            met |= both()
        return met

    return bool(words) and either()


def wrong(package, rules):
    """What is wrong with a package, as sentences."""
    name = package["name"]
    exceptions = [each["allow"] for each in rules["licenses"]["exceptions"] if each["crate"] == name]
    allowed = set(rules["licenses"]["allow"]).union(*exceptions)
    licence = package["license"] or ""
    if not allows(licence, allowed):
        yield f"its licence is {licence or 'not declared'}"
    if package["source"].removeprefix("registry+") not in rules["sources"]["allow-registry"]:
        yield f"it comes from {package['source']}"
    for ban in rules["bans"]["deny"]:
        if ban["crate"] == name:
            yield f"it is banned: {ban['reason']}"


def main():
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    host = re.search(r"^host: (.*)$", subprocess.check_output(["rustc", "-vV"], text=True), re.M)[1]
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", host]
    packages = json.loads(subprocess.check_output(command, cwd=ROOT))["packages"]
    # Those without a source are our own.
    others = [package for package in packages if package["source"]]
    found = [(package, words) for package in others for words in wrong(package, rules)]
    for package, words in found:
        print(f"{package['name']} {package['version']}: {words}")
    print(f"{len(others)} dependencies read, {len(found)} complaints")
    return 1 if found or not others else 0


if __name__ == "__main__":
    sys.exit(main())
