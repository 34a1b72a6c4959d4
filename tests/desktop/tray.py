"""The tray as the panel sees it: StatusNotifierItem and its menu, over the session bus; and a desktop without one."""

import subprocess

from gi.repository import Gio, GLib
from simulator import until


def _call(name, path, interface, method, arguments=None):
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    return bus.call_sync(name, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE, 5000, None).unpack()


def _property(name, path, interface, wanted):
    arguments = GLib.Variant("(ss)", (interface, wanted))
    return _call(name, path, "org.freedesktop.DBus.Properties", "Get", arguments)[0]


class Icon:
    """One icon in the tray."""

    def __init__(self, item):
        name, slash, path = item.partition("/")
        self.name, self.path = name, (slash + path) or "/StatusNotifierItem"

    def tooltip(self):
        """Its words, title and text together."""
        return " ".join(_property(self.name, self.path, "org.kde.StatusNotifierItem", "ToolTip")[2:4])

    def picture(self):
        """Its pixels: two of its states never have the same."""
        return _property(self.name, self.path, "org.kde.StatusNotifierItem", "IconPixmap")

    def click(self):
        """A left click."""
        _call(self.name, self.path, "org.kde.StatusNotifierItem", "Activate", GLib.Variant("(ii)", (0, 0)))

    def _menu(self):
        return _property(self.name, self.path, "org.kde.StatusNotifierItem", "Menu")

    def _layout(self):
        arguments = GLib.Variant("(iias)", (0, -1, []))
        _, (_, _, children) = _call(self.name, self._menu(), "com.canonical.dbusmenu", "GetLayout", arguments)
        return children

    def entries(self):
        """Every entry of the menu by its label, those of its submenus too, in order."""
        found = {}

        def read(children):
            for number, properties, below in children:
                label = properties.get("label", "").replace("__", "\0").replace("_", "").replace("\0", "_")
                if label:
                    found[label] = Entry(number, properties)
                read(below)

        read(self._layout())
        return found

    def usable(self):
        """Labels of the entries that can be chosen."""
        return [label for label, entry in self.entries().items() if entry.enabled]

    def ticked(self):
        """Labels of the entries that are ticked."""
        return [label for label, entry in self.entries().items() if entry.ticked]

    def choose(self, label):
        """Clicks an entry of the menu, as soon as it is there. One that was read just before the menu changed is read
        again, as panels do."""

        def clicked():
            entry = self.entries().get(label)
            if entry is None:
                return False
            arguments = GLib.Variant("(isvu)", (entry.number, "clicked", GLib.Variant("s", ""), 0))
            try:
                _call(self.name, self._menu(), "com.canonical.dbusmenu", "Event", arguments)
            except GLib.Error as error:
                if "id not found" in error.message:
                    return False
                raise
            return True

        until(f"{label} is clicked", clicked, 5)


class Entry:
    """One entry of the menu."""

    def __init__(self, number, properties):
        self.number = number
        self.enabled = properties.get("enabled", True)
        self.ticked = properties.get("toggle-state", -1) == 1


BUS = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus")


def icon():
    """The first icon in the tray, or None. One whose program has ended may be listed for a moment longer."""
    items = _property(
        "org.kde.StatusNotifierWatcher",
        "/StatusNotifierWatcher",
        "org.kde.StatusNotifierWatcher",
        "RegisteredStatusNotifierItems",
    )
    return next((icon for icon in map(Icon, items) if _has_owner(icon.name)), None)


def _has_owner(name):
    return _call(*BUS, "NameHasOwner", GLib.Variant("(s)", (name,)))[0]


def present():
    """Whether anything on this desktop shows tray icons."""
    return _has_owner("org.kde.StatusNotifierWatcher")


class Absent:
    """No panel, and so no tray, until it comes back. Use as a context manager."""

    # Panels outlive the test that began them.
    panels = []

    def __enter__(self):
        subprocess.run(["xfce4-panel", "--quit"], check=True, timeout=20, capture_output=True)
        until("the tray is gone", lambda: not present(), 15)
        return self

    def come_back(self):
        """Once or more often."""
        if not present():
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            self.panels.append(subprocess.Popen(["xfce4-panel", "--disable-wm-check"], **quiet))
            until("the tray is back", present, 15)

    def __exit__(self, *_):
        self.come_back()
