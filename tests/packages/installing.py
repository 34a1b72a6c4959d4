"""Packages on this computer itself, with dpkg: whether they may be installed here, what they need, and gone again."""

import os
import shutil
import subprocess

import built
from built import run

QUIET = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}


def state(package):
    """`installed`, `not-installed`, or what dpkg calls it in between."""
    done = subprocess.run(
        ["dpkg-query", "-W", "-f", "${db:Status-Status}", package], capture_output=True, text=True, check=False
    )
    return done.stdout or "not-installed"


def why_not():
    """Why packages cannot be installed here, or None."""
    if os.getuid() != 0:
        return "installing needs root"
    if not shutil.which("dpkg"):
        return "there is no dpkg"
    found = [each for each in built.PACKAGES if state(each) != "not-installed"]
    return f"{', '.join(found)} is installed here already, and not ours to remove" if found else None


def what_they_depend_on():
    """Installs what a desktop has and a build machine may not: small packages, which stay."""
    for name in ("ca-certificates", "xdg-utils"):
        if state(name) != "installed":
            run("apt-get", "-qq", "-y", "install", "--no-install-recommends", name, env=QUIET)


def purge():
    """Removes ours, and their configuration."""
    for package in built.PACKAGES:
        if state(package) != "not-installed":
            run("dpkg", "--purge", package)
