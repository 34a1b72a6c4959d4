"""How the pages follow the desktop: dark or light, and as large as it draws everything."""

import unittest

import measure
from case import DesktopTest


class Appearance(DesktopTest):
    def windows(self, **environment):
        """The main window, and the pop-up with an offer."""
        app = self.signed_in(**environment)
        [main] = self.until("the main window", app.main_windows)
        self.offered(app, medium="call", alerting_seconds=60)
        [popup] = self.until("the pop-up", app.popup_windows)
        return main, popup

    def follow(self, dark, **environment):
        for window in self.windows(**environment):
            follows = lambda: measure.painted(window) and (measure.brightness(window) < 0.5) == dark  # noqa: B023, E731
            self.until("it is as dark as the desktop", follows)

    def test_on_a_dark_desktop_they_are_dark(self):
        self.follow(True, GTK_THEME="Adwaita:dark")

    def test_on_a_light_desktop_they_are_light(self):
        self.follow(False, GTK_THEME="Adwaita")

    def test_at_twice_the_scale_they_fill_their_windows(self):
        for window in self.windows(GDK_SCALE="2"):
            # A page at half the size leaves the rest of its window empty.
            self.until("it is drawn to its edges", lambda: measure.painted(window, 0.55, 0.0))  # noqa: B023
        # The last of them is the pop-up, whose last line is text.
        self.until("to the lower edge, too", lambda: measure.painted(window, 0.3, 0.6))


if __name__ == "__main__":
    unittest.main()
