"""What is in the packages, without installing them."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import built
from built import PACKAGES, ROOT, run

EARSHOT = {
    "/etc/xdg/autostart/earshot.desktop",
    "/usr/bin/earshot",
    "/usr/share/applications/earshot.desktop",
    "/usr/share/icons/hicolor/128x128/apps/earshot.png",
    "/usr/share/icons/hicolor/256x256/apps/earshot.png",
    "/usr/share/icons/hicolor/32x32/apps/earshot.png",
    "/usr/share/icons/hicolor/512x512/apps/earshot.png",
    "/usr/share/icons/hicolor/scalable/apps/earshot.svg",
    "/usr/share/man/man1/earshot.1.gz",
    "/usr/share/metainfo/cloud.earshot.desktop.metainfo.xml",
}
TOOLS = {
    "/usr/bin/earshot-listen",
    "/usr/bin/earshot-simulator",
    "/usr/share/doc/earshot-tools/examples/practice.toml",
    "/usr/share/doc/earshot-tools/simulator.md",
    "/usr/share/man/man1/earshot-listen.1.gz",
    "/usr/share/man/man1/earshot-simulator.1.gz",
}
WANTED = {"earshot": EARSHOT, "earshot-tools": TOOLS}
DOCUMENTS = ("copyright", "CHANGELOG.md.gz", "THIRD-PARTY-LICENCES.txt.gz")


class Contents(unittest.TestCase):
    def unpacked(self, package):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="earshot-package-")))
        run("dpkg-deb", "--extract", built.deb(package), folder)
        return folder

    def test_each_package_holds_what_it_should_and_nothing_else(self):
        for package, wanted in WANTED.items():
            with self.subTest(package):
                folder = f"/usr/share/doc/{package}/"
                there = built.files(package)
                self.assertLessEqual(wanted | {folder + each for each in DOCUMENTS}, there)
                others = {each for each in there - wanted if not each.startswith((folder, "/usr/share/lintian/"))}
                self.assertEqual(others, set())

    def test_the_rpm_holds_the_same(self):
        for package in PACKAGES:
            with self.subTest(package):
                listed = run("rpm", "-qp", "--qf", "[%{FILEMODES:perms} %{FILENAMES}\n]", built.rpm(package))
                there = {line.split(" ", 1)[1] for line in listed.splitlines() if not line.startswith("d")}
                only_debian = {f"/usr/share/doc/{package}/changelog.gz", f"/usr/share/lintian/overrides/{package}"}
                self.assertEqual(there, built.files(package) - only_debian)

    def test_files_belong_to_root_and_have_the_time_of_the_commit(self):
        for package in PACKAGES:
            members = built.members(package)
            times = {member.mtime for member in members.values()}
            self.assertEqual(len(times), 1, f"{package}: one time for all, not {times}")
            for name, member in members.items():
                with self.subTest(name):
                    self.assertEqual((member.uid, member.gid), (0, 0))
                    executable = member.isdir() or name.startswith("/usr/bin/")
                    self.assertEqual(oct(member.mode & 0o7777), oct(0o755 if executable else 0o644))

    def test_dependencies_are_those_of_the_programs(self):
        needs = built.field("earshot", "Depends")
        for library in ("libc6", "libgtk-3-0", "libwebkit2gtk-4.1-0", "libasound2", "ca-certificates", "xdg-utils"):
            self.assertIn(library, needs)
        tools = built.field("earshot-tools", "Depends")
        self.assertIn("libc6", tools)
        for desktop in ("gtk", "webkit", "asound", "x11"):
            self.assertNotIn(desktop, tools)
        self.assertIn("gnome-keyring", built.field("earshot", "Recommends"))
        wanted = run("rpm", "-qp", "--requires", built.rpm("earshot"))
        self.assertIn("libwebkit2gtk-4.1.so.0", wanted)
        self.assertNotIn("gtk", run("rpm", "-qp", "--requires", built.rpm("earshot-tools")))

    def test_desktop_files_and_software_centre_data_are_valid(self):
        folder = self.unpacked("earshot")
        run("desktop-file-validate", folder / "usr/share/applications/earshot.desktop")
        run("desktop-file-validate", folder / "etc/xdg/autostart/earshot.desktop")
        metainfo = folder / "usr/share/metainfo/cloud.earshot.desktop.metainfo.xml"
        run("appstreamcli", "validate", "--no-net", metainfo)
        self.assertIn(f'version="{built.field("earshot", "Version")}"', metainfo.read_text())
        self.assertNotIn("@", metainfo.read_text())

    def test_manual_pages_are_read(self):
        for package in PACKAGES:
            folder = self.unpacked(package)
            for page in (folder / "usr/share/man/man1").iterdir():
                with self.subTest(page.name):
                    text = run("zcat", page)
                    self.assertIn(f".TH {page.name.split('.')[0]} 1", text)
                    if shutil.which("man"):
                        complaints = subprocess.run(
                            ["man", "--warnings", "--local-file", page],
                            capture_output=True,
                            text=True,
                            check=True,
                            env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "100"},
                        )
                        # A long word that leaves a line ragged is none of our business.
                        serious = [each for each in complaints.stderr.splitlines() if "cannot adjust" not in each]
                        self.assertEqual(serious, [])

    def test_every_linked_package_has_its_licence(self):
        lists = {}
        for package in PACKAGES:
            folder = self.unpacked(package) / "usr/share/doc" / package
            lists[package] = run("zcat", folder / "THIRD-PARTY-LICENCES.txt.gz")
            copyright = (folder / "copyright").read_text()
            self.assertIn("Permission is hereby granted", copyright)
            self.assertNotIn("@", copyright)
        for name in ("tauri", "webkit2gtk", "ring", "libsqlite3-sys", "svelte (npm)", "@tauri-apps/api (npm)"):
            self.assertRegex(lists["earshot"], rf"(?m)^{name.replace('(', '[(]').replace(')', '[)]')} \d")
        self.assertRegex(lists["earshot-tools"], r"(?m)^ring \d")
        self.assertNotRegex(lists["earshot-tools"], r"(?m)^tauri \d")

    def test_nothing_names_the_machine_it_was_built_on(self):
        for package in PACKAGES:
            folder = self.unpacked(package)
            for file in folder.rglob("*"):
                if file.is_file() and file.parent.name != "bin":
                    self.assertNotIn(str(ROOT).encode(), file.read_bytes(), file)
            self.assertNotIn(os.uname().nodename, run("rpm", "-qip", built.rpm(package)))

    @unittest.skipUnless(built.PROFILE == "release", "programs built for tests know where their sources are")
    def test_no_program_knows_the_folders_it_was_built_in(self):
        # With them in it, the same commit would give other bytes in another folder.
        cargo = os.environ.get("CARGO_HOME", pathlib.Path.home() / ".cargo")
        for package in PACKAGES:
            for program in (self.unpacked(package) / "usr/bin").iterdir():
                data = program.read_bytes()
                for folder in (ROOT, cargo):
                    with self.subTest(f"{program.name}: {folder}"):
                        at = data.find(f"{folder}/".encode())
                        self.assertEqual(at, -1, data[max(at, 0) : at + 200])

    def test_the_same_programs_give_the_same_packages(self):
        again = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="earshot-package-")))
        [time] = {str(int(member.mtime)) for member in built.members("earshot").values()}
        environment = {**os.environ, "EARSHOT_BUILT": "1", "SOURCE_DATE_EPOCH": time}
        run(ROOT / "scripts/package.sh", "--profile", built.PROFILE, "--out", again, env=environment)
        for first in sorted(built.NOW.iterdir()):
            with self.subTest(first.name):
                self.assertEqual((again / first.name).read_bytes(), first.read_bytes())

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian_finds_no_error(self):
        # Of the programs built for tests some things are true that are not of a release: none of them is an error.
        for package in PACKAGES:
            with self.subTest(package):
                run("lintian", "--allow-root", "--fail-on", "error", built.deb(package))


if __name__ == "__main__":
    unittest.main()
