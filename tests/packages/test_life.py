"""The life of a package: installed, started, upgraded over an older one with its settings kept, removed without a trace.

As root on Debian with dpkg and the real root; elsewhere unpacked into a folder, and started from there. Runs on a test
desktop (tests/desktop/run.sh).
"""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import tempfile
import unittest

import app
import built
import installing
import tray
from built import run
from simulator import until

WATCHED = ("/usr", "/etc", "/opt", "/var/lib/dpkg/info")
AUTOSTART = pathlib.Path("/etc/xdg/autostart/earshot.desktop")
STARTS = 60.0


def everything():
    """Every path in the places where a package may put something."""
    return set(run("find", *WATCHED, "-not", "-name", "__pycache__", "-not", "-name", "*.pyc").splitlines())


class Life(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="earshot-life-")))
        self.running = []
        self.addCleanup(self.stop)

    def stop(self):
        for each in self.running:
            each.stop()
        self.running = []

    def start(self, binary, *arguments):
        """The app as one person uses it, whatever version: the same home each time."""
        app.BINARY = pathlib.Path(binary)
        started = app.App(self.folder / "person", *arguments, environment={})
        self.running.append(started)
        return started

    def practise(self, binary):
        """The app in practice mode, hearing, with its window on the screen."""
        started = self.start(binary, "--practice")
        started.wait_indicator("Connected", STARTS)
        until("the window is on the screen", started.main_windows)
        return started

    def settings(self):
        """As they are stored; nothing before the first change."""
        file = self.folder / "person/data/cloud.earshot.desktop/settings.json"
        return json.loads(file.read_text()) if file.exists() else {}

    def switch_the_ring_off(self, started):
        started.press("Settings")
        started.press("Ring on offers", role="switch")
        until("the setting is on disk", lambda: self.settings().get("ring") is False)

    def check_the_ring_is_off(self, started):
        started.press("Settings")
        self.assertNotIn("checked", started.wait("switch", "Ring on offers").states)
        self.assertIs(self.settings()["ring"], False)


@unittest.skipIf(installing.why_not(), installing.why_not())
class Installed(Life):
    def setUp(self):
        super().setUp()
        self.addCleanup(installing.purge)
        self.addCleanup(self.stop)
        installing.what_they_depend_on()

    def install(self, folder):
        run("dpkg", "--install", *(built.deb(each, folder) for each in built.PACKAGES), stdin=subprocess.DEVNULL)

    def test_installed_upgraded_and_removed(self):
        before = everything()

        self.install(built.OLD)
        self.assertEqual(run("dpkg-query", "-W", "-f", "${Version}", "earshot"), "0.0.9")
        first = self.practise("/usr/bin/earshot")
        self.switch_the_ring_off(first)
        self.stop()
        # An administrator who wants it to start for nobody by itself.
        AUTOSTART.write_text(AUTOSTART.read_text().replace("Hidden=false", "Hidden=true"))

        self.install(built.NOW)
        version = run("dpkg-query", "-W", "-f", "${Version}", "earshot")
        self.assertEqual(run("/usr/bin/earshot", "--version").split(), ["earshot", version])
        self.assertIn("Hidden=true", AUTOSTART.read_text(), "what an administrator changed outlives an upgrade")
        self.check_the_ring_is_off(self.practise("/usr/bin/earshot"))
        self.stop()

        self.assertEqual(run("earshot-listen", "--version").split(), ["earshot-listen", version])
        self.assertEqual(run("earshot-simulator", "--version").split(), ["earshot-simulator", version])

        run("dpkg", "--remove", "earshot-tools", "earshot")
        self.assertEqual({each for each in everything() - before if "dpkg/info" not in each}, {str(AUTOSTART)})
        run("dpkg", "--purge", "earshot")
        left, lost = everything() - before, before - everything()
        self.assertEqual((left, lost), (set(), set()))
        self.assertIs(self.settings()["ring"], False, "what is the person's stays")

    def test_the_autostart_entry_starts_it_in_the_tray(self):
        self.install(built.NOW)
        lines = AUTOSTART.read_text().splitlines()
        command = next(line.removeprefix("Exec=") for line in lines if line.startswith("Exec="))
        program, *arguments = shlex.split(command)
        self.assertEqual(program, "earshot")
        started = self.start(shutil.which(program), *arguments)
        until("it is in the tray", tray.icon, STARTS)
        self.assertEqual(started.main_windows(), [])
        self.assertTrue(started.running())


class Unpacked(Life):
    """Without being root: the same tree in a folder."""

    def test_it_starts_from_where_it_was_unpacked(self):
        root = self.folder / "root"
        run("dpkg-deb", "--extract", built.deb("earshot"), root)
        self.practise(root / "usr/bin/earshot")

    def test_the_rpm_unpacks_to_the_same_programs(self):
        for package in built.PACKAGES:
            with self.subTest(package):
                debian, other = self.folder / f"deb-{package}", self.folder / f"rpm-{package}"
                other.mkdir()
                run("dpkg-deb", "--extract", built.deb(package), debian)
                archive = subprocess.run(["rpm2cpio", built.rpm(package)], stdout=subprocess.PIPE, check=True).stdout
                subprocess.run(["cpio", "-idm", "--quiet"], input=archive, cwd=other, check=True)
                for program in (debian / "usr/bin").iterdir():
                    self.assertEqual((other / "usr/bin" / program.name).read_bytes(), program.read_bytes())

    @unittest.skipUnless(os.getuid() == 0, "rpm changes its root only as root")
    def test_the_rpm_installs_upgrades_and_goes(self):
        root = self.folder / "rpm-root"
        root.mkdir()
        # Into an empty root: what it requires is not there, and there is no shell for scripts. It has none.
        options = ("--root", root, "--nodeps", "--noscripts")
        run("rpm", *options, "-i", *(built.rpm(each, built.OLD) for each in built.PACKAGES))
        person = root / "home/agent/settings.json"
        person.parent.mkdir(parents=True)
        person.write_text("{}")
        run("rpm", *options, "-U", *(built.rpm(each) for each in built.PACKAGES))
        self.assertEqual(run("rpm", "--root", root, "-V", "--nodeps", "earshot", "earshot-tools"), "")
        run("rpm", *options, "-e", *built.PACKAGES)
        left = {each for each in root.rglob("*earshot*") if not each.is_relative_to(root / "home")}
        self.assertEqual(left, set())
        self.assertTrue(person.exists())


if __name__ == "__main__":
    unittest.main()
