"""The desktop's key store, as a person could look into it: what Earshot keeps there, locking it, taking it away."""

import functools
import re
import subprocess

import screen
from gi.repository import Gio, GLib
from simulator import until

SERVICE = "cloud.earshot.desktop"
DIALOG = "prompter"
COLLECTION = "/org/freedesktop/secrets/collection/login"

# As session.sh has it.
PASSWORD = "desktop-tests"


def entries():
    """Labels of Earshot's entries, locked or not."""
    found = subprocess.run(
        ["secret-tool", "search", "--all", "service", SERVICE], capture_output=True, text=True, timeout=10, check=False
    )
    return re.findall(r"^label = (.*)$", found.stdout, re.M)


def secrets():
    """What they hold."""
    found = subprocess.run(
        ["secret-tool", "search", "--all", "service", SERVICE], capture_output=True, text=True, timeout=10, check=False
    )
    return re.findall(r"^secret = (.*)$", found.stdout, re.M)


def forget():
    """Removes all of Earshot's entries."""
    subprocess.run(["secret-tool", "clear", "service", SERVICE], timeout=10, check=False)


@functools.cache
def _bus():
    """One connection for all calls: what the store opens for it ends with it."""
    return Gio.bus_get_sync(Gio.BusType.SESSION)


def _service(interface, method, *arguments):
    """Calls the store over the session bus, without ever waiting for a person."""
    parameters = GLib.Variant.new_tuple(*arguments)
    answer = _bus().call_sync(
        "org.freedesktop.secrets", "/org/freedesktop/secrets", interface, method, parameters, None, 0, 10_000
    )
    return answer.unpack()


def lock():
    """Locks the key store, as the desktop does when nobody has used it for long."""
    _service("org.freedesktop.Secret.Service", "Lock", GLib.Variant("ao", [COLLECTION]))


def unlock(password):
    """Unlocks it without a dialog, as logging in does."""
    plain = GLib.Variant("s", "plain"), GLib.Variant("v", GLib.Variant("s", ""))
    _, session = _service("org.freedesktop.Secret.Service", "OpenSession", *plain)
    secret = GLib.Variant("(oayays)", (session, b"", password.encode(), "text/plain"))
    private = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
    _service(private, "UnlockWithMasterPassword", GLib.Variant("o", COLLECTION), secret)


def dismiss_dialogs():
    """Closes what an unfinished test has left open."""
    for window in screen.of_class(DIALOG):
        screen.activate(window)
        screen.key("Escape")


def answer_dialog(password):
    """Types the password into the key store's own dialog, or closes it."""
    window = until("the key store's dialog", lambda: screen.of_class(DIALOG))[0]
    screen.activate(window)
    if password is None:
        screen.key("Escape")
    else:
        screen.type_text(password)
        screen.key("Return")


def no_session_bus():
    """An environment without a session bus, in which a screen reader still finds its own."""
    address = subprocess.run(
        ["gdbus", "call", "--session", "--dest", "org.a11y.Bus", "--object-path", "/org/a11y/bus"]
        + ["--method", "org.a11y.Bus.GetAddress"],
        capture_output=True,
        text=True,
        timeout=10,
        check=True,
    ).stdout
    return {
        "DBUS_SESSION_BUS_ADDRESS": "unix:path=/nonexistent/bus",
        "AT_SPI_BUS_ADDRESS": re.search(r"'([^']+)'", address)[1],
    }
