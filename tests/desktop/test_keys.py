"""The key store: signed in after a restart, and nothing left after signing out; and what is said where it does not work."""

import pathlib
import re
import subprocess
import time
import unittest

import keys
import screen
from case import DesktopTest
from recorder import Recorder


class Staying(DesktopTest):
    """Signed in with a refresh token, then started again."""

    simulator_arguments = ("--refresh-for-pkce", "--rotate-refresh")

    def setUp(self):
        self.addCleanup(self.tidy)
        super().setUp()
        self.tidy()

    def tidy(self):
        keys.dismiss_dialogs()
        keys.unlock(keys.PASSWORD)
        keys.forget()

    def restarted(self, app, **environment):
        app.stop()
        return self.start(environment=self.environment(**environment))

    def stored(self):
        return self.until("the sign-in is in the key store", keys.secrets)

    def test_a_restart_stays_signed_in_without_a_browser(self):
        app = self.signed_in()
        [first] = self.stored()
        [label] = keys.entries()
        self.assertRegex(label, r"^Earshot: 127\.0\.0\.1:\d+ ")
        self.assertNotIn("Ada", label, "no name of a person's")
        again = self.restarted(app)
        again.wait_indicator("Connected")
        again.wait_text("Ada Moreno")
        self.assertEqual(len(again.visited()), 1, "the browser was opened for the first sign-in alone")
        self.offered(again, medium="call")
        # Each refresh token works once here: the one that came of it is stored in its place.
        self.until("another one is stored", lambda: keys.secrets() not in ([], [first]))
        self.assertEqual(len(keys.secrets()), 1)
        third = self.restarted(again)
        third.wait_indicator("Connected")

    def test_signing_out_revokes_removes_and_says_so(self):
        app = self.signed_in()
        self.stored()
        app.press("Settings")
        app.press("Sign out")
        app.wait_text("Signed out. Your token was revoked and nothing is left on this computer.")
        self.assertEqual(keys.entries(), [])
        tokens = self.simulator.state()["tokens"]
        self.assertEqual((tokens["live"], tokens["revoked"]), (0, 1))
        screen.picture(self.folder / "signed-out.png")
        again = self.restarted(app)
        again.wait("button", "Sign in")

    def test_a_token_that_cannot_be_revoked_is_said_with_the_time_it_has_left(self):
        app = self.signed_in()
        self.stored()
        self.simulator.do("fail", path="/api/v2/tokens/me", status=503)
        app.press("Settings")
        app.press("Sign out")
        app.wait_text(re.compile(r"could not be told to end your token\. It ends by itself within 24 hours\."))
        app.wait_text("Nothing is left on this computer.")
        self.assertEqual(keys.entries(), [])

    def test_a_sign_in_that_was_revoked_meanwhile_is_removed_and_the_form_says_why(self):
        app = self.signed_in()
        self.stored()
        app.stop()
        self.simulator.do("revoke-tokens")
        again = self.start()
        again.wait("button", "Sign in")
        again.wait_text("The sign-in has ended. Sign in again.")
        self.until("the entry is gone", lambda: keys.entries() == [])
        again.press("Sign in")
        again.wait_indicator("Connected")

    def test_a_locked_store_shows_the_form_at_once_and_goes_on_when_it_is_unlocked(self):
        app = self.signed_in()
        self.stored()
        app.stop()
        keys.lock()
        began = time.monotonic()
        again = self.start()
        again.wait("button", "Sign in")
        again.wait_text("Your computer's key store does not answer. It may be waiting for your password.")
        self.assertLess(time.monotonic() - began, 10)
        screen.picture(self.folder / "locked.png")
        keys.answer_dialog(keys.PASSWORD)
        again.wait_indicator("Connected")
        self.assertEqual(len(again.visited()), 1, "nobody had to sign in")

    def test_a_locked_store_that_stays_locked_does_not_keep_the_agent_from_signing_in(self):
        app = self.signed_in()
        self.stored()
        app.stop()
        keys.lock()
        self.addCleanup(keys.unlock, keys.PASSWORD)
        again = self.start()
        again.wait_text("key store does not answer")
        keys.answer_dialog(None)
        again.wait_text("Your computer's key store is locked")
        again.press("Sign in")
        again.wait_indicator("Connected")
        # Earshot goes on trying to store the new sign-in, and says so meanwhile.
        again.wait_text(re.compile("so your sign-in lasts only until Earshot is closed"), seconds=20)
        self.offered(again, medium="call")

    def test_without_a_key_store_it_works_and_says_that_a_restart_needs_a_sign_in(self):
        recorder = Recorder(self.simulator.base_url)
        self.addCleanup(recorder.__exit__)
        addresses = {"EARSHOT_LOGIN_URL": recorder.base_url, "EARSHOT_API_URL": recorder.base_url}
        app = self.start(environment=self.environment(**keys.no_session_bus(), **addresses))
        app.wait_text("This computer has no key store.")
        app.press("Sign in")
        app.wait_indicator("Connected")
        app.wait_text("This computer has no key store, so your sign-in lasts only until Earshot is closed.")
        self.assertEqual(keys.entries(), [])
        folder = pathlib.Path(app.folder)
        app.stop()
        # Never a plain-text fallback.
        tokens = recorder.secrets()["refresh token"]
        self.assertEqual(len(tokens), 1)
        for path in (path for path in folder.rglob("*") if path.is_file()):
            self.assertNotIn(tokens[0].encode(), path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main()
