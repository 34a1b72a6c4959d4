"""The log on disk and the report for the help desk: there, the user's own, and without a word of anybody else's."""

import pathlib
import re
import stat
import unittest

from canaries import CanaryTest
from case import PUBLIC_CLIENT


class Report(CanaryTest):
    def reports(self, app):
        return sorted(pathlib.Path(app.folder, "home").glob("earshot-report-*.txt"))

    def test_a_report_tells_the_state_and_names_nobody(self):
        app, recorder = self.talkative()
        self.answered_call(app)
        self.offered_email(app)
        self.simulator.do("drop-sockets")
        self.until("a gap is over", lambda: "a gap closed" in app.log() and app.indicator() == "Connected", 60)
        app.press("Settings")
        app.press("Save report")
        app.wait_text(re.compile(r"Saved as .*earshot-report-\d{4}-\d\d-\d\d-\d{4}\.txt"))
        [path] = self.reports(app)
        text = path.read_text()
        for words in (
            "Version          0.1.0",
            "State            Connected since",
            f"OAuth client ID  {PUBLIC_CLIENT}",
            "Set by your environment (EARSHOT_CLIENT_ID)",
            "Offers now       1 (email)",
            "Starts           1",
            "Earshot starts",
        ):
            self.assertIn(words, text)
        canaries = {**self.canaries(recorder, "access token", "channel"), "agent": ["Ada Moreno"]}
        for kind, values in canaries.items():
            for value in values:
                self.assertNotIn(value, text, f"the {kind} is in the report")

    def test_who_cannot_sign_in_can_save_a_report_too(self):
        app = self.start()
        app.press("Save report")
        app.wait_text("Saved as")
        [path] = self.reports(app)
        self.assertIn("Stage            signed out", path.read_text())
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)

    def test_the_log_is_on_disk_and_the_users_own(self):
        app = self.start()
        app.wait("button", "Sign in")
        app.stop()
        [path] = pathlib.Path(app.folder, "data").glob("cloud.earshot.desktop/logs/earshot.*.log")
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(path.parent.stat().st_mode), 0o700)
        text = path.read_text()
        self.assertIn("Earshot starts", text)
        self.assertIn("Earshot ends", text, "the last line is on disk before the program ends")


if __name__ == "__main__":
    unittest.main()
