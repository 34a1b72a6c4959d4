"""What the bench looks at from outside: memory of process trees, pixels of windows, lines of a log as they are written."""

import datetime
import os
import pathlib
import re
import time

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("GdkX11", "3.0")
from gi.repository import Gdk, GdkX11  # noqa: E402

# A window that has drawn its page shows text: many shades. One that is there and empty shows one or two colours.
SHADES = 12


def tree(root):
    """A process and all its descendants."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                stat = pathlib.Path(f"/proc/{entry}/stat").read_text()
            except OSError:
                continue
            parents[int(entry)] = int(stat.rpartition(") ")[2].split()[1])
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        waiting += [child for child, parent in parents.items() if parent == pid]
    return found


def memory(root):
    """Proportional set size of each process of a tree, in MB, with its name."""
    found = []
    for pid in tree(root):
        try:
            rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            name = pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue
        kib = re.search(r"^Pss:\s+(\d+) kB", rollup, re.M)
        if kib:
            found.append((name, int(kib.group(1)) / 1000))
    return found


def settled_memory(root, seconds=4.0):
    """The same for the whole tree, once it has come to rest: the median of several looks, and the parts of the last."""
    looks = []
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        parts = memory(root)
        looks.append(sum(each for _, each in parts))
        time.sleep(0.5)
    return sorted(looks)[len(looks) // 2], parts


def colours(window, from_x=0.0, from_y=0.0):
    """Colours of some pixels of a window, from this part of its width and height on; none where it shows nothing."""
    display = Gdk.Display.get_default()
    foreign = GdkX11.X11Window.foreign_new_for_display(display, int(window))
    if foreign is None:
        return []
    # The window may have grown since it was first looked at, which only the display knows: asked for both, and for the picture.
    _, x, y = foreign.get_origin()
    *_, width, height = foreign.get_geometry()
    left, top = int(width * from_x), int(height * from_y)
    picture = Gdk.pixbuf_get_from_window(Gdk.get_default_root_window(), x + left, y + top, width - left, height - top)
    if picture is None:
        return []
    pixels, step = picture.get_pixels(), picture.get_n_channels()
    return [pixels[at : at + 3] for at in range(0, len(pixels) - 2, step * 7)]


def painted(window, from_x=0.0, from_y=0.0):
    """Whether this window, from this part of its width and height on, shows a page already."""
    return len(set(colours(window, from_x, from_y))) >= SHADES


def brightness(window):
    """From 0, black, to 1, white; None where it shows nothing."""
    found = colours(window)
    return sum(map(sum, found)) / (len(found) * 3 * 255) if found else None


class Tail:
    """A log that is being written: each line once, with the instant that it names, in seconds of the wall clock."""

    LINE = re.compile(r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+)Z\s+(.*)$")

    def __init__(self, path):
        self._file = open(path, "rb")
        self._file.seek(0, os.SEEK_END)
        self._rest = b""

    def lines(self):
        """The lines since the last call."""
        *whole, self._rest = (self._rest + self._file.read()).split(b"\n")
        for raw in whole:
            found = self.LINE.match(raw.decode("utf-8", "replace"))
            if found:
                at = datetime.datetime.fromisoformat(found.group(1)[:26] + "+00:00").timestamp()
                yield at, found.group(2)

    def wait(self, what, seconds):
        """The first line for which `what` is true; fails when the time is over."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for at, line in self.lines():
                if what(line):
                    return at, line
            time.sleep(0.002)
        raise AssertionError(f"the log did not say it within {seconds} s")
