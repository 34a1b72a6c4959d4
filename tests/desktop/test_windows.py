"""The windows outlive what draws them: a web process that is killed or hangs costs no offer. And where they stand."""

import pathlib
import re
import unittest

import processes
import screen
from case import DesktopTest

READY = "a pop-up is ready"
PAINTED = re.compile(r"painted leg=\S+ after_ms=(\d+) fresh=(true|false)")


class WebProcesses(DesktopTest):
    def warm(self):
        """The app on queue, with the process that draws its main window and the one that keeps the pop-up warm."""
        app = self.signed_in()
        # The word is the page's own: a process that has only just been started is another matter.
        self.until("the pop-up is warm", lambda: READY in app.log())
        return app, *self.until("two processes draw", lambda: len(processes.web(app.pid)) == 2 and processes.web(app.pid))

    def answer(self, app, offered):
        app.press("Answer", page="popup")
        self.until("Genesys has it connected", lambda: self.simulator.leg(offered)["state"] == "connected")
        self.until("the pop-up is gone", lambda: not app.popup_windows())

    def painted(self, app, count):
        self.until("every card was acknowledged", lambda: len(PAINTED.findall(app.log())) == count)

    def test_they_compile_no_scripts_and_want_no_graphics_card(self):
        app = self.signed_in()
        for process in self.until("a page", lambda: processes.web(app.pid)):
            environment = pathlib.Path(f"/proc/{process}/environ").read_bytes().split(b"\0")
            self.assertIn(b"JSC_useJIT=0", environment)
            self.assertIn(b"WEBKIT_DISABLE_COMPOSITING_MODE=1", environment)

    def test_each_card_is_acknowledged(self):
        app, *_ = self.warm()
        for number in range(1, 4):
            self.offered(app, medium="call", caller=f"Caller {number}", alerting_seconds=60)
            self.painted(app, number)

    def test_a_warm_pop_up_whose_process_is_killed_costs_no_offer(self):
        app, _, popup = self.warm()
        processes.kill(popup)
        self.until("it is warm again", lambda: app.log().count(READY) == 2)
        self.assertNotIn(popup, processes.web(app.pid))
        self.answer(app, self.offered(app, medium="call"))

    def test_a_pop_up_killed_at_the_moment_of_the_offer_comes_all_the_same(self):
        app, _, popup = self.warm()
        processes.kill(popup)
        self.answer(app, self.offered(app, medium="call", alerting_seconds=60))

    def test_a_pop_up_killed_while_it_is_shown_comes_back(self):
        app, _, popup = self.warm()
        offered = self.offered(app, medium="call", alerting_seconds=60)
        self.painted(app, 1)
        processes.kill(popup)
        self.until("another process draws", lambda: popup not in processes.web(app.pid))
        app.wait("button", "Answer", "popup")
        self.painted(app, 2)
        self.answer(app, offered)

    def test_a_pop_up_that_hangs_is_built_anew(self):
        app, _, popup = self.warm()
        first = self.offered(app, medium="message")
        self.painted(app, 1)
        self.answer(app, first)
        processes.freeze(popup)
        self.addCleanup(processes.kill_if_there, popup)
        offered = self.simulator.offer(medium="call", caller="Jo Weber", alerting_seconds=60)
        self.until("the process that hung has ended", lambda: popup not in processes.web(app.pid))
        app.wait(name="Jo Weber", page="popup")
        self.painted(app, 2)
        self.answer(app, offered)

    def test_a_main_window_whose_process_is_killed_comes_back_where_it_was(self):
        app, main, _ = self.warm()
        [window] = self.until("one window", app.main_windows)
        processes.kill(main)
        self.until("another process draws", lambda: len(processes.web(app.pid)) == 2 and main not in processes.web(app.pid))
        app.wait_indicator("Connected")
        self.until("the same window is there", lambda: app.main_windows() == [window])


class Place(DesktopTest):
    def place(self, app):
        """Where the main window stands: x, y, width, height, without what the window manager puts around it."""
        [window] = self.until("one window", app.main_windows)
        said = dict(line.split("=") for line in screen.run("xdotool", "getwindowgeometry", "--shell", window).split())
        return [int(said[each]) for each in ("X", "Y", "WIDTH", "HEIGHT")]

    def test_the_window_comes_back_where_it_stood(self):
        app = self.start()
        app.wait("button", "Sign in")
        [window] = self.until("one window", app.main_windows)
        screen.run("wmctrl", "-i", "-r", hex(int(window)), "-e", "0,130,70,420,560")
        self.until("it was moved", lambda: self.place(app)[2:] == [420, 560])
        before = self.place(app)
        for _ in range(2):
            app.stop()
            app = self.start()
            app.wait("button", "Sign in")
            self.until(lambda: f"{self.place(app)} is not {before}", lambda: self.place(app) == before)

    def test_a_window_whose_screen_has_gone_is_put_on_the_one_there_is(self):
        folder = self.folder / "app/data/cloud.earshot.desktop"
        folder.mkdir(parents=True)
        (folder / "window.json").write_text('{"x":5000,"y":80,"width":400,"height":600}')
        app = self.start()
        app.wait("button", "Sign in")
        x, y, width, height = self.place(app)
        self.assertEqual([width, height], [400, 600])
        # In the middle: a window manager would push it to an edge by itself.
        screen_width, screen_height = map(int, screen.run("xdotool", "getdisplaygeometry").split())
        self.assertAlmostEqual(x + width / 2, screen_width / 2, delta=50)
        self.assertAlmostEqual(y + height / 2, screen_height / 2, delta=50)

    def test_a_place_that_makes_no_sense_is_forgotten(self):
        folder = self.folder / "app/data/cloud.earshot.desktop"
        folder.mkdir(parents=True)
        (folder / "window.json").write_text('{"x":"left"')
        app = self.start()
        app.wait("button", "Sign in")


if __name__ == "__main__":
    unittest.main()
