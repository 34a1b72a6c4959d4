"""Bad input: each shows a sentence that says what happened and what to do, and the app stays usable."""

import re
import socket
import time
import unittest

from case import DesktopTest, Simulator


def closed_port():
    """A loopback address that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"http://127.0.0.1:{server.getsockname()[1]}"


class BadInput(DesktopTest):
    def still_signs_in(self, app):
        """The app is usable: the same window signs in when things are right."""
        app.orders.write_text("continue")
        app.press("Sign in")
        app.wait_indicator("Connected", 20)

    def test_a_wrong_api_host_is_named(self):
        app = self.start(environment=self.environment(EARSHOT_API_URL=closed_port()))
        app.press("Sign in")
        app.wait_text("Nobody answers at the Genesys Cloud address", seconds=30)
        app.press("Settings")
        app.press("Sign out")
        app.wait("button", "Sign in")

    def test_a_wrong_sign_in_host_is_named(self):
        app = self.start(environment=self.environment(EARSHOT_LOGIN_URL=closed_port()))
        app.press("Sign in")
        app.wait_text("Nobody answers at the Genesys Cloud address", seconds=30)
        app.wait("button", "Sign in")

    def test_an_address_that_is_none_is_refused_with_a_reason(self):
        app = self.start(environment=self.environment(EARSHOT_LOGIN_URL="http://login.example.com"))
        app.press("Sign in")
        app.wait_text("http:// would send your sign-in unprotected to login.example.com")
        app.wait("button", "Sign in")
        self.assertEqual(app.browsed(), [])

    def test_a_wrong_client_id_is_told(self):
        app = self.start(environment=self.environment(EARSHOT_CLIENT_ID="not-a-client"))
        app.press("Sign in")
        app.wait_text("Genesys Cloud does not know this OAuth client id in this region", seconds=20)
        app.wait("button", "Sign in")
        self.until("the browser was told", app.browsed)
        self.assertIn("400", app.browsed()[0].get("trouble", ""))

    def test_denied_consent_is_told_and_can_be_tried_again(self):
        app = self.start()
        app.orders.write_text("deny")
        app.press("Sign in")
        app.wait_text("did not get your consent")
        self.still_signs_in(app)

    def test_all_three_ports_taken_is_told_and_can_be_tried_again(self):
        taken = [socket.create_server(("127.0.0.1", port)) for port in (8085, 8086, 8087)]
        app = self.start()
        try:
            app.press("Sign in")
            app.wait_text("all the ports that sign-in needs (8085, 8086, 8087)")
            self.assertEqual(app.browsed(), [])
        finally:
            for each in taken:
                each.close()
        self.still_signs_in(app)

    def test_the_second_port_is_used_when_the_first_is_taken(self):
        with socket.create_server(("127.0.0.1", 8085)):
            app = self.start()
            self.still_signs_in(app)
        self.assertEqual(app.visited()[0]["query"]["redirect_uri"], ["http://localhost:8086/callback"])

    def test_a_corrupt_settings_file_is_put_aside_and_told(self):
        first = self.start()
        self.still_signs_in(first)
        first.stop()
        [settings] = list(first.folder.rglob("settings.json"))
        settings.write_bytes(b'{"region": \xff\xfe not json')
        app = self.start()
        app.wait_text("Your settings file was damaged")
        self.assertEqual(len(list(app.folder.rglob("settings.json.broken*"))), 1)
        self.still_signs_in(app)

    def test_malformed_and_huge_frames_leave_it_hearing(self):
        app = self.signed_in()
        opened = self.simulator.state()["sockets"]["opened"]
        for frame in (
            {"text": "not json"},
            {"text": "{}"},
            {"text": '{"topicName":7,"eventBody":[]}'},
            {"text": '{"topicName":"v2.users.x.conversations","version":"2","eventBody":null}'},
            {"base64": "AP8A/w=="},
            {"bytes": 3_000_000},
        ):
            self.simulator.do("send-raw", **frame)
        self.offered(app, medium="call", caller="After The Rubbish")
        self.assertEqual(self.simulator.state()["sockets"]["opened"], opened, "rubbish is no reason to reconnect")
        app.wait_text(re.compile("could not (be )?(read|understood|understand)|unreadable|not understood", re.I))
        # Larger than any limit: the socket goes, and comes back.
        self.simulator.do("send-raw", bytes=40_000_000)
        self.until("a new socket", lambda: self.simulator.state()["sockets"]["opened"] > opened, 30)
        app.wait_indicator("Connected", 30)
        self.assertTrue(app.running())

    def test_html_where_json_was_due_is_told_and_survived(self):
        self.simulator.do("fail", path="/api/v2/users/me", status=502, body="html")
        app = self.start()
        app.press("Sign in")
        app.wait_text(re.compile("502|web page|HTML", re.I), seconds=20)
        self.simulator.do("clear-faults")
        app.wait_indicator("Connected", 40)

    def test_a_region_that_does_not_match_the_token_is_named(self):
        other = Simulator(log=self.folder / "other.log")
        self.addCleanup(other.stop)
        app = self.start(environment=self.environment(EARSHOT_API_URL=other.base_url))
        app.press("Sign in")
        app.wait_indicator("Blocked", 30)
        app.wait_text("This region does not accept the sign-in")
        # Long enough for a storm to be one.
        time.sleep(3)
        counts = [each for each in other.state()["counts"] if each["status"] == 401]
        self.assertLess(sum(each["count"] for each in counts), 8, f"a storm of refused requests: {counts}")


if __name__ == "__main__":
    unittest.main()
