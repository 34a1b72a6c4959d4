"""The ring: heard while an offer alerts and not a moment longer, by an ear at a loudspeaker."""

import time
import unittest

from case import DesktopTest
from ears import Loudspeaker


class Ring(DesktopTest):
    def setUp(self):
        super().setUp()
        self.loudspeaker = Loudspeaker(self.folder / "sound")
        self.addCleanup(self.loudspeaker.stop)

    def listening(self):
        """The app, signed in, with a loudspeaker."""
        self.loudspeaker.give_to(self.folder / "app" / "home")
        return self.signed_in(**self.loudspeaker.environment)

    def rings(self):
        """It rings, audibly."""
        mark = self.loudspeaker.heard()
        self.until("it rings", self.loudspeaker.playing)
        self.until("the ring is heard", lambda: self.loudspeaker.loudness(mark) > 1000)

    def is_silent(self, seconds=1.0):
        """It stops at once, and stays so for a while."""
        self.until("it is silent", lambda: not self.loudspeaker.playing(), 2)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.assertEqual(self.loudspeaker.playing(), 0, "it began to ring again")
            time.sleep(0.05)

    def test_it_rings_while_an_offer_alerts_and_stops_with_it(self):
        app = self.listening()
        self.assertEqual(self.loudspeaker.playing(), 0)
        offered = self.simulator.offer("call", caller="Maria Keller", if_missed="end")
        self.rings()
        self.simulator.do("hang-up", conversation=offered["conversation"])
        self.is_silent()
        self.assertNotIn("cannot ring", app.text())

    def test_answer_decline_and_dismiss_silence_it(self):
        app = self.listening()
        for button in ("Answer", "Decline", "Dismiss"):
            with self.subTest(button):
                self.simulator.do("set-routing-status", status="IDLE")
                offered = self.simulator.offer("message", caller=f"To {button}", if_missed="end")
                self.rings()
                app.wait(name=f"To {button}", page="popup")
                app.press(button, page="popup")
                self.is_silent(0.5)
                self.simulator.do("end", conversation=offered["conversation"])

    def test_what_was_dismissed_does_not_ring_again_after_a_reconnect(self):
        app = self.listening()
        self.offered(app, medium="call", caller="Dismissed", alerting_seconds=90)
        app.press("Dismiss", page="popup")
        self.is_silent(0)
        opened = self.simulator.state()["sockets"]["opened"]
        self.simulator.do("drop-sockets")
        self.until("a new socket", lambda: self.simulator.state()["sockets"]["opened"] > opened, 30)
        # Longer than the second look that the app takes after a gap.
        self.is_silent(5)
        self.simulator.offer("call", caller="A new one")
        self.rings()

    def test_it_can_be_switched_off(self):
        app = self.listening()
        app.press("Settings")
        app.press("Ring on offers", role="switch")
        self.offered(app, medium="call")
        self.is_silent(1)


class NoSound(DesktopTest):
    def test_a_machine_without_sound_is_told_once_and_works(self):
        app = self.signed_in()
        for number in range(2):
            offered = self.offered(app, medium="call", caller=f"Caller {number}", if_missed="end")
            app.wait_text("cannot ring")
            self.simulator.do("end", conversation=offered["conversation"])
            app.wait_gone(name=f"Caller {number}", page="popup")
        self.assertEqual(app.log().count("cannot ring"), 1)


if __name__ == "__main__":
    unittest.main()
