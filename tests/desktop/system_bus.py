"""A system bus of the test's own, and on it a logind and a NetworkManager that say what the test wants."""

import os
import pathlib
import select
import subprocess
import tempfile
import threading

from gi.repository import Gio, GLib
from simulator import until

MANAGER = "/org/freedesktop/login1"
SESSION = "/org/freedesktop/login1/session/c7"
LOGIND = """<node><interface name="org.freedesktop.login1.Manager">
  <method name="Inhibit"><arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="h" direction="out"/></method>
  <method name="GetSession"><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
  <signal name="PrepareForSleep"><arg type="b"/></signal>
</interface><interface name="org.freedesktop.login1.Session">
  <signal name="Lock"/><signal name="Unlock"/>
  <property name="LockedHint" type="b" access="read"/><property name="IdleHint" type="b" access="read"/>
</interface></node>"""


class SystemBus:
    """The bus. It can be ended and begun again at the same address."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="earshot-bus-")
        self.address = f"unix:path={pathlib.Path(self._folder.name) / 'bus'}"
        self._daemon = None

    def begin(self):
        command = ["dbus-daemon", "--session", "--nofork", "--print-address", "--address", self.address]
        # It complains of limits that it may not raise; nobody here needs them.
        quiet = {"stdin": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._daemon = subprocess.Popen(command, stdout=subprocess.PIPE, **quiet)
        self._daemon.stdout.readline()
        return self

    def end(self):
        if self._daemon:
            self._daemon.kill()
            self._daemon.wait()
            self._daemon.stdout.close()
            self._daemon = None

    def close(self):
        self.end()
        self._folder.cleanup()

    def connect(self, name):
        """A connection that owns this name. Its end is nobody's end but its own."""
        flags = Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        connection = Gio.DBusConnection.new_for_address_sync(self.address, flags, None, None)
        connection.set_exit_on_close(False)
        arguments = GLib.Variant("(su)", (name, 0))
        bus = ("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName")
        connection.call_sync(*bus, arguments, None, Gio.DBusCallFlags.NONE, 5000, None)
        return connection


class Logind:
    """A logind with one session, `c7`."""

    def __init__(self, bus):
        self.asked = []
        self.hints = {"LockedHint": False, "IdleHint": False}
        self._ends = []
        self._ready = threading.Event()
        self._context = GLib.MainContext()
        self._loop = GLib.MainLoop(self._context)
        self._thread = threading.Thread(target=self._serve, args=(bus,), daemon=True)
        self._thread.start()
        assert self._ready.wait(10), "the stand-in for logind did not begin"

    def _serve(self, bus):
        self._context.push_thread_default()
        self._connection = bus.connect("org.freedesktop.login1")
        manager, session = Gio.DBusNodeInfo.new_for_xml(LOGIND).interfaces
        self._connection.register_object(MANAGER, manager, self._call, None, None)
        self._connection.register_object(SESSION, session, None, self._get, None)
        self._ready.set()
        self._loop.run()

    def _call(self, _connection, _sender, _path, _interface, method, arguments, invocation):
        if method == "GetSession":
            return invocation.return_value(GLib.Variant("(o)", (SESSION,)))
        self.asked.append(arguments.unpack())
        mine, theirs = os.pipe()
        self._ends.append(mine)
        descriptors = Gio.UnixFDList.new()
        descriptors.append(theirs)
        os.close(theirs)
        invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (0,)), descriptors)

    def _get(self, _connection, _sender, _path, _interface, name):
        return GLib.Variant("b", self.hints[name])

    def held(self):
        """How many keep the computer awake now: each has its end of a pipe open."""
        watch = select.poll()
        for each in self._ends:
            watch.register(each, 0)
        gone = [end for end, event in watch.poll(0) if event & select.POLLHUP]
        return len(self._ends) - len(gone)

    def _tell(self, path, interface, signal, arguments=None):
        self._connection.emit_signal(None, path, interface, signal, arguments)
        self._connection.flush_sync(None)

    def prepare_for_sleep(self, start):
        self._tell(MANAGER, "org.freedesktop.login1.Manager", "PrepareForSleep", GLib.Variant("(b)", (start,)))

    def session(self, signal):
        """`Lock` or `Unlock`."""
        self._tell(SESSION, "org.freedesktop.login1.Session", signal)

    def hint(self, name, value):
        self.hints[name] = value
        changes = ("org.freedesktop.login1.Session", {name: GLib.Variant("b", value)}, [])
        arguments = GLib.Variant("(sa{sv}as)", changes)
        self._tell(SESSION, "org.freedesktop.DBus.Properties", "PropertiesChanged", arguments)

    def end(self):
        self._loop.quit()
        self._thread.join(5)
        try:
            self._connection.close_sync(None)
        except GLib.Error:
            pass  # the bus went first
        for each in self._ends:
            os.close(each)
        self._ends = []


class NetworkManager:
    """Tells of the way to the internet."""

    def __init__(self, bus):
        self._connection = bus.connect("org.freedesktop.NetworkManager")

    def connectivity(self, state):
        """4 is a way to the internet, 2 a page that asks to sign in first."""
        name = "org.freedesktop.NetworkManager"
        arguments = GLib.Variant("(sa{sv}as)", (name, {"Connectivity": GLib.Variant("u", state)}, []))
        path = "/org/freedesktop/NetworkManager"
        self._connection.emit_signal(None, path, "org.freedesktop.DBus.Properties", "PropertiesChanged", arguments)
        self._connection.flush_sync(None)


def waits(logind):
    """Waits until somebody wants to be waited for before a sleep."""
    until("somebody keeps the computer awake until it is written down", lambda: logind.held() == 1, 20)
