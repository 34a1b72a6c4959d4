"""Losing the connection and the token: what the indicator says, what comes back, and what was missed meanwhile."""

import re
import time
import unittest

from case import SLACK, DesktopTest, with_simulator


class Connection(DesktopTest):
    def test_a_dropped_socket_is_told_comes_back_and_owns_up_to_what_it_missed(self):
        app = self.signed_in()
        self.offered(app, medium="call", caller="Rang Before", alerting_seconds=60)
        rings = self.rings(app)
        self.simulator.do("refuse-upgrades", status=503, seconds=3)
        began = time.monotonic()
        self.simulator.do("drop-sockets")
        app.wait_indicator("Reconnecting", 5 * SLACK)
        self.assertLess(time.monotonic() - began, 2 * SLACK)

        missed = self.simulator.offer("call", caller="Nobody Heard", if_missed="end")
        self.simulator.do("hang-up", conversation=missed["conversation"])
        app.wait_indicator("Connected", 20)
        self.until("the missed one is listed", lambda: any("Nobody Heard" in each for each in app.missed()))
        entry = next(each for each in app.missed() if "Nobody Heard" in each)
        self.assertRegex(entry, re.compile("reconnecting|while|connection", re.I))
        # The one that went on ringing is still there, once, and did not ring anew.
        self.assertEqual(len(list(app.page("popup").all(name="Rang Before"))), 1)
        self.assertEqual(self.rings(app), rings, "an offer known before the gap rang again")

    def rings(self, app):
        """How often the app has told an offer, by its own account."""
        return len(re.findall(r"offer alerts", app.log()))

    def test_an_offer_that_came_during_the_gap_and_still_rings_is_shown(self):
        app = self.signed_in()
        self.simulator.do("refuse-upgrades", status=503, seconds=2)
        self.simulator.do("close-sockets", code=1012, reason="service restart")
        app.wait_indicator("Reconnecting", 5 * SLACK)
        self.simulator.offer("message", caller="Still Ringing", alerting_seconds=60)
        app.wait(name="Still Ringing", page="popup", seconds=20)

    def test_reconnect_now_cuts_the_waiting_short(self):
        app = self.signed_in()
        self.simulator.do("refuse-upgrades", status=503)
        self.simulator.do("drop-sockets")
        app.wait_indicator("Reconnecting", 5 * SLACK)
        # Let the waiting grow beyond what it would be at once.
        self.until("several attempts", lambda: self.simulator.state()["sockets"]["refused"] >= 4, 60)
        self.simulator.do("clear-faults")
        app.press("Reconnect now")
        app.wait_indicator("Connected", 5 * SLACK)
        self.assertIsNone(app.look("button", "Reconnect now"), "nothing to reconnect while connected")

    def test_a_token_that_ends_under_the_live_socket_asks_for_a_sign_in_and_recovers(self):
        app = self.signed_in()
        self.simulator.do("expire-tokens")
        app.wait_indicator("Sign-in needed", 20)
        app.press("Sign in")
        app.wait_indicator("Connected", 20)
        self.offered(app, medium="call")

    @with_simulator("--refresh-for-pkce")
    def test_a_token_that_ends_is_renewed_where_a_refresh_token_exists(self):
        app = self.signed_in()
        issued = self.simulator.state()["tokens"]["issued"]
        self.simulator.do("expire-tokens")
        self.until("a new token", lambda: self.simulator.state()["tokens"]["issued"] == issued + 1)
        app.wait_indicator("Connected", 20)
        self.offered(app, medium="call")
        self.assertEqual(len(app.browsed()), 1, "no second sign-in")
        self.assertEqual(self.simulator.state()["tokens"]["issued"], issued + 1, "one renewal, not several")

    def test_a_half_open_socket_is_found_out(self):
        app = self.signed_in()
        self.until("pings were answered", lambda: "pong" in app.log(), 15)
        self.simulator.do("half-open")
        app.wait_indicator("Reconnecting", 12 + 5 * SLACK)
        app.wait_indicator("Connected", 20)
        self.offered(app, medium="call")

    def test_an_evicted_channel_is_replaced(self):
        app = self.signed_in()
        self.simulator.do("evict-channels")
        self.until("a second channel", lambda: self.simulator.state()["channels"]["created"] >= 2, 30)
        app.wait_indicator("Connected", 30)
        self.offered(app, medium="call")

    def test_a_missing_permission_is_named_and_not_retried(self):
        self.simulator.do("scopes", remove=["notifications"])
        app = self.start()
        app.press("Sign in")
        app.wait_indicator("Blocked", 20)
        app.wait_text("notifications")
        self.simulator.do("scopes", add=["notifications"])
        app.press("Reconnect now")
        app.wait_indicator("Connected", 20)

    def test_no_connection_at_all_is_told_and_healed(self):
        app = self.signed_in()
        self.simulator.do("offline", seconds=4)
        app.wait_indicator("Reconnecting", 5 * SLACK)
        app.wait_indicator("Connected", 30)


if __name__ == "__main__":
    unittest.main()
