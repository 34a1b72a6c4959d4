"""Signing in through the browser, practising without an account, and the house rules of windows."""

import os
import re
import subprocess
import unittest

import screen
import tray
from app import BINARY
from case import DesktopTest


class SignIn(DesktopTest):
    def test_signs_in_through_the_browser_and_hears(self):
        app = self.start()
        app.press("Sign in")
        app.wait_indicator("Connected")
        app.wait_text("Ada Moreno")
        visit = app.visited()[0]
        self.assertEqual(visit["path"], "/oauth/authorize")
        self.assertEqual(visit["query"]["response_type"], ["code"])
        self.assertEqual(visit["query"]["code_challenge_method"], ["S256"])
        self.assertGreaterEqual(len(visit["query"]["state"][0]), 16)
        self.assertEqual(visit["status"], 200, "the page that the browser ends on")
        self.until("one socket is open", lambda: self.simulator.state()["sockets"]["live"] == 1)

    def test_the_form_takes_two_addresses_and_remembers_them(self):
        app = self.start(environment={})
        self.focus(app.wait("combobox"))
        # The last entry of the list is the one for addresses of one's own.
        screen.key("End")
        values = {
            "Sign-in address": self.simulator.base_url,
            "API address": self.simulator.base_url,
            "OAuth client ID": self.simulator.client_id,
        }
        for label, value in values.items():
            field = app.wait("textbox", re.compile(f"^{label}"))
            self.focus(field)
            screen.key("ctrl+a")
            screen.type_text(value)
            # Keys take their way through the display, presses of buttons do not.
            self.until(lambda field=field: f"{field.text!r} was typed", lambda field=field, value=value: field.text == value)
        app.press("Sign in")
        app.wait_indicator("Connected")
        app.stop()

        again = self.start(environment={})
        again.press("Sign in")
        again.wait_indicator("Connected")

    def focus(self, field):
        field.focus()
        self.until("it has the keyboard", lambda: "focused" in field.states)

    def test_practice_needs_no_account_and_rings_at_once(self):
        app = self.start(environment={})
        app.press("Practice without an account")
        app.wait_indicator("Connected")
        app.wait("button", "Answer", page="popup", seconds=30)
        self.assertEqual(app.browsed(), [], "practice opens no browser")

    def test_the_command_line_starts_practice(self):
        app = self.start("--practice", environment={})
        app.wait("button", "Answer", page="popup", seconds=40)
        app.press("Answer", page="popup")
        app.wait_text("Connected")

    def test_the_environment_locks_the_fields_it_sets(self):
        app = self.start()
        for label in ("Sign-in address", "API address", "OAuth client ID"):
            field = app.wait("textbox", label)
            self.assertNotIn("sensitive", field.states, f"{label} can be changed")
        app.wait_text(re.compile("set by your environment", re.I))

    def test_signing_out_ends_the_token_and_returns_to_the_form(self):
        app = self.signed_in()
        app.press("Settings")
        app.press("Sign out")
        app.wait("button", "Sign in")
        self.until("the token is revoked", lambda: self.simulator.state()["tokens"]["live"] == 0)
        self.until("the socket is closed", lambda: self.simulator.state()["sockets"]["live"] == 0)


class House(DesktopTest):
    def test_closing_the_window_hides_it_and_offers_still_arrive(self):
        app = self.signed_in()
        [window] = self.until("one window", app.main_windows)
        screen.close(window)
        self.until("the window is hidden", lambda: not app.main_windows())
        self.offered(app, medium="call")
        self.assertTrue(app.running())

    def test_hidden_starts_without_a_window(self):
        app = self.start("--hidden")
        self.until("it is in the tray", tray.icon)
        self.assertEqual(app.main_windows(), [])

    def test_the_tray_icon_opens_the_window_and_its_menu_quits(self):
        app = self.start("--hidden")
        icon = self.until("it is in the tray", tray.icon)
        icon.click()
        self.until("the window is open", app.main_windows)
        for entry in ("Show Earshot", "On queue", "Reconnect now", "Settings", "Quit Earshot"):
            self.assertIn(entry, icon.entries())
        icon.choose("Quit Earshot")
        self.until("it has ended", lambda: not app.running())
        self.assertEqual(app.process.returncode, 0)

    def test_the_tray_tells_the_state_and_goes_off_queue(self):
        app = self.signed_in()
        icon = self.until("it is in the tray", tray.icon)
        self.until("the tray says it", lambda: re.search("on queue|connected", icon.tooltip(), re.I))
        icon.choose("On queue")
        self.until("off queue", lambda: self.simulator.agent()["system_presence"] != "OnQueue")
        self.simulator.do("refuse-upgrades", status=503)
        self.simulator.do("drop-sockets")
        self.until("the tray says it", lambda: "econnecting" in icon.tooltip())
        self.simulator.do("clear-faults")
        icon.choose("Reconnect now")
        app.wait_indicator("Connected")

    def test_version_and_help_need_no_display(self):
        bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
        for argument, words in (("--version", r"earshot \d+\.\d+\.\d+"), ("--help", "--practice")):
            done = subprocess.run([BINARY, argument], env=bare, capture_output=True, text=True, timeout=20, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertRegex(done.stdout, words)
        done = subprocess.run([BINARY, "--nonsense"], env=bare, capture_output=True, text=True, timeout=20, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("--nonsense", done.stderr)


if __name__ == "__main__":
    unittest.main()
