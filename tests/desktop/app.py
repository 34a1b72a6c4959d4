"""The real app, started for one test: with folders of its own, a browser that signs in, and a log that is kept."""

import json
import os
import pathlib
import re
import signal
import subprocess

import accessible
import screen
from simulator import ROOT, until

BINARY = pathlib.Path(os.environ.get("EARSHOT_BINARY", ROOT / "target/debug/earshot"))
HERE = pathlib.Path(__file__).resolve().parent

# Where a test waits for the app to do what it does at once, on a machine that may be busy.
SOON = 30.0


class App:
    """One run of the app. `folder` is its whole world: settings, data, caches, logs."""

    def __init__(self, folder, *arguments, environment=None):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.orders = self.folder / "browser"
        self.log_file = self.folder / "earshot.log"
        variables = dict(os.environ)
        for name in list(variables):
            if name.startswith(("EARSHOT_", "CARGO", "RUST")):
                del variables[name]
        variables.update(
            HOME=str(self.folder / "home"),
            XDG_CONFIG_HOME=str(self.folder / "config"),
            XDG_DATA_HOME=str(self.folder / "data"),
            XDG_CACHE_HOME=str(self.folder / "cache"),
            XDG_STATE_HOME=str(self.folder / "state"),
            PATH=f"{HERE / 'bin'}:{os.environ['PATH']}",
            SIGN_IN_AS_TOLD_IN=str(self.orders),
            EARSHOT_LOG="debug",
            RUST_BACKTRACE="1",
            NO_PROXY="*",
        )
        variables.pop("BROWSER", None)
        variables.update(environment or {})
        (self.folder / "home").mkdir(exist_ok=True)
        self.process = self.spawn([str(BINARY), *arguments], variables)

    def spawn(self, command, variables):
        """Starts a program in this world."""
        with open(self.log_file, "ab") as log:
            return subprocess.Popen(
                command,
                env=variables,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def stop(self):
        """Ends it as a session end would, and whatever it left behind with it."""
        if self.running():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(8)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()

    def log(self):
        return self.log_file.read_text("utf-8", "replace")

    def browsed(self):
        """What the stand-in for the browser did, visit by visit."""
        log = self.orders.with_name("browser.log")
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    def visited(self, times=1):
        """The same once there are so many: a visit is written down when the browser has read its last page, and by then
        the app may be connected."""
        until(lambda: f"the browser was here {times} times; {self.browsed()}", lambda: len(self.browsed()) >= times, SOON)
        return self.browsed()

    # ---- what is on the screen, through the eyes of assistive technology

    def tree(self):
        """The whole program, or None while it is not on the accessibility bus."""
        if not self.running():
            raise AssertionError(f"the app has ended, with {self.process.returncode}; its log:\n{self.log()[-3000:]}")
        return accessible.program(self.pid)

    def outline(self):
        tree = accessible.program(self.pid)
        return tree.outline() if tree else "(not on the accessibility bus)"

    def page(self, which):
        """The document of one window: `main` or `popup`; None while there is none on the screen."""
        tree = self.tree()
        if tree is None:
            return None
        for window in tree.children:
            if (window.name == POPUP_TITLE) == (which == "popup") and "showing" in window.states:
                return window
        return None

    def look(self, role=None, name=None, page="main"):
        """The first such thing on a page now, or None."""
        found = self.page(page)
        return found.find(role, name) if found else None

    def wait(self, role=None, name=None, page="main", seconds=SOON):
        """The first such thing on a page, as soon as it is there."""
        return until(
            lambda: f"no {role} {name!r} on the {page} page; there is\n{self.outline()}",
            lambda: self.look(role, name, page),
            seconds,
        )

    def wait_gone(self, role=None, name=None, page="main", seconds=SOON):
        until(
            lambda: f"{role} {name!r} is still on the {page} page:\n{self.outline()}",
            lambda: self.look(role, name, page) is None,
            seconds,
        )

    def press(self, name, role="button", page="main", seconds=SOON):
        self.wait(role, name, page, seconds).press()

    def text(self, page="main"):
        """All the words on a page."""
        found = self.page(page)
        return " ".join(found.text.split()) if found else ""

    def wait_text(self, words, page="main", seconds=SOON):
        """Until all these words stand on the page (a pattern, or text)."""
        pattern = words if isinstance(words, re.Pattern) else re.compile(re.escape(words))
        return until(
            lambda: f"{pattern.pattern!r} is not in: {self.text(page)}",
            lambda: pattern.search(self.text(page)),
            seconds,
        )

    def indicator(self):
        """What the connection indicator says."""
        found = self.look("status")
        return " ".join((found.text or found.name).split()) if found else ""

    def wait_indicator(self, beginning, seconds=SOON):
        until(
            lambda: f"the indicator says {self.indicator()!r}, not {beginning!r}",
            lambda: self.indicator().startswith(beginning),
            seconds,
        )

    def wait_long_wait(self):
        """Until the next try is at least ten seconds away: something to cut short."""
        self.wait_text(re.compile(r"Next try in \d\d s"), seconds=120)

    def missed(self):
        """The words of each entry of the list of missed offers."""
        found = self.look("list", "Missed")
        entries = found.all("listitem") if found else ()
        # Each can be taken off the list; the words "nothing missed" cannot.
        return [" ".join(each.text.split()) for each in entries if each.find("button")]

    # ---- the pop-up

    def popup_windows(self):
        return screen.windows(self.pid, f"^{POPUP_TITLE}$")

    def main_windows(self):
        return screen.windows(self.pid, f"^{MAIN_TITLE}$")


MAIN_TITLE = "Earshot"
POPUP_TITLE = "Earshot offers"
