"""The bench's table: what was measured, what must be, what we aim at."""

import math


def quantile(values, share):
    """The value that this share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


JUDGED = {
    "median": ("median", lambda values: quantile(values, 0.5)),
    "p99": ("p99", lambda values: quantile(values, 0.99)),
    "max": ("worst", max),
}


def span(seconds):
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


class Row:
    """A time that was measured several times. `judged`: which of them counts; `least`: how many there must be."""

    def __init__(self, what, values, must, aim, judged, least=1):
        self.what, self.values, self.must, self.aim, self.judged, self.least = what, values, must, aim, judged, least

    def cells(self, slack):
        word, judge = JUDGED[self.judged]
        if len(self.values) < self.least:
            return [self.what, span(self.must), span(self.aim), f"only {len(self.values)} of {self.least}"], False, False
        value = judge(self.values)
        rest = f"p50 {span(quantile(self.values, 0.5))}, p99 {span(quantile(self.values, 0.99))}, "
        rest += f"worst {span(max(self.values))}"
        what = f"{self.what}, {word} of {len(self.values)}"
        cells = [what, span(self.must), span(self.aim), f"**{span(value)}** ({rest})"]
        return cells, value <= self.must * slack, value <= self.aim


class Table:
    """Rows and notes. `slack` is how much longer than the must a time may take on this machine."""

    def __init__(self, slack=1):
        self.slack, self.rows, self.notes = slack, [], []

    def add(self, row):
        self.rows.append(row.cells(self.slack))

    def note(self, text):
        self.notes.append(text)

    def memory(self, what, mine, other, must, aim):
        """Megabytes of ours beside megabytes of the other's; no other, no verdict but missed."""
        wanted = [f"{must:.2f} of it", f"{aim:.3g} of it"]
        if other is None:
            self.rows.append(([what, *wanted, f"{mine:.0f} MB; nothing to compare with"], False, False))
            return
        share = mine / other
        cells = [what, *wanted, f"**{share:.2f}** ({mine:.0f} MB of {other:.0f} MB)"]
        self.rows.append((cells, share <= must, share <= aim))

    def size(self, what, file, must, aim):
        wanted = [f"{must:.0f} MB", f"{aim:.0f} MB"]
        if file is None or not file.exists():
            self.rows.append(([what, *wanted, "not built"], False, False))
            return
        size = file.stat().st_size / 1e6
        self.rows.append(([what, *wanted, f"**{size:.1f} MB**"], size <= must, size <= aim))

    def met(self):
        """Whether every must is met."""
        return all(must for _, must, _ in self.rows)

    def markdown(self):
        lines = ["| what | must | aim | measured | must met | aim met |", "|---|--:|--:|--:|---|---|"]
        for cells, must, aim in self.rows:
            lines.append("| " + " | ".join([*cells, "yes" if must else "**no**", "yes" if aim else "no"]) + " |")
        if self.slack != 1:
            lines += ["", f"Times may be {self.slack} times the must here."]
        return "\n".join([*lines, "", *(f"- {note}" for note in self.notes)])

    def page(self, method):
        """A page of the documentation."""
        head = "# How fast and how big the desktop program is\n\n`make bench-desktop` writes this page."
        return f"{head}\n\n{self.markdown()}\n\n## How it is measured\n\n{method.strip()}\n"
