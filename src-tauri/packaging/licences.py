"""Writes the licences of everything that goes into the programs: `licences.py PROGRAM… > THIRD-PARTY-LICENCES.txt`.

Each crate that is linked, and each npm package in the page, with its version, its licence and the licence's text as
that package gives it. Where a choice is offered the shortest text is taken (MIT, then BSD, ISC, Zlib, …). The same
sources give the same bytes. Run from the root of the sources, after `npm ci` in ui/.
"""

import json
import pathlib
import re
import subprocess
import sys

# From most to least wanted, where a licence offers a choice.
PREFERRED = ["MIT", "MIT-0", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "Unlicense", "BSL-1.0"]
PREFERRED += ["Apache-2.0", "Unicode-3.0", "CC0-1.0", "MPL-2.0"]
LICENCE_FILE = re.compile(r"licen[sc]e|copying|unlicense|copyright|notice", re.I)
# How a text is recognised, whatever its file is called.
SIGNS = {
    "Apache-2.0": "apache license",
    "MIT": "permission is hereby granted, free of charge",
    "MPL-2.0": "mozilla public license",
    "BSD-3-Clause": "redistribution and use in source and binary forms",
    "ISC": "permission to use, copy, modify, and",
    "Unlicense": "free and unencumbered software",
    "Zlib": "provided 'as-is', without any express or implied",
    "BSL-1.0": "boost software license",
    "Unicode-3.0": "unicode license v3",
}
SIGNS["BSD-2-Clause"] = SIGNS["BSD-3-Clause"]
LINE = "=" * 100


def chosen(expression):
    """The licences that are used, of those an SPDX expression (or crates.io's older way with /) names."""
    text = expression.replace(" / ", " OR ").replace("/", " OR ")
    used = []
    for part in re.split(r"\)?\s+AND\s+\(?", text):
        offers = [offer.strip("() ").split(" WITH ")[0] for offer in part.split(" OR ")]
        used.append(min(offers, key=lambda each: PREFERRED.index(each) if each in PREFERRED else len(PREFERRED)))
    return sorted(set(used))


def files(folder):
    """The texts a package comes with, in the order of their names."""
    found = []
    for path in sorted(folder.iterdir()):
        if LICENCE_FILE.search(path.name) and path.suffix not in (".rs", ".toml", ".html", ".json"):
            found += sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    return [path.read_text("utf-8", "replace").replace("\r\n", "\n").strip() for path in found]


def texts(folder, expression):
    """Of these, the texts of the licences that are used. A text that nobody recognises is kept: it may be a notice."""
    own = files(folder)
    kinds = [{name for name, sign in SIGNS.items() if sign in " ".join(text.lower().split())} for text in own]
    used = set(chosen(expression))
    kept = [text for text, kind in zip(own, kinds) if kind & used]
    kept += [text for text, kind in zip(own, kinds) if not kind and len(text) > 200]
    return kept or own


def crates(programs):
    """What is linked into the programs: normal dependencies on this platform, without those of building and testing."""
    host = re.search(r"host: (\S+)", subprocess.run(["rustc", "-vV"], capture_output=True, text=True, check=True).stdout)
    command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", host.group(1)]
    data = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    packages = {each["id"]: each for each in data["packages"]}
    nodes = {each["id"]: each for each in data["resolve"]["nodes"]}
    waiting = [each["id"] for each in data["packages"] if each["name"] in programs and each["source"] is None]
    seen = set()
    while waiting:
        identifier = waiting.pop()
        if identifier not in seen:
            seen.add(identifier)
            for needed in nodes[identifier]["deps"]:
                if any(kind["kind"] is None for kind in needed["dep_kinds"]):
                    waiting.append(needed["pkg"])
    for package in (packages[identifier] for identifier in seen):
        if package["source"]:
            folder = pathlib.Path(package["manifest_path"]).parent
            yield package["name"], package["version"], package["license"], folder, package["authors"]


def in_the_page(root):
    """What is bundled into the page: its dependencies, and the part of Svelte that runs."""
    wanted = list(json.loads((root / "ui/package.json").read_text())["dependencies"]) + ["svelte"]
    for name in wanted:
        folder = root / "ui/node_modules" / name
        package = json.loads((folder / "package.json").read_text())
        yield f"{name} (npm)", package["version"], package["license"], folder, []


def main():
    programs = sys.argv[1:]
    root = pathlib.Path.cwd()
    packages = list(crates(programs))
    if "earshot" in programs:
        packages += in_the_page(root)
    packages.sort(key=lambda each: (each[0], each[1]))

    told = {}  # text without its line breaks -> (text, packages)
    without = []
    for name, version, licence, folder, authors in packages:
        own = texts(folder, licence)
        for text in own:
            told.setdefault(" ".join(text.split()), (text, []))[1].append(f"{name} {version}")
        if not own:
            without.append((name, version, licence, authors))
    # A package that forgot its text: that of the licence is the same, the name of the author is what differs.
    for name, version, licence, authors in without:
        used = chosen(licence)[0]
        own_words = f"{name} {version}" + (f" (by {', '.join(authors)})" if authors else "")
        same = [each for key, each in sorted(told.items()) if SIGNS[used] in key.lower()]
        if not same:
            sys.exit(f"{name} {version} has no licence text, and no other package has one of {used}")
        max(same, key=lambda each: len(each[1]))[1].append(own_words)

    print(f"What others wrote, in {', '.join(programs)}: {len(packages)} packages, and the Rust standard library")
    print("(MIT OR Apache-2.0, https://www.rust-lang.org). SQLite, in libsqlite3-sys, is in the public domain.\n")
    for name, version, licence, _, _ in packages:
        print(f"{name} {version}: {licence}")
    for text, users in sorted(told.values(), key=lambda each: each[1][0]):
        print(f"\n{LINE}\n{', '.join(users)}\n{LINE}\n\n{text}")


main()
