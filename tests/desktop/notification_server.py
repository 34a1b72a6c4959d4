#!/usr/bin/python3
"""A notification server that does as a test says: for what no real one shows on demand.

    notification_server.py [--without actions,body-markup] [--name NAME]

Takes `org.freedesktop.Notifications`, says what happens as JSON lines on standard output, and obeys lines on standard
input: `press ID ACTION`, `close ID`, `inhibited true|false`. It ends with its standard input.
"""

import argparse
import json
import sys
import threading

from gi.repository import Gio, GLib

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
INTERFACE = """
<node><interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation">
    <arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/>
  </method>
  <method name="Notify">
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
  </method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
  <property name="Inhibited" type="b" access="read"/>
</interface></node>
"""
CAPABILITIES = ["actions", "body", "body-markup", "inhibitions"]
CLOSED_BY_PERSON, CLOSED_BY_CALL = 2, 3


def say(**what):
    print(json.dumps(what), flush=True)


class Server:
    def __init__(self, name, capabilities):
        self.name, self.capabilities = name, capabilities
        self.inhibited = False
        self.last = 0
        self.shown = set()
        self.bus = Gio.bus_get_sync(Gio.BusType.SESSION)
        interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
        self.bus.register_object(PATH, interface, self.called, self.asked, None)
        flags = Gio.BusNameOwnerFlags.REPLACE | Gio.BusNameOwnerFlags.ALLOW_REPLACEMENT
        Gio.bus_own_name_on_connection(
            self.bus, NAME, flags, lambda *_: say(what="ready"), lambda *_: say(what="without the name")
        )

    def called(self, _bus, _sender, _path, _interface, method, arguments, call):
        if method == "GetCapabilities":
            call.return_value(GLib.Variant("(as)", (self.capabilities,)))
        elif method == "GetServerInformation":
            call.return_value(GLib.Variant("(ssss)", (self.name, "Earshot's tests", "1", "1.2")))
        elif method == "Notify":
            app, replaces, icon, summary, body, actions, hints, timeout = arguments.unpack()
            if replaces in self.shown:
                number = replaces
            else:
                self.last += 1
                number = self.last
                self.shown.add(number)
            hints.pop("image-data", None)
            told = {"app": app, "icon": icon, "summary": summary, "body": body, "actions": actions, "hints": hints}
            say(what="shown", id=number, replaces=replaces, timeout=timeout, **told)
            call.return_value(GLib.Variant("(u)", (number,)))
        else:
            self.close(arguments.unpack()[0], CLOSED_BY_CALL)
            call.return_value(None)

    def asked(self, _bus, _sender, _path, _interface, _property):
        return GLib.Variant("b", self.inhibited)

    def close(self, number, why):
        if number in self.shown:
            self.shown.discard(number)
            say(what="closed", id=number)
            self.tell("NotificationClosed", "(uu)", (number, why))

    def tell(self, signal, kind, values):
        self.bus.emit_signal(None, PATH, NAME, signal, GLib.Variant(kind, values))

    def obey(self, line):
        order, *rest = line.split()
        if order == "press":
            # Also for one that is gone: what a person pressed may come late.
            self.tell("ActionInvoked", "(us)", (int(rest[0]), rest[1]))
            self.close(int(rest[0]), CLOSED_BY_PERSON)
        elif order == "close":
            self.close(int(rest[0]), CLOSED_BY_PERSON)
        elif order == "inhibited":
            self.inhibited = rest[0] == "true"
            changed = {"Inhibited": GLib.Variant("b", self.inhibited)}
            values = GLib.Variant("(sa{sv}as)", (NAME, changed, []))
            self.bus.emit_signal(None, PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged", values)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--without", default="")
    parser.add_argument("--name", default="Plasma")
    options = parser.parse_args()
    lacks = options.without.split(",")
    server = Server(options.name, [each for each in CAPABILITIES if each not in lacks])
    loop = GLib.MainLoop()

    def listen():
        for line in sys.stdin:
            GLib.idle_add(server.obey, line)
        GLib.idle_add(loop.quit)

    threading.Thread(target=listen, daemon=True).start()
    loop.run()


if __name__ == "__main__":
    main()
