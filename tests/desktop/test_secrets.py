"""With logging at its most talkative, nothing secret and nothing of a customer's is written anywhere."""

import pathlib
import unittest

from case import PUBLIC_CLIENT, DesktopTest
from recorder import Recorder

CALLER = "Canary Xanthippe"
ADDRESS = "+4915550009999"
SUBJECT = "Canary subject about a broken heating"


class Secrets(DesktopTest):
    simulator_arguments = ("--refresh-for-pkce",)

    def test_canaries_appear_in_no_log_and_no_file(self):
        recorder = Recorder(self.simulator.base_url)
        self.addCleanup(recorder.__exit__)
        app = self.start(
            environment={
                "EARSHOT_LOGIN_URL": recorder.base_url,
                "EARSHOT_API_URL": recorder.base_url,
                "EARSHOT_CLIENT_ID": PUBLIC_CLIENT,
                "EARSHOT_LOG": "trace",
                "RUST_LOG": "trace",
            }
        )
        app.press("Sign in")
        app.wait_indicator("Connected")
        offered = self.simulator.offer("call", caller=CALLER, address=ADDRESS)
        app.wait(name=CALLER, page="popup")
        app.press("Answer", page="popup")
        self.until("Genesys has it connected", lambda: self.simulator.leg(offered)["state"] == "connected")
        self.simulator.offer("email", caller=CALLER, subject=SUBJECT)
        app.wait(name=CALLER, page="popup")
        # The paths on which things go wrong talk the most.
        self.simulator.do("send-raw", text='{"topicName":"v2.users.x.conversations","eventBody":{"id":"' + CALLER)
        self.simulator.do("fail", path="/api/v2/conversations", status=502, body="html", count=1)
        self.simulator.do("expire-tokens")
        self.until("a renewed token", lambda: self.simulator.state()["tokens"]["refreshed"] >= 1, 20)
        self.until("it has caught up", lambda: app.indicator() == "Connected", 30)
        app.press("Decline", page="popup")
        self.until("it was sent", lambda: len(self.patches()) >= 2)

        canaries = recorder.secrets()
        for kind in ("access token", "refresh token", "authorization code", "code verifier", "channel"):
            self.assertTrue(canaries[kind], f"no {kind} was seen on the wire, so the test proves nothing")
        self.assertGreaterEqual(len(canaries["access token"]), 2)
        canaries.update(caller=["Xanthippe"], address=[ADDRESS.lstrip("+")], subject=[SUBJECT])
        log = app.log()
        self.assertIn("DEBUG", log, "the log is not at its most talkative")

        files = [path for path in pathlib.Path(app.folder).rglob("*") if path.is_file() and path.name != "browser.log"]
        self.assertIn(app.log_file, files)
        app.stop()
        for path in files:
            if not path.exists():
                continue
            content = path.read_bytes()
            for kind, values in canaries.items():
                for value in values:
                    self.assertNotIn(
                        value.encode(), content, f"the {kind} is in {path.relative_to(app.folder)}: {value[:6]}…"
                    )

    def test_nothing_secret_is_on_a_command_line_or_in_an_environment(self):
        recorder = Recorder(self.simulator.base_url)
        self.addCleanup(recorder.__exit__)
        app = self.start(
            environment=self.environment(EARSHOT_LOGIN_URL=recorder.base_url, EARSHOT_API_URL=recorder.base_url)
        )
        app.press("Sign in")
        app.wait_indicator("Connected")
        # And a renewal.
        self.simulator.do("expire-tokens")
        self.until("a renewed token", lambda: self.simulator.state()["tokens"]["refreshed"] >= 1, 20)
        found = recorder.secrets()
        self.assertTrue(all(found[kind] for kind in ("access token", "refresh token", "channel")), found.keys())
        secrets = [value for values in found.values() for value in values]
        looked = 0
        for what in ("cmdline", "environ"):
            for file in pathlib.Path("/proc").glob(f"[0-9]*/{what}"):
                try:
                    content = file.read_bytes()
                except OSError:
                    continue
                looked += what == "environ" and b"EARSHOT_LOGIN_URL=" in content
                for value in secrets:
                    self.assertNotIn(value.encode(), content, f"{file}: {value[:6]}…")
        # Its own, and those of the web processes it started.
        self.assertGreaterEqual(looked, 2, "the app's environment was not looked at")


if __name__ == "__main__":
    unittest.main()
