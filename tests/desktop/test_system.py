"""Sleep, the screen lock and the network, as logind, NetworkManager and the interfaces tell of them."""

import shutil
import sqlite3
import subprocess
import time
import unittest
from unittest import mock

import app as apps
from case import SLACK, DesktopTest
from system_bus import Logind, NetworkManager, SystemBus, waits


class System(DesktopTest):
    def setUp(self):
        super().setUp()
        self.bus = SystemBus()
        self.addCleanup(self.bus.close)

    def logind(self):
        logind = Logind(self.bus)
        self.addCleanup(logind.end)
        return logind

    def on_this_computer(self):
        """The app, signed in, with what it hears of the system written into its log."""
        return self.signed_in(DBUS_SYSTEM_BUS_ADDRESS=self.bus.address, XDG_SESSION_ID="c7")

    def orders(self, app, order):
        """How often the session was told this."""
        return app.log().count(f"the system: {order}")

    def journal(self, app):
        """A connection to the app's journal."""
        [journal] = (app.folder / "data").rglob("journal.db")
        connection = sqlite3.connect(journal, isolation_level=None)
        self.addCleanup(connection.close)
        return connection

    def heard(self, journal):
        """The records that say until when it heard, so far."""
        return journal.execute("SELECT count(*) FROM record WHERE kind = 'hearing'").fetchone()[0]

    def waits_for_the_record(self, logind, journal):
        """Tells of a sleep while nobody can write into the journal: how many then keep the computer awake."""
        while True:
            began = time.monotonic()
            journal.execute("BEGIN IMMEDIATE")
            logind.prepare_for_sleep(True)
            time.sleep(0.1)
            held = logind.held()
            journal.execute("COMMIT")
            # A journal that is locked for a quarter of a second counts as one that fails, and is not waited for.
            if time.monotonic() - began < 0.2:
                return held
            logind.prepare_for_sleep(False)
            waits(logind)

    def test_a_sleep_is_written_down_first_and_over_within_seconds_of_waking(self):
        self.bus.begin()
        logind = self.logind()
        app = self.on_this_computer()
        waits(logind)
        self.assertEqual(logind.asked[-1], ("sleep", "Earshot", "Writes down until when it heard", "delay"))

        self.until("it has caught up", lambda: app.indicator() == "Connected")
        journal = self.journal(app)
        before = self.heard(journal)
        self.assertEqual(self.waits_for_the_record(logind, journal), 1, "it does not sleep before that is written")
        self.until("the computer may sleep", lambda: logind.held() == 0, 5)
        self.assertGreater(self.heard(journal), before, "until when it heard is on record before it sleeps")
        # Asleep: what was open is dead without a word, and somebody calls.
        self.simulator.do("half-open")
        self.simulator.offer("call", caller="Called Meanwhile", alerting_seconds=120)
        time.sleep(1)
        self.assertEqual(self.simulator.state()["sockets"]["opened"], 1)

        began = time.monotonic()
        logind.prepare_for_sleep(False)
        self.until("another socket", lambda: self.simulator.state()["sockets"]["opened"] == 2, 12)
        # Two seconds to find the old one dead. By itself it would be found so after twelve.
        self.assertLess(time.monotonic() - began, 2 + SLACK)
        app.wait(name="Called Meanwhile", page="popup")
        app.wait_indicator("Connected", 20)
        waits(logind)

    def test_a_way_to_the_internet_cuts_the_waiting_short(self):
        self.bus.begin()
        network = NetworkManager(self.bus)
        app = self.on_this_computer()
        self.simulator.do("refuse-upgrades", status=503)
        self.simulator.do("drop-sockets")
        app.wait_long_wait()
        # The addresses that it began with were news once.
        before = self.orders(app, "Woke")
        network.connectivity(2)
        # Longer than changes are held together.
        time.sleep(1)
        self.assertEqual(self.orders(app, "Woke"), before, "a sign-in page is no way to the internet")
        self.simulator.do("clear-faults")
        network.connectivity(4)
        app.wait_indicator("Connected", 2 * SLACK)
        self.assertEqual(self.orders(app, "Woke"), before + 1)

    def test_the_lock_and_the_idle_person_are_noticed(self):
        self.bus.begin()
        logind = self.logind()
        app = self.on_this_computer()
        self.until("somebody is here", lambda: self.orders(app, "PersonHere(true)") == 1)
        logind.session("Lock")
        self.until("nobody is here", lambda: self.orders(app, "PersonHere(false)") == 1)
        logind.session("Unlock")
        self.until("somebody is here", lambda: self.orders(app, "PersonHere(true)") == 2)
        logind.hint("LockedHint", True)
        self.until("nobody is here", lambda: self.orders(app, "PersonHere(false)") == 2)
        logind.hint("LockedHint", False)
        self.until("somebody is here", lambda: self.orders(app, "PersonHere(true)") == 3)
        logind.hint("IdleHint", True)
        self.until("nobody is here", lambda: self.orders(app, "PersonHere(false)") == 3)
        logind.hint("IdleHint", False)
        self.until("somebody is here", lambda: self.orders(app, "PersonHere(true)") == 4)
        # None of it is anybody's presence.
        self.assertEqual([each for each in self.simulator.actions() if "presence" in each["path"]], [])

    def test_a_bus_and_a_logind_that_go_and_come_back_are_survived(self):
        # None at first.
        app = self.on_this_computer()
        self.until("that is said", lambda: "the system bus cannot be watched" in app.log())

        def heard(times):
            logind = self.logind()
            waits(logind)
            self.until("it knows of the person", lambda: self.orders(app, "PersonHere(true)") == times)
            return logind

        def lost(times):
            self.until("it knows no more", lambda: self.orders(app, "PersonHere(false)") == times)

        self.bus.begin()
        logind = heard(1)
        self.assertIn("the system bus can be watched again", app.log())
        # Another logind on the same bus.
        logind.end()
        lost(1)
        logind = heard(2)
        # Another bus.
        self.bus.end()
        lost(2)
        logind.end()
        self.bus.begin()
        heard(3)
        app.wait_indicator("Connected")
        self.offered(app, medium="call")

    def test_another_address_is_another_network_and_a_temporary_one_is_not(self):
        own = ["unshare", "--user", "--map-root-user", "--net"]
        tools = all(shutil.which(each) for each in ("unshare", "nsenter", "ip"))
        if not tools or subprocess.run([*own, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no network of its own for the app on this computer")
        starter = self.folder / "in-a-network-of-its-own"
        inside = 'ip link set lo up; exec "$0" "$@"'
        starter.write_text(f"#!/bin/sh\nexec {' '.join(own)} sh -c '{inside}' '{apps.BINARY}' \"$@\"\n")
        starter.chmod(0o755)
        with mock.patch.object(apps, "BINARY", starter):
            app = self.start()
        self.until("a window", app.main_windows)

        def change(*words):
            join = ["nsenter", "--target", str(app.pid), "--user", "--net", "--preserve-credentials"]
            subprocess.run([*join, "ip", "addr", *words, "dev", "lo"], check=True)

        self.assertEqual(self.orders(app, "Woke"), 0)
        change("add", "198.51.100.7/24")
        self.until("that is noticed", lambda: self.orders(app, "Woke") == 1)
        time.sleep(0.6)
        change("add", "2001:db8:1:2::7/64")
        self.until("that is noticed", lambda: self.orders(app, "Woke") == 2)
        time.sleep(0.6)
        change("add", "2001:db8:1:2::aaaa/64")
        change("del", "2001:db8:1:2::7/64")
        change("add", "169.254.3.4/16")
        # Longer than changes are held together.
        time.sleep(1)
        self.assertEqual(self.orders(app, "Woke"), 2, "it is the same network as before")
        change("del", "198.51.100.7/24")
        self.until("the loss is noticed", lambda: self.orders(app, "Woke") == 3)


if __name__ == "__main__":
    unittest.main()
