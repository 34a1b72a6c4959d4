"""A local Genesys Cloud for one test: starts `earshot-simulator`, speaks its control API, and stops it.

Used by the desktop tests and by the conformance test with the official Python SDK. Only the standard library, because
both run with a different Python environment.
"""

import json
import os
import pathlib
import select
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("EARSHOT_SIMULATOR", ROOT / "target/debug/earshot-simulator"))

PUBLIC_CLIENT = "0a7b1c52-5d7e-4c1a-9a55-ea25b0700001"
CONFIDENTIAL_CLIENT = "0a7b1c52-5d7e-4c1a-9a55-ea25b0700002"
CONFIDENTIAL_SECRET = "first-simulator-secret"
SERVICE_CLIENT = "0a7b1c52-5d7e-4c1a-9a55-ea25b0700003"
SERVICE_SECRET = "first-service-secret"
REDIRECT = "http://localhost:8085/callback"

# Straight to loopback, whatever proxy the environment names.
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def until(what, look, seconds=20.0, pause=0.05):
    """Calls `look` until it answers something true, and gives that back; fails with `what` when the time is over."""
    deadline = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain: {what() if callable(what) else what}")
        time.sleep(pause)


class Simulator:
    """One running simulator. Use as a context manager."""

    def __init__(self, *arguments, log=None):
        self._folder = tempfile.TemporaryDirectory(prefix="earshot-simulator-")
        token_file = pathlib.Path(self._folder.name) / "token"
        self._log = open(log, "ab") if log else None
        self._process = subprocess.Popen(
            [str(BINARY), "--port", "0", "--print-ready", "--control-token-file", str(token_file), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log or subprocess.DEVNULL,
        )
        try:
            ready = json.loads(self._first_line(30))
        except Exception:
            self.stop()
            raise
        self.base_url = ready["base_url"]
        self.client_id = ready["client_id"]
        self._token = token_file.read_text().splitlines()[0].strip()

    def _first_line(self, seconds):
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            raise AssertionError("the simulator did not say that it is ready")
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f"the simulator ended at once, with {self._process.wait()}")
        return line

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends it; twice is once."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process.stdout.close()
        if self._log:
            self._log.close()
            self._log = None
        self._folder.cleanup()

    # ---- the control API

    def _ask(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.base_url}/_simulator/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with _direct.open(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"control API: {path} answered {error.code}: {error.read().decode()}") from None

    def do(self, command, **body):
        """`do("close-sockets", code=1001)`: one command of the control API."""
        return self._ask("POST", command, body)

    def offer(self, medium="call", **body):
        """Offers a conversation; the answer has `conversation`, `participant` and `communication`."""
        return self.do("offer", medium=medium, **body)

    def state(self):
        """Everything it knows."""
        return self._ask("GET", "state")

    def requests(self):
        """Every request it got, in order."""
        return self._ask("GET", "requests")["requests"]

    def actions(self):
        """What clients asked to be done to conversations and agents."""
        return self.state()["actions"]

    def agent(self, name="Ada Moreno"):
        """One agent's state."""
        return next(agent for agent in self.state()["agents"] if agent["name"] == name)

    def conversation(self, identifier):
        """One conversation's state."""
        return next(each for each in self.state()["conversations"] if each["id"] == identifier)

    def leg(self, offered):
        """The agent's leg of an offer, as the simulator sees it."""
        participants = self.conversation(offered["conversation"])["participants"]
        return next(each for each in participants if each["id"] == offered["participant"])
