"""Starting: once, again while it runs, hidden, at login, and without a session bus."""

import pathlib
import unittest

import keys
import screen
import tray
from app import BINARY
from case import DesktopTest
from gi.repository import GLib


class Starting(DesktopTest):
    def environment(self, **more):
        # Whatever package is installed on this computer starts nothing for everybody here.
        return super().environment(**{"XDG_CONFIG_DIRS": str(self.folder / "nothing"), **more})

    def again(self, *arguments):
        """A second start; it is to end well, and soon."""
        second = self.start(*arguments, folder=f"again-{len(self.apps)}")
        self.assertEqual(second.process.wait(20), 0, second.log())
        return second

    def in_front(self, app):
        """Waits until the main window is on the screen and has the keyboard."""
        self.until("the main window is in front", lambda: screen.active() in app.main_windows())

    def test_a_second_start_brings_the_first_to_the_front(self):
        app = self.signed_in()
        [window] = self.until("one window", app.main_windows)
        sockets = self.simulator.state()["sockets"]["opened"]

        screen.run("xdotool", "windowminimize", "--sync", window)
        self.until("it is minimised", lambda: not app.main_windows())
        self.again()
        self.in_front(app)

        screen.close(app.main_windows()[0])
        self.until("it is in the tray", lambda: not app.main_windows())
        # What is asked for hidden changes nothing, and practice does not push a session aside.
        self.again("--hidden")
        self.assertEqual(app.main_windows(), [])
        self.again("--practice")
        self.in_front(app)
        app.wait_indicator("Connected")
        self.assertNotIn("Practice", app.text())
        self.assertEqual(self.simulator.state()["sockets"]["opened"], sockets)

    def test_a_second_start_for_practice_begins_it_where_nobody_is_signed_in(self):
        app = self.start()
        app.wait("button", "Sign in")
        self.again("--practice")
        app.wait_indicator("Connected", 30)
        app.wait_text("Practice")

    def test_hidden_it_is_in_the_tray_alone_until_it_is_asked_for(self):
        app = self.start("--hidden")
        icon = self.until("an icon in the tray", tray.icon)
        self.assertIn("Earshot", icon.tooltip())
        # By the time that another start has been heard, a window would be there.
        self.again("--hidden")
        self.assertEqual(screen.windows(app.pid), [])
        self.again()
        self.in_front(app)
        app.wait("button", "Sign in")

    def test_without_a_session_bus_it_starts_works_and_says_so_in_the_log(self):
        app = self.signed_in(**keys.no_session_bus())
        self.until("it is in the log", lambda: "launching normally" in app.log())
        self.offered(app, medium="call")
        self.until("a window", app.main_windows)

    def entry(self, app):
        return app.folder / "config/autostart/earshot.desktop"

    def switch(self, app):
        return app.wait("checkbox", "Start Earshot when you log in")

    def test_it_starts_at_login_from_the_switch_on_until_the_switch_off(self):
        app = self.signed_in()
        app.press("Settings")
        self.assertFalse(self.entry(app).exists(), "off is the default")
        self.switch(app).press()
        self.until("an entry", self.entry(app).exists)
        self.until("the switch is on", lambda: "checked" in self.switch(app).states)
        entry = GLib.KeyFile()
        entry.load_from_file(str(self.entry(app)), GLib.KeyFileFlags.NONE)
        app.stop()

        # The next login: the desktop reads the entry and runs its line.
        self.assertFalse(entry.get_boolean("Desktop Entry", "Hidden"))
        _, line = GLib.shell_parse_argv(entry.get_string("Desktop Entry", "Exec"))
        self.assertTrue(pathlib.Path(line[0]).samefile(BINARY), line)
        self.assertEqual(line[1:], ["--hidden"])
        app = self.start(*line[1:])
        self.until("an icon in the tray", tray.icon)
        self.assertEqual(screen.windows(app.pid), [])
        self.again()
        app.press("Sign in")
        app.wait_indicator("Connected")
        app.press("Settings")
        self.until("the switch is on", lambda: "checked" in self.switch(app).states)
        self.switch(app).press()
        self.until("no entry", lambda: not self.entry(app).exists())
        self.until("the switch is off", lambda: "checked" not in self.switch(app).states)

    def test_off_holds_although_a_package_starts_it_for_everybody(self):
        common = self.folder / "common/autostart"
        common.mkdir(parents=True)
        (common / "earshot.desktop").write_text("[Desktop Entry]\nType=Application\nExec=earshot --hidden\n")
        app = self.signed_in(XDG_CONFIG_DIRS=str(common.parent))
        app.press("Settings")
        self.until("the switch is on", lambda: "checked" in self.switch(app).states)
        self.switch(app).press()
        self.until("the switch is off", lambda: "checked" not in self.switch(app).states)
        self.assertIn("\nHidden=true\n", self.entry(app).read_text())

    def test_what_cannot_be_written_is_said_and_the_switch_stays(self):
        app = self.signed_in()
        (app.folder / "config").mkdir(exist_ok=True)
        (app.folder / "config/autostart").write_text("in the way")
        app.press("Settings")
        self.switch(app).press()
        app.wait_text("Starting Earshot at login could not be changed")
        self.assertNotIn("checked", self.switch(app).states)


if __name__ == "__main__":
    unittest.main()
