"""The page: what was measured, in words and tables. Nothing in it is written by hand but the words."""

import dataclasses
import datetime
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess

from clients import EARSHOT
from score import Score

WORDS = """\
# Earshot beside the usual recipes

`make compare` wrote this page on {date}, in {minutes} minutes. It starts four listeners, each on a simulated Genesys Cloud
of its own, does the same {faults} things to each of them, and counts. The numbers are of one run on one computer ({cores} cores,
load average {load:.0f} at its end); run it yourself.

| listener | what it does when its socket closes |
|---|---|
| Node, same address after 5 s | renews its token, opens the address it remembers: the recipe that forums give |
| Python, same address after 3 s | the same; its library (`websockets`) pings by itself |
| Node, new channel after 2 s … 90 s | renews its token, makes a new channel, doubles its wait without chance in it; closes a socket that is silent for 35 s |
| Earshot | `earshot-listen` with its defaults |

The recipes are in [`tests/compare/recipes`](../tests/compare/recipes), written for this page after what people publish; each is as good as
its few lines. (Node {node}, `ws` {ws}; Python {python}, `websockets` {websockets}.)

How it is counted:

- **offers**: a call is offered every {offer_every} s, and the customer waits for {patience:.0f} s. Real ones wait longer: this is strict.
- **lost**: told only after the customer had gone, or never.
- **without a word**: never told, and nothing says that it may have been: no gap counts it as missed, or says of its time that not everything could
  be looked up. (An agent may not ask Genesys Cloud what came and went; with analytics permitted, Earshot names it.)
- **deaf**: one more conversation counts, ten times a second. Each number that is never told is {tick} s of deafness.
- **repeated**: lines that say what a line before them has said. (A look at the truth can overtake events that are on their way. Genesys Cloud
  numbers nothing, so Earshot tells them all the same.)
- **requests**: what the simulator was asked from the beginning of the fault on: REST, tokens and upgrades. **429**: those that were
  answered so.
"""

COLUMNS = {
    "offers": "offers",
    "lost": "lost",
    "silent": "without a word",
    "deaf": "deaf (s)",
    "repeated": "repeated",
    "requests": "requests",
    "limited": "429",
}


def shown(value):
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def table(scores):
    lines = ["| | " + " | ".join(COLUMNS.values()) + " |", "|---" + "|--:" * len(COLUMNS) + "|"]
    for name, score in scores.items():
        cells = [shown(getattr(score, column)) for column in COLUMNS]
        if name == EARSHOT:
            name, cells = f"**{name}**", [f"**{cell}**" for cell in cells]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def total(results, name):
    fields = [field.name for field in dataclasses.fields(Score)]
    return Score(**{field: sum(getattr(scores[name], field) for _, scores in results) for field in fields})


def behind(results):
    """Where a recipe did better than Earshot, in any column but the requests."""
    for fault, scores in results:
        for column, label in COLUMNS.items():
            if column in ("offers", "requests"):
                continue
            name, best = best_recipe(scores, column)
            ours = getattr(scores[EARSHOT], column)
            # A tick or two of difference is chance.
            if ours > best + (0.25 if column == "deaf" else 0):
                yield f"- {fault.title}: {label} {shown(ours)}; {name}: {shown(best)}."


def requests(results):
    """The same for the requests, in a sentence: it is so nearly everywhere."""
    more = sum(scores[EARSHOT].requests > best_recipe(scores, "requests")[1] for _, scores in results)
    ours = total(results, EARSHOT)
    return (
        f"- Requests: in {more} of {len(results)} faults Earshot asks for more than the recipe that asks for least.\n"
        f"  Of its {ours.requests} requests {ours.reads} read one conversation: each call that is offered, once, and what a gap left in doubt."
    )


def best_recipe(scores, column):
    recipes = ((name, getattr(score, column)) for name, score in scores.items() if name != EARSHOT)
    return min(recipes, key=lambda each: each[1])


def page(results, seconds, offer_every, patience, tick):
    here = pathlib.Path(__file__).resolve().parent
    packages = json.loads((here / "package-lock.json").read_text())["packages"]
    parts = [
        WORDS.format(
            date=datetime.datetime.now(datetime.timezone.utc).strftime("%-d %B %Y"),
            minutes=f"{seconds / 60:.0f}",
            faults=len(results),
            node=subprocess.check_output(["node", "--version"], text=True).strip().lstrip("v"),
            ws=packages["node_modules/ws"]["version"],
            python=platform.python_version(),
            websockets=importlib.metadata.version("websockets"),
            cores=os.cpu_count(),
            load=os.getloadavg()[0],
            offer_every=offer_every,
            patience=patience,
            tick=tick,
        )
    ]
    names = list(results[0][1])
    parts.append("## All of it together\n\n" + table({name: total(results, name) for name in names}))
    parts.append(
        "## Where a recipe does better\n\n"
        "Earshot looks at the truth again after every gap, hands over before a token ends, and asks what a failure means before it\n"
        "acts on it. That costs requests. A recipe that does not notice that it is deaf asks for nothing. Earshot's waits grow with chance in\n"
        "them, so that ten thousand of it do not come back at once; a short fixed wait may be luckier.\n\n"
        + "\n".join([requests(results), *behind(results)])
        + "\n"
    )
    for fault, scores in results:
        parts.append(f"## {fault.title}\n\n{fault.text}\n\n{table(scores)}")
    return "\n".join(parts)
