"""Native notifications as the desktop shows them: those of the real server through the eyes of assistive technology, and
a server that does as the test says, in its place."""

import json
import os
import pathlib
import signal
import subprocess
import sys
import threading

import accessible
from gi.repository import Gio, GLib
from simulator import until

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")
PROGRAM = pathlib.Path(__file__).resolve().parent / "notification_server.py"


def _call(name, path, interface, method, arguments=None):
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    flags = Gio.DBusCallFlags.NO_AUTO_START if interface == NAME else Gio.DBusCallFlags.NONE
    return bus.call_sync(name, path, interface, method, arguments, None, flags, 5000, None).unpack()


def owner():
    """The process of the notification server, or None."""
    try:
        return _call(*BUS, "GetConnectionUnixProcessID", GLib.Variant("(s)", (NAME,)))[0]
    except GLib.Error:
        return None


def end_server():
    """Ends the notification server that is there."""
    pid = owner()
    if pid is not None:
        os.kill(pid, signal.SIGTERM)
        until("the notification server has ended", lambda: owner() != pid)


def start_real():
    """The desktop's own server, started on demand as for any program."""
    if owner() is None:
        _call(*BUS, "StartServiceByName", GLib.Variant("(su)", (NAME, 0)))
    until("there is a notification server", owner)


class Absent:
    """No notification server, and none that could be started. Use as a context manager."""

    def __enter__(self):
        folder = pathlib.Path(os.environ["XDG_RUNTIME_DIR"]) / "dbus-1/services"
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / f"{NAME}.service"
        self.file.write_text(f"[D-BUS Service]\nName={NAME}\nExec=/bin/false\n")
        _call(*BUS, "ReloadConfig")
        end_server()
        return self

    def __exit__(self, *_):
        self.file.unlink()
        _call(*BUS, "ReloadConfig")
        start_real()


class Fake:
    """The obedient server in the place of the real one, which starts again on demand. Use as a context manager."""

    def __init__(self, *arguments):
        self.arguments = arguments
        self.heard = []

    def __enter__(self):
        end_server()
        self.start()
        return self

    def start(self):
        self.process = subprocess.Popen(
            [sys.executable, str(PROGRAM), *self.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.listener = threading.Thread(target=self._listen, args=(self.process.stdout,), daemon=True)
        self.listener.start()
        until("the server has the name", lambda: owner() == self.process.pid)

    def _listen(self, lines):
        for line in lines:
            self.heard.append(json.loads(line))

    def end(self):
        self.process.stdin.close()
        self.process.wait(5)
        self.listener.join(5)
        self.process.stdout.close()

    def __exit__(self, *_):
        self.end()

    def tell(self, order):
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()

    def all(self, what="shown"):
        return [each for each in self.heard if each["what"] == what]

    def up(self):
        """What is on its screen, by number, as it was shown last."""
        screen = {}
        for each in list(self.heard):
            if each["what"] == "shown":
                screen[each["id"]] = each
            elif each["what"] == "closed":
                screen.pop(each["id"], None)
        return screen

    def wait_up(self, summary):
        def look():
            return next((each for each in self.up().values() if each["summary"] == summary), None)

        return until(lambda: f"no notification {summary!r}; heard {self.heard}", look)


class Real:
    """What the desktop's own server shows."""

    def tree(self):
        pid = owner()
        return accessible.program(pid) if pid else None

    def text(self):
        """All the words on its windows."""
        tree = self.tree()
        windows = tree.children if tree else ()
        shown = [each for each in windows if "showing" in each.states]
        words = [node.text or node.name for each in shown for node in each.walk() if node.role == "label"]
        return " | ".join(words)

    def buttons(self):
        tree = self.tree()
        return [each for each in tree.all("button") if "showing" in each.states and each.name] if tree else []

    def button(self, name):
        look = lambda: next((each for each in self.buttons() if each.name == name), None)  # noqa: E731
        return until(lambda: f"no button {name!r} in a notification: {self.outline()}", look)

    def outline(self):
        tree = self.tree()
        return tree.outline() if tree else "(no notification server on the accessibility bus)"

    def wait(self, words, seconds=10.0):
        until(lambda: f"{words!r} is in no notification: {self.outline()}", lambda: words in self.text(), seconds)

    def wait_gone(self, words, seconds=10.0):
        until(lambda: f"{words!r} is still in a notification", lambda: words not in self.text(), seconds)
