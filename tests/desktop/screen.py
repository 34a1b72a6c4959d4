"""The display from outside any program: windows, focus, keys, pointer, pictures."""

import os
import pathlib
import subprocess

IMPORT = next((each for each in ("/usr/bin/import", "/usr/bin/import-im6.q16") if os.path.exists(each)), "import")


def run(*command):
    """Standard output of a small program; empty if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def windows(pid, title=None):
    """Ids of the visible windows of a process, by title (a pattern) where one is given."""
    command = ["xdotool", "search", "--onlyvisible", "--all", "--pid", str(pid), "--name", title or "."]
    return run(*command).split()


def of_class(name):
    """Ids of the visible windows whose class has this in it, whosever they are."""
    return run("xdotool", "search", "--onlyvisible", "--class", name).split()


def activate(window):
    """Gives a window the keyboard focus, as a click on it would."""
    subprocess.run(["xdotool", "windowactivate", "--sync", window], check=False, timeout=5)


def active():
    """The window with the keyboard focus, as the window manager sees it."""
    return run("xdotool", "getactivewindow")


def title(window):
    return run("xdotool", "getwindowname", window)


def type_text(text):
    subprocess.run(["xdotool", "type", "--delay", "15", text], check=True, timeout=30)


def key(*keys):
    subprocess.run(["xdotool", "key", *keys], check=True, timeout=10)


def click(box):
    """A real click into the middle of a box."""
    x, y, width, height = box
    assert width > 0 and height > 0, f"nothing to click at {box}"
    target = [str(x + width // 2), str(y + height // 2)]
    subprocess.run(["xdotool", "mousemove", "--sync", *target], check=False, timeout=5)
    subprocess.run(["xdotool", "click", "1"], check=True, timeout=5)


def move_pointer(x, y):
    subprocess.run(["xdotool", "mousemove", str(x), str(y)], check=True, timeout=5)


def close(window):
    """What the X in a title bar does."""
    subprocess.run(["wmctrl", "-i", "-c", hex(int(window))], check=True, timeout=5)


def picture(path, window="root"):
    """A picture of a window, or of everything."""
    pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
    subprocess.run([IMPORT, "-window", window, str(path)], check=False, timeout=30, stderr=subprocess.DEVNULL)
