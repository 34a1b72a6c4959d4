"""Losing the connection and the token: what the indicator says, what comes back, and what was missed meanwhile."""

import time
import unittest

from case import SLACK, DesktopTest, with_simulator


class Connection(DesktopTest):
    def test_a_dropped_socket_is_told_comes_back_and_owns_up_to_what_it_missed(self):
        app = self.signed_in()
        self.offered(app, medium="call", caller="Still There", alerting_seconds=120)
        left = self.offered(app, medium="message", caller="Left Meanwhile", alerting_seconds=120)
        self.simulator.do("refuse-upgrades", status=503)
        began = time.monotonic()
        self.simulator.do("drop-sockets")
        app.wait_indicator("Reconnecting", 5 * SLACK)
        self.assertLess(time.monotonic() - began, 2 * SLACK)

        self.simulator.do("hang-up", conversation=left["conversation"])
        self.simulator.do("clear-faults")
        app.wait_indicator("Connected", 60)
        self.until(lambda: f"one is listed as missed: {app.missed()}", lambda: len(app.missed()) == 1)
        self.assertRegex(app.missed()[0], "Left Meanwhile.*The customer left.*while Earshot was reconnecting")
        # The one that went on alerting is there once, and what has ended is not.
        app.wait("article", "Still There", "popup")
        cards = [each.name for each in app.page("popup").all("article")]
        self.assertEqual(cards, ["Still There"])
        self.assertEqual(self.patches(), [])

    def test_an_offer_that_came_and_went_unheard_is_owned_up_to(self):
        app = self.signed_in()
        self.simulator.do("refuse-upgrades", status=503)
        self.simulator.do("drop-sockets")
        app.wait_indicator("Reconnecting", 5 * SLACK)
        unheard = self.simulator.offer("call", caller="Nobody Heard", if_missed="end")
        self.simulator.do("time-out", conversation=unheard["conversation"])
        self.simulator.do("clear-faults")
        app.wait_indicator("Connected", 60)
        # Genesys lets nobody read who it was; that it was is known from Not Responding.
        self.until(lambda: f"one is listed as missed: {app.missed()}", lambda: len(app.missed()) == 1)
        self.assertIn("details unavailable", app.missed()[0])
        app.press("Back on queue")
        self.until("the agent is ready again", lambda: self.simulator.agent()["routing_status"] == "IDLE")

    def test_an_offer_that_came_during_the_gap_and_still_rings_is_shown(self):
        app = self.signed_in()
        self.simulator.do("refuse-upgrades", status=503)
        self.simulator.do("close-sockets", code=1012, reason="service restart")
        app.wait_indicator("Reconnecting", 5 * SLACK)
        self.simulator.offer("message", caller="Still Ringing", alerting_seconds=90)
        self.simulator.do("clear-faults")
        app.wait(name="Still Ringing", page="popup", seconds=40)

    def test_reconnect_now_cuts_the_waiting_short(self):
        app = self.signed_in()
        self.simulator.do("refuse-upgrades", status=503)
        self.simulator.do("drop-sockets")
        app.wait_indicator("Reconnecting", 5 * SLACK)
        app.wait_long_wait()
        self.simulator.do("clear-faults")
        app.press("Reconnect now")
        app.wait_indicator("Connected", 2 * SLACK)
        app.wait_gone("button", "Reconnect now")

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
        self.assertEqual(len(app.visited()), 1, "no second sign-in")
        self.assertEqual(self.simulator.state()["tokens"]["issued"], issued + 1, "one renewal, not several")

    def test_a_half_open_socket_is_found_out(self):
        app = self.signed_in()
        self.simulator.do("half-open")
        # The way back takes no time here; what takes time is to notice.
        self.until("a second socket", lambda: self.simulator.state()["sockets"]["opened"] == 2, 12 + 5 * SLACK)
        app.wait_indicator("Connected", 20)
        self.offered(app, medium="call")

    def test_an_evicted_channel_is_replaced(self):
        app = self.signed_in()
        # The socket stays open and answers pings: only the word that it was evicted tells.
        self.simulator.do("evict-channels", keep_open=True)
        self.until("a second channel", lambda: self.simulator.state()["channels"]["created"] >= 2, 30)
        app.wait_indicator("Connected", 30)
        app.wait_text("Another connection of yours took this one's place")
        self.offered(app, medium="call")

    def test_a_missing_permission_is_named_and_not_retried(self):
        self.simulator.do("scopes", remove=["notifications"])
        app = self.start()
        app.press("Sign in")
        app.wait_indicator("Blocked", 20)
        app.wait_text("the scope “notifications” is missing")
        app.wait_long_wait()
        self.assertLess(len(self.refused()), 8, "a storm of refused requests")
        self.simulator.do("scopes", add=["notifications"])
        app.press("Reconnect now")
        app.wait_indicator("Connected", 20)

    def refused(self):
        return [each for each in self.simulator.requests() if each["status"] == 403]

    def test_a_topic_that_may_not_be_heard_is_named(self):
        self.simulator.do(
            "reject-topic", topic="v2.users.*.conversations", missing_permissions=["conversation:communication:view"]
        )
        app = self.start()
        app.press("Sign in")
        app.wait_indicator("Blocked", 20)
        app.wait_text("conversation:communication:view")
        app.wait_long_wait()
        self.simulator.do("allow-topics")
        app.press("Reconnect now")
        app.wait_indicator("Connected", 20)

    def test_no_connection_at_all_is_told_and_healed(self):
        app = self.signed_in()
        self.simulator.do("offline")
        app.wait_indicator("Reconnecting", 5 * SLACK)
        self.simulator.do("online")
        app.wait_indicator("Connected", 60)


if __name__ == "__main__":
    unittest.main()
