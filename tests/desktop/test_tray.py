"""The tray: each state told by another picture and in words, a menu of what can work, and desktops without a tray."""

import re
import unittest

import screen
import tray
from case import DesktopTest

NO_TRAY = "This desktop shows no tray icons"


class Tray(DesktopTest):
    def icon(self):
        return self.until("it is in the tray", tray.icon)

    def says(self, icon, words):
        self.until(lambda: f"the tray says {icon.tooltip()!r}", lambda: re.search(words, icon.tooltip()))

    def test_each_state_has_words_and_a_picture_of_its_own(self):
        pictures = {}
        app = self.start()
        icon = self.icon()

        def look(state, words):
            self.says(icon, words)
            seen = hash(repr(icon.picture()))
            self.assertNotIn(seen, pictures, f"{state} looks like {pictures.get(seen)}")
            pictures[seen] = state

        look("not signed in", "Not signed in")
        app.press("Sign in")
        app.wait_indicator("Connected")
        look("on queue", r"Connected since \d\d:\d\d, On Queue")
        self.simulator.do("set-presence", presence="Meal")
        look("connected", r"Connected since \d\d:\d\d, Meal")
        self.simulator.do("set-presence", presence="On Queue")
        self.says(icon, "On Queue")
        offered = self.offered(app, medium="call", if_missed="end")
        look("an offer waits", "1 offer is waiting")
        self.simulator.do("time-out", conversation=offered["conversation"])
        look("not responding", r"Not Responding since \d\d:\d\d")
        self.until("going back is offered first", lambda: icon.usable()[:1] == ["Back on queue"])
        icon.choose("Back on queue")
        self.until("the agent is ready again", lambda: self.simulator.agent()["routing_status"] == "IDLE")
        self.says(icon, "Connected")
        self.until("going back is offered no more", lambda: "Back on queue" not in icon.entries())
        self.simulator.do("refuse-upgrades", status=503)
        self.simulator.do("drop-sockets")
        look("reconnecting", r"Reconnecting since \d\d:\d\d")
        self.until("trying at once is offered", lambda: "Reconnect now" in icon.usable())
        self.until("the queue is not", lambda: "On queue" not in icon.usable())

    def test_presence_is_chosen_and_ticked_in_the_menu(self):
        self.signed_in()
        icon = self.icon()
        self.until("what is, is ticked", lambda: "On queue" in icon.ticked())
        icon.choose("Meal")
        self.until("Genesys has it", lambda: self.simulator.agent()["system_presence"] == "Meal")
        self.until("it is ticked", lambda: icon.ticked() == ["Meal"])
        icon.choose("On queue")
        self.until("Genesys has it", lambda: self.simulator.agent()["system_presence"] == "OnQueue")
        self.until("it is ticked", lambda: "On queue" in icon.ticked() and "Meal" not in icon.ticked())

    def test_practice_begins_and_ends_in_the_menu(self):
        app = self.start("--hidden", environment={})
        icon = self.icon()
        icon.choose("Practice")
        app.wait_indicator("Connected")
        self.says(icon, r"\(practice\)")
        self.until("practice is offered no more", lambda: "Practice" not in icon.entries())
        icon.choose("End practice")
        self.says(icon, "Not signed in")
        self.until("practice is offered", lambda: "Practice" in icon.usable())

    def test_settings_open_in_the_window(self):
        app = self.signed_in()
        screen.close(self.until("one window", app.main_windows)[0])
        self.until("the window is hidden", lambda: not app.main_windows())
        self.icon().choose("Settings")
        app.wait("heading", "Settings")
        self.assertTrue(app.main_windows())
        app.press("Settings")
        app.wait_gone("heading", "Settings")

    def test_quit_ends_it(self):
        app = self.start("--hidden")
        self.icon().choose("Quit Earshot")
        self.until("it has ended", lambda: not app.running())
        self.assertEqual(app.process.returncode, 0)

    def test_a_real_click_on_the_icon_opens_the_window(self):
        app = self.start("--hidden")
        self.icon()
        screen.click(self.until("the panel shows the icon", self.on_panel))
        self.until("the window is there", app.main_windows)
        self.until("it has the keyboard", lambda: screen.active() in app.main_windows())

    def on_panel(self):
        """Where the panel draws our icon: it is the only one, so it stands first. None until it is drawn."""
        for panel in screen.run("xdotool", "search", "--onlyvisible", "--class", "xfce4-panel").split():
            said = dict(line.split("=") for line in screen.run("xdotool", "getwindowgeometry", "--shell", panel).split())
            x, y, height = (int(said[each]) for each in ("X", "Y", "HEIGHT"))
            drawn = screen.run(screen.IMPORT, "-window", "root", "-crop", f"24x{height}+{x}+{y}", "-format", "%k", "info:")
            if drawn.isdigit() and int(drawn) > 8:
                return x, y, 24, height
        return None


class NoTray(DesktopTest):
    def setUp(self):
        super().setUp()
        self.panel = tray.Absent()
        self.panel.__enter__()
        self.addCleanup(self.panel.come_back)

    def test_it_is_said_and_closing_minimises_until_a_tray_comes(self):
        app = self.signed_in()
        app.wait_text(NO_TRAY)
        [window] = self.until("one window", app.main_windows)
        screen.close(window)
        self.until("it is closed", lambda: "Normal" not in self.state(window))
        self.assertTrue(self.minimised(window), "it was hidden first, where nobody finds it")
        self.panel.come_back()
        self.until("it is in the tray", tray.icon, 40)
        tray.icon().click()
        self.until("the window is back", app.main_windows)
        self.until("nothing is missing any more", lambda: NO_TRAY not in app.text(), 40)
        screen.close(window)
        self.until("the window is hidden", lambda: not app.main_windows())
        self.assertFalse(self.minimised(window))

    def test_hidden_it_waits_in_the_task_bar(self):
        app = self.start("--hidden")
        self.until("a window is minimised", lambda: any(map(self.minimised, self.windows(app))), 30)
        self.assertEqual(app.main_windows(), [])

    def test_one_that_ends_while_it_runs_is_said_too(self):
        self.panel.come_back()
        app = self.signed_in()
        [window] = self.until("one window", app.main_windows)
        screen.close(window)
        self.until("the window is hidden", lambda: not app.main_windows())
        self.assertFalse(self.minimised(window))
        self.panel.__enter__()
        self.until("it is in the task bar", lambda: self.minimised(window), 30)
        screen.activate(window)
        app.wait_text(NO_TRAY)
        self.panel.come_back()
        self.until("nothing is missing any more", lambda: NO_TRAY not in app.text(), 40)
        self.until("it is in the tray", tray.icon)

    def windows(self, app):
        """Also those that are not on the screen."""
        return screen.run("xdotool", "search", "--all", "--pid", str(app.pid), "--name", "^Earshot$").split()

    def minimised(self, window):
        return "Iconic" in self.state(window)

    def state(self, window):
        return screen.run("xprop", "-id", window, "WM_STATE")


if __name__ == "__main__":
    unittest.main()
