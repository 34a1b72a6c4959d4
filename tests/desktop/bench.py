"""How fast and how big the desktop program is: `bench.py [--brief | --thorough] [--page FOLDER] [--package FILE] [--write FILE]`.

Runs on the test desktop (tests/desktop/run.sh) against earshot-simulator on loopback. What is measured, and how:

* **Frame to painted pop-up**: from just before the simulator is told to offer, to the instant in the program's own log at
  which the page acknowledged the second animation frame with the card in it. One clock for both. So it holds the
  call to the simulator, its frame, the loopback, the engine, the journal, the page and the showing of the window.
* **The view built on demand**: the same off queue, where no page is kept: half a minute after an offer Earshot lets its
  page go, and only then comes the next. So there are six of them, or with `--thorough` twenty, which takes eleven minutes.
* **Memory**: proportional set size (PSS) of the program and all its descendants, WebKit's processes with it, added up.
  *Warm* is on queue with the pop-up's page waiting; *no window* is off queue, half a minute after the last pop-up. A page
  that has shown hundreds of pop-ups is bigger than one that has shown ten: that is said below the table.
  Chromium shows the same page (`ui/` built with its stand-in for Earshot), in `--app` mode with a fresh profile.
  Neither has assistive technology to speak to: Earshot is signed in with its help first, then started again without.
  Before either starts, the files are taken out of the kernel's cache, where that is allowed (to root): what has been in there
  for hours, or was written there, is mapped in pieces of two megabytes, of which each counts as a whole.
* **Start**: from starting the process to a window on the screen with a page in it (pixels, not promises).
* **A lone close**: from telling the simulator to close the socket (1000) to the log's line that all is caught up.
"""

import argparse
import datetime
import functools
import http.server
import os
import pathlib
import platform
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import keys  # noqa: E402
import measure  # noqa: E402
import screen  # noqa: E402
from app import BINARY, App  # noqa: E402
from report import Row, Table  # noqa: E402
from simulator import PUBLIC_CLIENT, ROOT, Simulator, until  # noqa: E402

# As long as windows are kept after they were needed, and a little.
LINGER = 32.0
# A connection has been stable for so long when its loss is a lone one.
STABLE = 11.0


def say(text):
    print(text, file=sys.stderr, flush=True)


class Bench:
    def __init__(self, folder, brief, thorough=False):
        self.folder, self.brief = pathlib.Path(folder), brief
        self.offers_on_demand = 1 if brief else 20 if thorough else 6
        self.table = Table(slack=3 if brief or os.environ.get("CI") else 1)

    # ---- starting

    def home(self, name):
        """A home in which nothing rings: a machine that measures has no loudspeaker."""
        settings = self.folder / name / "data/cloud.earshot.desktop/settings.json"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text('{"ring": false}')
        return self.folder / name

    def forget_files(self):
        """As after a start of the computer: programs and libraries are read from the disk."""
        try:
            os.sync()
            pathlib.Path("/proc/sys/vm/drop_caches").write_text("3\n")
        except OSError as error:
            self.table.note(f"The files stayed in the kernel's cache ({error.strerror}): memory may be up to 25 MB more.")

    def start(self, name, simulator, **more):
        address = {"EARSHOT_LOGIN_URL": simulator.base_url, "EARSHOT_API_URL": simulator.base_url}
        return App(self.home(name), environment={**address, "EARSHOT_CLIENT_ID": PUBLIC_CLIENT, **more})

    def starts(self, simulator, count):
        """Seconds from a start to a window with a page in it; the first start warms the cache and is not counted."""
        found = []
        for number in range(count + 1):
            began = time.monotonic()
            app = self.start("start", simulator)
            try:
                until("a window with a page in it", lambda: any(map(measure.painted, app.main_windows())), 60, 0.01)
                found.append(time.monotonic() - began)
            finally:
                app.stop()
            say(f"  start {number}: {found[-1] * 1000:.0f} ms")
        self.table.add(Row("start to a visible window, page cache warm", found[1:], 2.0, 1.0, "median"))

    # ---- offers

    def offer(self, simulator, tail, **more):
        """Seconds from the call for an offer to its painted card; whether its page was built for it; the offer."""
        began = time.time()
        offered = simulator.offer(caller="Maria Keller", queue=None if more.get("direct") else "Billing", **more)
        leg = offered["communication"]
        at, line = tail.wait(lambda line: "painted " in line and leg in line, 30)
        return at - began, "fresh=true" in line, offered

    def gone(self, app, simulator, offered):
        simulator.do("end", conversation=offered["conversation"])
        until("the pop-up is gone", lambda: not app.popup_windows(), 15, 0.01)

    def warm(self, app, simulator, tail, count):
        found = []
        for number in range(count + 3):
            # Whatever the phase of the page's clock.
            time.sleep(0.05 + (number % 7) * 0.003)
            took, fresh, offered = self.offer(simulator, tail, alerting_seconds=60)
            self.gone(app, simulator, offered)
            if number >= 3 and not fresh:
                found.append(took)
        # Of twenty the 99th percentile is the worst: one hiccup of a machine that is busy testing.
        judged = "median" if self.brief else "p99"
        self.table.add(Row("frame to painted pop-up, warm", found, 0.150, 0.050, judged, least=count))

    def ten(self, app, simulator, tail):
        """The pop-ups after which memory is looked at."""
        for _ in range(10):
            self.gone(app, simulator, self.offer(simulator, tail, alerting_seconds=60)[2])

    def on_demand(self, app, simulator, tail, count):
        found = []
        for _ in range(count):
            # Half a minute after the last offer, Earshot has let its page go.
            until("no page is left", lambda: not pages_of(app), LINGER + 15, 0.2)
            took, fresh, offered = self.offer(simulator, tail, direct=True, alerting_seconds=60)
            self.gone(app, simulator, offered)
            if fresh:
                found.append(took)
            say(f"  on demand: {took * 1000:.0f} ms{'' if fresh else ' (the page was there)'}")
        self.table.add(Row("the same, view built on demand", found, 1.2, 0.6, "max", least=count))

    def off_queue(self, simulator):
        simulator.do("set-presence", presence="Available")
        until("off queue", lambda: simulator.agent()["routing_status"] == "OFF_QUEUE")
        # Until the program has heard of it, too, and has stopped wanting a page.
        time.sleep(3)

    # ---- the rest

    def closes(self, simulator, tail, count):
        found = []
        for _ in range(count):
            time.sleep(STABLE)
            list(tail.lines())
            began = time.time()
            simulator.do("close-sockets", code=1000)
            at, _ = tail.wait(lambda line: "link state=" in line and "caught_up=true" in line, 20)
            found.append(at - began)
        self.table.add(Row("a lone close until caught up, on loopback", found, 2.0, 0.5, "max"))

    def chromium(self, page):
        """Memory of Chromium showing the same page, or None."""
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        if not program or not page:
            return None
        handler = functools.partial(Quiet, directory=str(page))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        profile = self.folder / "chromium"
        address = f"http://127.0.0.1:{server.server_address[1]}/index.html?fake=quiet"
        options = ["--no-first-run", "--no-default-browser-check", "--password-store=basic", "--window-size=360,620"]
        # Root has no sandbox to be put in, and no bar is to say so in the window.
        options += ["--no-sandbox", "--test-type"] if os.getuid() == 0 else []
        log = open(self.folder / "chromium.log", "wb")
        browser = subprocess.Popen(
            [program, f"--app={address}", f"--user-data-dir={profile}", *options],
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            found = lambda: screen.run("xdotool", "search", "--onlyvisible", "--name", "Earshot").split()  # noqa: E731
            until("Chromium shows the page", lambda: any(map(measure.painted, found())), 60, 0.2)
            # What it loads in the first seconds is not the page's.
            time.sleep(10)
            screen.picture(self.folder / "chromium.png")
            return measure.settled_memory(browser.pid)
        finally:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            server.shutdown()

    def memory_rows(self, warm, worn, none, chromium):
        if chromium is None:
            say("Chromium or the page for it is missing: memory is not compared.")
        whole = chromium[0] if chromium else None
        for what, (mine, parts), must, aim in (
            ("memory, warm on queue, after ten pop-ups", warm, 0.6, 0.5),
            ("memory, no window, after ten pop-ups", none, 0.5, 0.125),
        ):
            self.table.memory(f"{what}, beside Chromium `--app`", mine, whole, must, aim)
            self.table.note(f"{what}: {described(parts)}")
        if chromium:
            self.table.note(
                f"memory, warm on queue, after 200 pop-ups more: {worn[0]:.0f} MB, {worn[0] / whole:.2f} of Chromium: "
                f"{described(worn[1])}"
            )
            self.table.note(f"Chromium: {described(chromium[1])}")

    def sign_in(self, simulator):
        """With a hand that needs the accessible tree; the sign-in is then in the key store."""
        app = self.start("app", simulator)
        try:
            app.press("Sign in", seconds=60)
            until("it hears", lambda: app.indicator() == "Connected", 60)
            until("the sign-in is stored", keys.secrets, 10)
        finally:
            app.stop()

    def run(self, page, package):
        options = ["--rate-limit", "0", "--refresh-for-pkce"]
        with Simulator(*options, log=self.folder / "simulator.log") as simulator:
            say("Starting")
            self.starts(simulator, 2 if self.brief else 5)
            self.sign_in(simulator)
            if not self.brief:
                self.forget_files()
            app = self.start("app", simulator, NO_AT_BRIDGE="1")
            try:
                until("it hears", lambda: simulator.state()["sockets"]["live"] == 1, 60)
                [window] = until("its window", app.main_windows, 20)
                until("it is drawn", lambda: measure.painted(window), 20)
                tail = measure.Tail(app.log_file)
                screen.close(window)
                if not self.brief:
                    say("Memory, warm")
                    self.ten(app, simulator, tail)
                    until("the main window is gone", lambda: len(pages_of(app)) <= 1, LINGER + 10, 0.5)
                    warm = measure.settled_memory(app.pid)
                say("Offers, warm")
                self.warm(app, simulator, tail, 20 if self.brief else 200)
                worn = None if self.brief else measure.settled_memory(app.pid)
                say("Offers, view built on demand")
                self.off_queue(simulator)
                self.on_demand(app, simulator, tail, self.offers_on_demand)
                if not self.brief:
                    say("Closes")
                    self.closes(simulator, tail, 3)
                    until("no page is left", lambda: not pages_of(app), LINGER + 10, 0.5)
                    none = measure.settled_memory(app.pid)
            finally:
                app.stop()
        if not self.brief:
            say("Chromium")
            self.forget_files()
            self.memory_rows(warm, worn, none, self.chromium(page))
            self.table.size("package (.deb)", package, 15.0, 10.0)


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves a folder without talking about it."""

    def log_message(self, *_):
        pass


def named(root):
    """The processes of a tree, with their names."""
    for pid in measure.tree(root):
        try:
            yield pid, pathlib.Path(f"/proc/{pid}/comm").read_text().strip()
        except OSError:
            continue


def pages_of(app):
    return [pid for pid, name in named(app.pid) if name.startswith("WebKitWebProces")]


def described(parts):
    """`earshot 52.1, WebKitNetworkPr 20.3 MB`"""
    return ", ".join(f"{name} {size:.1f}" for name, size in sorted(parts, key=lambda each: -each[1])) + " MB"


def machine():
    """What this was measured on."""
    processor = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    total = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    system = platform.freedesktop_os_release().get("PRETTY_NAME", platform.system())
    name = processor.group(1) if processor else platform.machine()
    return f"{os.cpu_count()} × {name}, {int(total.group(1)) / 1e6:.0f} GB, {system}, Xvfb without a graphics card"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--brief", action="store_true", help="a few of each, three times the limits, no memory")
    options.add_argument("--thorough", action="store_true", help="twenty offers for which a view is built, not six")
    options.add_argument("--page", type=pathlib.Path, help="the page, built for a browser")
    options.add_argument("--package", type=pathlib.Path)
    options.add_argument("--write", type=pathlib.Path, help="the results as a page of Markdown")
    chosen = options.parse_args()
    work = pathlib.Path(os.environ.get("EARSHOT_WORK", ROOT / "tests/.work/bench"))
    work.mkdir(parents=True, exist_ok=True)
    busy = os.getloadavg()[0]
    folder = pathlib.Path(tempfile.mkdtemp(prefix="run-", dir=work))
    bench = Bench(folder, chosen.brief, chosen.thorough)
    bench.table.note(f"{datetime.date.today():%-d %B %Y}, {machine()}, `{os.path.relpath(BINARY, ROOT)}`")
    try:
        bench.run(chosen.page, chosen.package)
    except BaseException:
        say(f"The logs are in {folder}")
        raise
    shutil.rmtree(folder, ignore_errors=True)
    bench.table.note(f"Others used the machine meanwhile: load {busy:.1f} before, {os.getloadavg()[0]:.1f} after.")
    print(bench.table.markdown())
    if chosen.write:
        chosen.write.write_text(bench.table.page(__doc__.split("\n\n", 1)[1]))
    sys.exit(0 if bench.table.met() else 1)


if __name__ == "__main__":
    main()
