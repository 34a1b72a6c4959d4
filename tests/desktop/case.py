"""What every desktop test begins and ends with."""

import os
import pathlib
import shutil
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import screen  # noqa: E402
from app import App  # noqa: E402
from simulator import PUBLIC_CLIENT, ROOT, Simulator, until  # noqa: E402

WORK = pathlib.Path(os.environ.get("EARSHOT_WORK", ROOT / "tests/.work/desktop"))
# The limits of the design, in seconds, with the slack a build machine gets.
SLACK = 3 if os.environ.get("CI") else 2


def with_simulator(*arguments):
    """Marks a test: its simulator is started with these arguments."""

    def mark(test):
        test.simulator_arguments = arguments
        return test

    return mark


class DesktopTest(unittest.TestCase):
    """A simulator and an app for each test; a picture, the tree and the logs are kept when it fails."""

    simulator_arguments = ()

    def setUp(self):
        self.folder = WORK / self.id().split(".", 1)[-1].replace("__main__.", "")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self.apps = []
        self.failed_before = self._failures()
        screen.move_pointer(5, 5)
        test = getattr(self, self._testMethodName)
        arguments = getattr(test, "simulator_arguments", self.simulator_arguments)
        self.simulator = Simulator(*arguments, log=self.folder / "simulator.log")
        # The other way round at the end: look at what is on the screen, end the apps, end the simulator.
        self.addCleanup(self.simulator.stop)
        self.addCleanup(self._stop_apps)
        self.addCleanup(self._keep_evidence)
        self.started = time.monotonic()

    def _failures(self):
        result = self._outcome.result
        return len(result.failures) + len(result.errors)

    def _keep_evidence(self):
        # `_outcome.success` is False from the first failure of this test on, before the result hears of it.
        if self._outcome.success and self._failures() == self.failed_before:
            return
        screen.picture(self.folder / "failure.png")
        for number, app in enumerate(self.apps):
            if app.running():
                (self.folder / f"tree-{number}.txt").write_text(app.outline())
        print(f"\n    evidence is in {os.path.relpath(self.folder, ROOT)}", file=sys.stderr)

    def _stop_apps(self):
        for app in self.apps:
            app.stop()

    # ---- starting

    def environment(self, **more):
        """Where the app finds Genesys Cloud: the simulator of this test."""
        return {
            "EARSHOT_LOGIN_URL": self.simulator.base_url,
            "EARSHOT_API_URL": self.simulator.base_url,
            "EARSHOT_CLIENT_ID": PUBLIC_CLIENT,
            **more,
        }

    def start(self, *arguments, environment=None, folder="app"):
        """The app, on its sign-in form."""
        app = App(
            self.folder / folder,
            *arguments,
            environment=self.environment() if environment is None else environment,
        )
        self.apps.append(app)
        return app

    def signed_in(self, **environment):
        """The app, signed in and hearing."""
        app = self.start(environment=self.environment(**environment))
        app.press("Sign in")
        app.wait_indicator("Connected")
        return app

    # ---- words for what tests look at

    def offered(self, app, **offer):
        """Offers a conversation and waits until its card is in the pop-up."""
        offer.setdefault("caller", "Maria Keller")
        offered = self.simulator.offer(**offer)
        app.wait(name=offer["caller"], page="popup")
        return offered

    def patches(self):
        """What the app asked Genesys Cloud to do with conversations."""
        return [each for each in self.simulator.actions() if "/conversations/" in each["path"]]

    def until(self, what, look, seconds=30.0):
        return until(what, look, seconds)
