"""Who is compared: the recipes, and Earshot. Each is a program that prints a line for each event."""

import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LISTEN = pathlib.Path(os.environ.get("EARSHOT_LISTEN", ROOT / "target/debug/earshot-listen"))


@dataclasses.dataclass
class Access:
    """What a client signs in with, and what it is to hear."""

    base_url: str
    client_id: str
    secrets: list[str]
    # A person's; without one the client is a service.
    refresh_token: str | None
    topic: str


class Client:
    """One running client, and what it has told."""

    def __init__(self, command, environment, log):
        self._log = open(log, "wb")
        self._told = open(log.with_suffix(".jsonl"), "wb")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._log,
            env={**os.environ, **environment},
        )
        # (seconds of the monotonic clock, line)
        self.lines = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            self.lines.append((time.monotonic(), json.loads(line)))
            self._told.write(line)

    def stop(self):
        """Ends it, and reads what it still had to say."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(10)
        self._log.close()
        self._told.close()


def _recipe(command):
    def start(access, folder, name):
        environment = {
            "BASE_URL": access.base_url,
            "CLIENT_ID": access.client_id,
            "CLIENT_SECRET": access.secrets[0],
            "TOPICS": access.topic,
        }
        if access.refresh_token:
            environment["REFRESH_TOKEN"] = access.refresh_token
        return Client(command, environment, folder / f"{name}.log")

    return start


def _earshot(access, folder, name):
    files = []
    for number, secret in enumerate(access.secrets):
        file = folder / f"{name}-secret-{number}"
        file.touch(0o600)
        file.write_text(secret)
        files += ["--client-secret-file", str(file)]
    command = [str(LISTEN), "--login-url", access.base_url, "--api-url", access.base_url, "--client-id", access.client_id]
    if access.refresh_token:
        # A person's listener hears what it hears unless told otherwise: the conversations, and what guards against deafness.
        file = folder / f"{name}-refresh"
        file.touch(0o600)
        file.write_text(access.refresh_token)
        command += ["--grant", "refresh-token", "--refresh-token-file", str(file)]
    else:
        command += ["--grant", "client-credentials", "--topic", access.topic]
    return Client(command + files, {}, folder / f"{name}.log")


# What the page calls them, and how each is started.
CLIENTS = {
    "Node, same address after 5 s": _recipe(["node", str(HERE / "recipes/same_address_after_five_seconds.mjs")]),
    "Python, same address after 3 s": _recipe(
        [sys.executable, "-u", str(HERE / "recipes/same_address_after_three_seconds.py")]
    ),
    "Node, new channel after 2 s … 90 s": _recipe(
        ["node", str(HERE / "recipes/new_channel_doubling_to_ninety_seconds.mjs")]
    ),
    "Earshot": _earshot,
}
EARSHOT = "Earshot"
