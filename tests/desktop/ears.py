"""A loudspeaker that nobody hears, and an ear at it: PulseAudio with a null sink, for one test."""

import array
import os
import pathlib
import subprocess

from simulator import until

RATE = 8000


class Loudspeaker:
    """A sound server of its own in a folder; `environment` and `home` make a program use it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        # Sockets have short names only.
        self.runtime = pathlib.Path(os.environ["XDG_RUNTIME_DIR"]) / f"sound-{os.getpid()}"
        self.runtime.mkdir(mode=0o700, exist_ok=True)
        socket = self.runtime / "native"
        self.environment = {"PULSE_SERVER": f"unix:{socket}", "PULSE_RUNTIME_PATH": str(self.runtime)}
        self._variables = {**os.environ, **self.environment, "HOME": str(self.folder)}
        self.heard_file = self.folder / "heard.raw"
        self._log = open(self.folder / "pulseaudio.log", "wb")
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes",
             "-L", "module-null-sink sink_name=nobody",
             "-L", f"module-native-protocol-unix auth-anonymous=1 socket={socket}"],
            env=self._variables, stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip
        until("the sound server is there", lambda: self._ask("pactl", "info"))
        with open(self.heard_file, "wb") as heard:
            self._ear = subprocess.Popen(
                ["parec", "--device=nobody.monitor", "--format=s16ne", f"--rate={RATE}", "--channels=1",
                 "--latency-msec=50"],
                env=self._variables, stdin=subprocess.DEVNULL, stdout=heard, stderr=self._log,
            )  # fmt: skip
        until("the ear hears silence", lambda: self.heard_file.stat().st_size > 0)

    def stop(self):
        for process in (self._ear, self._server):
            process.kill()
            process.wait()
        self._log.close()

    def give_to(self, home):
        """Makes it the default device of programs with this home."""
        home = pathlib.Path(home)
        home.mkdir(parents=True, exist_ok=True)
        (home / ".asoundrc").write_text("pcm.!default pulse\nctl.!default pulse\n")

    def _ask(self, *command):
        done = subprocess.run(command, env=self._variables, capture_output=True, text=True, timeout=10, check=False)
        return done.stdout if done.returncode == 0 else ""

    def playing(self):
        """How many programs play something now."""
        return len(self._ask("pactl", "list", "short", "sink-inputs").splitlines())

    def heard(self):
        """How much has been heard until now: a mark for `loudness`."""
        return self.heard_file.stat().st_size

    def loudness(self, since):
        """The loudest sample since a mark, 0 to 32767."""
        with open(self.heard_file, "rb") as file:
            file.seek(since - since % 2)
            data = file.read()
        samples = array.array("h", data[: len(data) - len(data) % 2])
        return max(map(abs, samples), default=0)
