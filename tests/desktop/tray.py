"""The tray as the panel sees it: StatusNotifierItem and its menu, over the session bus."""

from gi.repository import Gio, GLib


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

    def click(self):
        """A left click."""
        _call(self.name, self.path, "org.kde.StatusNotifierItem", "Activate", GLib.Variant("(ii)", (0, 0)))

    def _menu(self):
        return _property(self.name, self.path, "org.kde.StatusNotifierItem", "Menu")

    def entries(self):
        """Label and id of every entry of the menu."""
        arguments = GLib.Variant("(iias)", (0, -1, []))
        _, (_, _, children) = _call(self.name, self._menu(), "com.canonical.dbusmenu", "GetLayout", arguments)
        labelled = ((properties.get("label", "").replace("_", ""), number) for number, properties, _ in children)
        return {label: number for label, number in labelled if label}

    def choose(self, label):
        """Clicks an entry of the menu."""
        arguments = GLib.Variant("(isvu)", (self.entries()[label], "clicked", GLib.Variant("s", ""), 0))
        _call(self.name, self._menu(), "com.canonical.dbusmenu", "Event", arguments)


def icon():
    """The first icon in the tray, or None."""
    items = _property(
        "org.kde.StatusNotifierWatcher",
        "/StatusNotifierWatcher",
        "org.kde.StatusNotifierWatcher",
        "RegisteredStatusNotifierItems",
    )
    return Icon(items[0]) if items else None
