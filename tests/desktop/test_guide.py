"""The administrator's guide, followed to the letter: from nothing to the first answered offer against the simulator."""

import json
import os
import pathlib
import re
import signal
import subprocess
import unittest
import urllib.request

from app import BINARY, HERE, App
from case import DesktopTest
from ears import Loudspeaker
from simulator import ROOT, until

GUIDE = ROOT / "docs/administrators.md"


class Followed(App):
    """The app that a shell has started as it was told."""

    def __init__(self, folder, shell, log_file):
        self.folder, self.process, self.log_file = pathlib.Path(folder), shell, log_file

    @property
    def pid(self):
        """The program itself, below the shell."""
        if os.readlink(f"/proc/{self.process.pid}/exe") == str(BINARY):
            return self.process.pid
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            words = pathlib.Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
            if words[0].endswith(b"earshot") and b"--doctor" not in words:
                return int(child)
        return -1


class Guide(DesktopTest):
    def blocks(self):
        """What stands under "Try it in ten minutes", block by block."""
        section = GUIDE.read_text().split("\n## Try it in ten minutes\n")[1].split("\n## ")[0]
        return re.findall(r"```sh\n(.*?)```", section, re.S)

    def shell(self, commands, name):
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("EARSHOT_", "XDG_", "CARGO"))}
        for name_of in ("XDG_RUNTIME_DIR", "XDG_SESSION_TYPE", "XDG_CURRENT_DESKTOP"):
            variables[name_of] = os.environ[name_of]
        variables.update(
            HOME=str(home),
            PATH=f"{BINARY.parent}:{HERE / 'bin'}:{os.environ['PATH']}",
            SIGN_IN_AS_TOLD_IN=str(self.folder / "browser"),
            NO_PROXY="*",
            **self.loudspeaker.environment,
        )
        with open(self.folder / f"{name}.log", "wb") as log:
            process = subprocess.Popen(
                ["sh", "-c", commands], env=variables, cwd=home, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip
        self.addCleanup(process.wait)
        self.addCleanup(lambda: self.end(process))
        return process

    def end(self, process):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def test_from_nothing_to_the_first_answered_offer(self):
        self.loudspeaker = Loudspeaker(self.folder / "sound")
        self.addCleanup(self.loudspeaker.stop)
        self.loudspeaker.give_to(self.folder / "home")
        install, simulator, start, offer = self.blocks()
        self.assertIn("earshot_VERSION_amd64.deb", install)

        self.shell(simulator, "simulator")
        token = self.folder / "home/simulator-token"
        until("the simulator is ready", lambda: "8090" in (self.folder / "simulator.log").read_text())

        app = Followed(self.folder / "home", self.shell(start, "start"), self.folder / "start.log")
        app.wait("button", "Sign in", seconds=60)
        self.assertRegex(app.log(), r"\d+ ok, 0 warnings, 0 failed, 0 not checked\.")
        app.press("Sign in")
        app.wait_indicator("Connected")

        self.shell(offer, "offer").wait()
        app.wait(name="Maria Keller", page="popup")
        app.press("Answer", page="popup")

        def answered():
            request = urllib.request.Request(
                "http://127.0.0.1:8090/_simulator/state",
                headers={"Authorization": f"Bearer {token.read_text().split()[0]}"},
            )
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
                [conversation] = json.load(answer)["conversations"]
            return any(each["state"] == "connected" and each["agent"] for each in conversation["participants"])

        until("the offer is answered", answered)


if __name__ == "__main__":
    unittest.main()
