"""The administrator's guide in the hands of a newcomer: its blocks, typed into shells as they stand, with the programs that
they find on the PATH. For the tests of the built programs and for those of the installed ones."""

import json
import os
import pathlib
import re
import signal
import subprocess
import urllib.request

from app import HERE, App
from case import DesktopTest
from ears import Loudspeaker
from simulator import ROOT

GUIDE = ROOT / "docs/administrators.md"


def blocks():
    """What stands under "Try it in ten minutes", block by block."""
    section = GUIDE.read_text().split("\n## Try it in ten minutes\n")[1].split("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.S)


def started(shell, name):
    """The process of this program that a shell has become or has begun, its check aside; None while there is none."""
    try:
        below = pathlib.Path(f"/proc/{shell.pid}/task/{shell.pid}/children").read_text().split()
    except OSError:
        return None
    for pid in [shell.pid, *map(int, below)]:
        try:
            words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if pathlib.Path(os.fsdecode(words[0])).name == name and b"--doctor" not in words:
            return pid
    return None


def end(shell):
    """Ends a shell, and all that it began."""
    try:
        os.killpg(shell.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    shell.wait()


class Followed(App):
    """The app that a shell has started as it was told."""

    def __init__(self, folder, shell, log_file):
        self.folder, self.process, self.log_file = pathlib.Path(folder), shell, log_file

    @property
    def pid(self):
        """The program itself, below the shell."""
        return started(self.process, "earshot") or -1

    def stop(self):
        """With the shell and all that it began."""
        end(self.process)


class Newcomer(DesktopTest):
    """Somebody with three terminals and the guide."""

    def setUp(self):
        super().setUp()
        # There is nothing but what the guide says.
        self.simulator.stop()
        self.home = self.folder / "home"
        self.home.mkdir()

    def shell(self, commands, name, programs, folder=None, **more):
        """A terminal: a shell that does these commands, finds programs in that folder first, and has a log by its name."""
        unwanted = ("EARSHOT_", "XDG_", "CARGO")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
        for each in ("XDG_RUNTIME_DIR", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"):
            variables[each] = os.environ[each]
        variables.update(
            HOME=str(self.home),
            PATH=f"{HERE / 'bin'}:{programs}:{os.environ['PATH']}",
            SIGN_IN_AS_TOLD_IN=str(self.folder / "browser"),
            NO_PROXY="*",
            **more,
        )
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                ["sh", "-c", commands], env=variables, cwd=folder or self.home, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.addCleanup(end, process)
        return process

    def check_program(self, shell, path):
        """What runs is this very file, and no other program of its name."""
        pid = self.until(f"{path.name} runs", lambda: started(shell, path.name))
        self.assertEqual(os.readlink(f"/proc/{pid}/exe"), str(path))

    def follow(self, programs):
        """All blocks after the first, with the programs in that folder, up to the first answered offer."""
        programs = pathlib.Path(programs).resolve()
        sound = Loudspeaker(self.folder / "sound")
        self.addCleanup(sound.stop)
        sound.give_to(self.home)
        _, simulator, start, offer = blocks()

        terminal = self.shell(simulator, "simulator", programs)
        self.until("the simulator is ready", lambda: "8090" in (self.folder / "simulator.log").read_text())
        self.check_program(terminal, programs / "earshot-simulator")

        terminal = self.shell(start, "start", programs, **sound.environment)
        app = Followed(self.home, terminal, self.folder / "start.log")
        self.apps.append(app)
        app.wait("button", "Sign in", seconds=60)
        self.check_program(terminal, programs / "earshot")
        self.assertRegex(app.log(), r"\d+ ok, 0 warnings, 0 failed, 0 not checked\.")
        app.press("Sign in")
        app.wait_indicator("Connected")

        self.assertEqual(self.shell(offer, "offer", programs).wait(20), 0)
        app.wait(name="Maria Keller", page="popup")
        app.press("Answer", page="popup")
        self.until("the offer is answered", self.answered)

    def answered(self):
        token = (self.home / "simulator-token").read_text().split()[0]
        request = urllib.request.Request(
            "http://127.0.0.1:8090/_simulator/state", headers={"Authorization": f"Bearer {token}"}
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
            [conversation] = json.load(answer)["conversations"]
        return any(each["state"] == "connected" and each["agent"] for each in conversation["participants"])
