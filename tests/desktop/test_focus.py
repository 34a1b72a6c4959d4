"""The pop-up never takes the keyboard: not at the first offer and not at the third."""

import subprocess
import sys
import threading
import unittest

import accessible
import screen
from case import DesktopTest


class Focus(DesktopTest):
    def setUp(self):
        super().setUp()
        self.other = subprocess.Popen(["/usr/bin/python3", str(__file__).replace("test_focus", "other_window")])
        self.addCleanup(self._end_other)

    def _end_other(self):
        self.other.kill()
        self.other.wait()

    def typed(self):
        """What stands in the other program's text field."""
        program = accessible.program(self.other.pid)
        field = program.find("textbox") if program else None
        return field.text if field else None

    def test_three_offers_leave_the_keyboard_where_it_was(self):
        app = self.signed_in()
        # Closed to the tray, as it is most of the day.
        screen.close(self.until("one window", app.main_windows)[0])
        self.until("the other window is there", lambda: screen.windows(self.other.pid))
        [window] = screen.windows(self.other.pid)
        subprocess.run(["wmctrl", "-i", "-a", hex(int(window))], check=True)
        self.until("the other window has the keyboard", lambda: screen.active() == window)

        written = ""
        for number, word in enumerate(("one ", "two ", "three "), start=1):
            self.offered(app, medium="call", caller=f"Caller {number}", alerting_seconds=90)
            self.until("the pop-up is on the screen", app.popup_windows)
            self.assertEqual(screen.active(), window, f"offer {number} took the focus")
            screen.type_text(word)
            written += word
            self.until(lambda: f"{written!r} was typed, but {self.typed()!r} arrived", lambda: self.typed() == written)
            self.assertEqual(screen.active(), window)
        self.assertEqual(self.patches(), [], "what was typed reached no button")

    def test_who_types_on_while_three_offers_come_loses_no_letter(self):
        app = self.signed_in()
        self.until("the other window is there", lambda: screen.windows(self.other.pid))
        [window] = screen.windows(self.other.pid)
        subprocess.run(["wmctrl", "-i", "-a", hex(int(window))], check=True)
        self.until("the other window has the keyboard", lambda: screen.active() == window)
        written, enough = [], threading.Event()

        def type_on():
            while not enough.is_set():
                written.append(f"{len(written)} and ")
                screen.type_text(written[-1])

        typing = threading.Thread(target=type_on)
        typing.start()
        self.addCleanup(typing.join)
        self.addCleanup(enough.set)
        self.until("it is being typed", lambda: self.typed())
        for number in range(1, 4):
            self.offered(app, medium="call", caller=f"Caller {number}", alerting_seconds=90)
            self.until("the pop-up is on the screen", app.popup_windows)
        after = len(written) + 1
        self.until("something was typed after the third", lambda: len(written) > after)
        enough.set()
        typing.join()
        written = "".join(written)
        self.until(lambda: f"{self.typed()!r} arrived", lambda: self.typed() == written)
        self.assertEqual(screen.active(), window)
        self.assertEqual(self.patches(), [], "what was typed reached no button")

    def test_a_pop_up_that_comes_back_after_being_hidden_takes_no_focus(self):
        app = self.signed_in()
        self.until("the other window is there", lambda: screen.windows(self.other.pid))
        [window] = screen.windows(self.other.pid)
        subprocess.run(["wmctrl", "-i", "-a", hex(int(window))], check=True)
        self.until("the other window has the keyboard", lambda: screen.active() == window)
        for number in range(3):
            offered = self.offered(app, medium="call", caller=f"Caller {number}", if_missed="end")
            self.until("the pop-up is on the screen", app.popup_windows)
            self.assertEqual(screen.active(), window, f"showing it for the {number + 1}. time took the focus")
            self.simulator.do("end", conversation=offered["conversation"])
            self.until("the pop-up is gone", lambda: not app.popup_windows())
            self.assertEqual(screen.active(), window)

    def test_the_pop_up_stays_on_top(self):
        app = self.signed_in()
        self.offered(app, medium="call", alerting_seconds=60)
        [popup] = self.until("the pop-up is on the screen", app.popup_windows)
        states = screen.run("xprop", "-id", popup, "_NET_WM_STATE")
        self.assertIn("_NET_WM_STATE_ABOVE", states)
        self.assertIn("_NET_WM_STATE_SKIP_TASKBAR", states)


if __name__ == "__main__":
    sys.exit(unittest.main())
