"""The processes that the app has started: which of them draws which window."""

import os
import pathlib
import signal

WEB = "WebKitWebProces"  # as long as the system keeps a name


def children(pid):
    """All processes below this one."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name, _, rest = (entry / "stat").read_text().partition(" (")[2].rpartition(") ")
        except OSError:
            continue
        fields = rest.split()
        if fields[0] != "Z" and int(fields[1]) == pid:
            found.append((int(entry.name), name))
    return found


def web(pid):
    """The processes that draw this program's windows, oldest first."""
    return sorted(child for child, name in children(pid) if name == WEB)


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def freeze(pid):
    """It answers nothing from now on, and nobody is told."""
    os.kill(pid, signal.SIGSTOP)


def kill_if_there(pid):
    """For the end of a test: a process that hangs would outlive it."""
    try:
        kill(pid)
    except ProcessLookupError:
        pass
