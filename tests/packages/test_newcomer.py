"""A newcomer with the guide and the packages, from nothing to the first answered offer. It is the programs of the packages
that run.

As root on Debian installed by the guide's own words; elsewhere unpacked into a folder. Runs on a test desktop
(tests/desktop/run.sh).
"""

import unittest

import built
import guide
import installing
from built import run

# Its questions are answered with yes. What it would bring along for a whole desktop is left out: the test desktop has its own.
APT = 'APT::Get::Assume-Yes "true";\nAPT::Install-Recommends "false";\n'


@unittest.skipIf(installing.why_not(), installing.why_not())
class Installed(guide.Newcomer):
    def setUp(self):
        super().setUp()
        self.addCleanup(installing.purge)
        installing.what_they_depend_on()

    def install(self):
        """The guide's first block, where the packages are."""
        tools = self.folder / "tools"
        tools.mkdir()
        # Who is root already may have no sudo.
        (tools / "sudo").write_text('#!/bin/sh\nexec "$@"\n')
        (tools / "sudo").chmod(0o755)
        (tools / "apt.conf").write_text(APT)
        command = guide.blocks()[0].replace("VERSION_amd64", built.deb("earshot").stem.partition("_")[2])
        terminal = self.shell(
            command, "install", tools, built.NOW, APT_CONFIG=str(tools / "apt.conf"), DEBIAN_FRONTEND="noninteractive"
        )
        self.assertEqual(terminal.wait(120), 0, (self.folder / "install.log").read_text())

    def test_from_the_packages_to_the_first_answered_offer(self):
        self.install()
        self.assertEqual({installing.state(each) for each in built.PACKAGES}, {"installed"})
        self.follow("/usr/bin")


@unittest.skipUnless(installing.why_not(), "the packages are installed here instead")
class Unpacked(guide.Newcomer):
    """Without being root: the same tree in a folder."""

    def test_from_the_packages_to_the_first_answered_offer(self):
        root = self.folder / "root"
        for package in built.PACKAGES:
            run("dpkg-deb", "--extract", built.deb(package), root)
        self.follow(root / "usr/bin")


if __name__ == "__main__":
    unittest.main()
