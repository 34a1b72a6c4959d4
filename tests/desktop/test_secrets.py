"""With logging at its most talkative, nothing secret and nothing of a customer's is written anywhere."""

import pathlib
import unittest

from canaries import CALLER, CanaryTest


class Secrets(CanaryTest):
    def test_canaries_appear_in_no_log_and_no_file(self):
        app, recorder = self.talkative()
        self.answered_call(app)
        self.offered_email(app)
        # The paths on which things go wrong talk the most.
        self.simulator.do("send-raw", text='{"topicName":"v2.users.x.conversations","eventBody":{"id":"' + CALLER)
        self.simulator.do("fail", path="/api/v2/conversations", status=502, body="html", count=1)
        self.simulator.do("expire-tokens")
        self.until("a renewed token", lambda: self.simulator.state()["tokens"]["refreshed"] >= 1, 20)
        self.until("it has caught up", lambda: app.indicator() == "Connected", 30)
        app.press("Decline", page="popup")
        self.until("it was sent", lambda: len(self.patches()) >= 2)

        kinds = ("access token", "refresh token", "authorization code", "code verifier", "channel")
        canaries = self.canaries(recorder, *kinds)
        self.assertGreaterEqual(len(canaries["access token"]), 2)
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
        recorder, environment = self.recorded()
        app = self.start(environment=environment)
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
