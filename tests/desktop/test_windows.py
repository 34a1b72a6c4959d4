"""The windows outlive what draws them: a web process that is killed or hangs costs no offer."""

import re
import unittest

import processes
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
        [window] = app.main_windows()
        processes.kill(main)
        self.until("another process draws", lambda: len(processes.web(app.pid)) == 2 and main not in processes.web(app.pid))
        app.wait_indicator("Connected")
        self.assertEqual(app.main_windows(), [window])


if __name__ == "__main__":
    unittest.main()
