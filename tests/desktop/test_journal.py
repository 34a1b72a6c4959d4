"""The app's own record: it is kept, survives a crash, and says in the window how deaf today was."""

import os
import re
import signal
import sqlite3
import time
import unittest

from case import SLACK, DesktopTest


class Journal(DesktopTest):
    def journal(self, app):
        found = list((app.folder / "data").rglob("journal.db"))
        self.assertEqual(len(found), 1, "there is one journal, in the app's own folder")
        return found[0]

    def kinds(self, app):
        """What is on record, oldest first."""
        connection = sqlite3.connect(f"file:{self.journal(app)}?mode=ro", uri=True)
        try:
            return [kind for (kind,) in connection.execute("SELECT kind FROM record ORDER BY seq")]
        finally:
            connection.close()

    def deaf(self, app):
        """So long it was deaf, in words."""
        return app.wait_text(re.compile(r"Deaf today: \d+ s in 1 gap"))[0]

    def grows(self, app):
        """Whether the time in which it was deaf grows."""
        before = self.deaf(app)
        time.sleep(2)
        return self.deaf(app) != before

    def test_a_gap_is_said_while_it_lasts_and_afterwards(self):
        app = self.signed_in()
        app.wait_text("No gap in hearing today")
        self.simulator.do("refuse-upgrades", status=503)
        self.simulator.do("drop-sockets")
        app.wait_indicator("Reconnecting", 5 * SLACK)
        # A gap that is over sooner is "less than 1 s" all day.
        self.deaf(app)
        self.assertTrue(self.grows(app), "it is still deaf")
        self.simulator.do("clear-faults")
        app.wait_indicator("Connected", 60)
        self.until("it grows no more", lambda: not self.grows(app))
        self.until("it is on record", lambda: "gap" in self.kinds(app))
        self.assertEqual(self.journal(app).stat().st_mode & 0o777, 0o600)

    def test_after_a_crash_what_nobody_heard_is_owned_up_to(self):
        app = self.signed_in()
        self.until("that it hears is on record", lambda: "link" in self.kinds(app))
        os.killpg(app.pid, signal.SIGKILL)
        app.process.wait()
        again = self.signed_in()
        again.wait_text(re.compile(r"Deaf today: \d+ .* in 1 gap"), seconds=30)
        self.assertEqual(self.kinds(again).count("started"), 2, "the same journal goes on")
        self.assertNotIn("stopped", self.kinds(again))


if __name__ == "__main__":
    unittest.main()
