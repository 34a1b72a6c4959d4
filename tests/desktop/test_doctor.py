"""`earshot --doctor`: on a whole desktop all is well, and each thing that is missing is the one that is named."""

import json
import os
import pathlib
import socket
import subprocess
import tempfile
import unittest

import keys
import notifications
import tray
from app import BINARY, HERE
from case import DesktopTest, with_simulator
from ears import Loudspeaker
from recorder import Recorder

# A session bus on which nobody is, and which starts nobody.
LONELY = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:dir={folder}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy>
</busconfig>"""


class Doctor(DesktopTest):
    def setUp(self):
        super().setUp()
        self.loudspeaker = Loudspeaker(self.folder / "sound")
        self.addCleanup(self.loudspeaker.stop)
        self.home = self.folder / "doctor"
        self.loudspeaker.give_to(self.home)

    def examine(self, *arguments, without=(), **more):
        """What it says, and what it ends with. `without` are variables it does not get."""
        variables = {name: value for name, value in os.environ.items() if not name.startswith(("EARSHOT_", "CARGO"))}
        variables.update(
            HOME=str(self.home),
            XDG_CONFIG_HOME=str(self.home / "config"),
            XDG_DATA_HOME=str(self.home / "data"),
            XDG_CACHE_HOME=str(self.home / "cache"),
            PATH=f"{HERE / 'bin'}:{os.environ['PATH']}",
            SIGN_IN_AS_TOLD_IN=str(self.home / "browser"),
            NO_PROXY="*",
            **self.loudspeaker.environment,
        )
        variables.update(self.environment())
        variables.update(more)
        for name in without:
            variables.pop(name, None)
        done = subprocess.run(
            [BINARY, "--doctor", *arguments], env=variables, capture_output=True, text=True, timeout=90, check=False
        )
        (self.folder / "doctor.log").write_text(done.stdout + done.stderr)
        return done

    def results(self, *arguments, **how):
        """Check by check, and the exit code."""
        done = self.examine("--json", *arguments, **how)
        whole = json.loads(done.stdout)
        self.assertEqual(whole["exit_code"], done.returncode)
        return {each["check"]: each for each in whole["checks"]}, done.returncode

    def wrong(self, checks):
        return {name: each["result"] for name, each in checks.items() if each["result"] in ("warning", "failed")}

    def skipped(self, checks):
        return [name for name, each in checks.items() if each["result"] == "not_checked"]

    def one_hears(self):
        """The one that runs goes on hearing; that the doctor's own socket has gone is learnt a moment later."""
        live = lambda: self.simulator.state()["sockets"]["live"]  # noqa: E731
        self.until(lambda: f"{live()} hear", lambda: live() == 1)

    def lonely_bus(self):
        """The address of a session bus with nobody on it."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="bus-", dir=os.environ["XDG_RUNTIME_DIR"]))
        (folder / "bus.conf").write_text(LONELY.format(folder=folder))
        bus = subprocess.Popen(
            ["dbus-daemon", f"--config-file={folder / 'bus.conf'}", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(lambda: (bus.kill(), bus.wait(), bus.stdout.close()))
        return bus.stdout.readline().strip()

    def test_on_a_whole_desktop_all_is_well(self):
        checks, code = self.results()
        self.assertEqual((self.wrong(checks), self.skipped(checks), code), ({}, [], 0), checks)
        self.assertEqual(len(checks), 22)
        self.assertIn("Ada Moreno", checks["token"]["found"])
        self.assertIn("EARSHOT_CLIENT_ID", checks["settings"]["found"])
        table = self.examine()
        self.assertEqual(table.returncode, 0, table.stdout)
        self.assertRegex(table.stdout, r"(?m)^Sign-in address {5}ok {11}127\.0\.0\.1")
        self.assertIn("22 ok, 0 warnings, 0 failed, 0 not checked.", table.stdout)
        self.assertEqual(self.simulator.state()["tokens"]["live"], 0, "what was made for the check is revoked")

    def test_a_desktop_without_its_services_is_told_which(self):
        checks, code = self.results("--no-sign-in", DBUS_SESSION_BUS_ADDRESS=self.lonely_bus())
        missing = {"notifications": "warning", "tray": "warning", "key-store": "warning"}
        self.assertEqual((self.wrong(checks), code), (missing, 0), checks)

    def test_each_service_of_the_desktop_that_is_missing_is_named_alone(self):
        self.assertEqual(self.wrong(self.results("--no-sign-in")[0]), {})
        with notifications.Absent():
            self.assertEqual(self.wrong(self.results("--no-sign-in")[0]), {"notifications": "warning"})
        with tray.Absent():
            self.assertEqual(self.wrong(self.results("--no-sign-in")[0]), {"tray": "warning"})
        # The other way round: first the dialog that asks for the password is closed.
        self.addCleanup(keys.unlock, keys.PASSWORD)
        self.addCleanup(keys.dismiss_dialogs)
        keys.lock()
        checks, _ = self.results("--no-sign-in")
        self.assertEqual(self.wrong(checks), {"key-store": "warning"})
        self.assertRegex(checks["key-store"]["found"], "locked|waiting for a password")

    def test_do_not_disturb_is_said(self):
        quiet = ["xfconf-query", "--channel", "xfce4-notifyd", "--property", "/do-not-disturb"]
        subprocess.run([*quiet, "--create", "--type", "bool", "--set", "true"], check=True, timeout=10)
        self.addCleanup(subprocess.run, [*quiet, "--reset"], check=False, timeout=10)
        checks, code = self.results("--no-sign-in")
        self.assertEqual((self.wrong(checks), code), ({"notifications": "warning"}, 0), checks)

    @with_simulator("--refresh-for-pkce", "--rotate-refresh")
    def test_the_stored_sign_in_is_used_and_what_is_renewed_is_stored_again(self):
        app = self.signed_in()
        app.wait_text("Ada Moreno")
        for _ in range(2):
            checks, code = self.results("--no-sign-in")
            self.assertEqual((self.wrong(checks), self.skipped(checks), code), ({}, [], 0), checks)
            self.assertIn("key store", checks["sign-in"]["found"])
        self.one_hears()
        app.stop()
        again = self.start()
        again.wait_indicator("Connected")
        self.assertEqual(len(again.browsed()), 1, "only the first sign-in needed the browser")

    def test_no_sound_is_a_failure(self):
        (self.home / ".asoundrc").unlink()
        checks, code = self.results("--no-sign-in", PULSE_SERVER="unix:/nowhere")
        self.assertEqual((self.wrong(checks), code), ({"sound": "failed"}, 1), checks)

    def test_over_ssh_the_desktop_is_not_checked(self):
        away = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XAUTHORITY")
        checks, code = self.results(without=away)
        self.assertEqual((self.wrong(checks), code), ({}, 0), checks)
        desktop = {"notifications", "tray", "key-store", "web-view", "sign-in"}
        self.assertTrue(desktop <= set(self.skipped(checks)), checks)
        self.assertIn("display", checks["sign-in"]["found"])

    def test_a_sign_in_that_is_denied_is_named(self):
        self.home.mkdir(exist_ok=True)
        (self.home / "browser").write_text("deny")
        checks, code = self.results()
        self.assertEqual((self.wrong(checks), code), ({"sign-in": "failed"}, 1), checks)

    def test_taken_ports_and_missing_settings_are_named(self):
        taken = [socket.create_server(("127.0.0.1", port)) for port in (8085, 8086, 8087)]
        checks, code = self.results()
        for each in taken:
            each.close()
        self.assertEqual((self.wrong(checks), code), ({"return-ports": "failed"}, 1), checks)
        checks, code = self.results(without=("EARSHOT_CLIENT_ID",))
        self.assertEqual((self.wrong(checks), code), ({"settings": "failed"}, 1), checks)
        self.assertIn("client ID is missing", checks["settings"]["found"])

    def test_an_earshot_that_runs_goes_on_hearing(self):
        app = self.signed_in()
        checks, _ = self.results()
        self.assertEqual(self.wrong(checks), {}, checks)
        self.one_hears()
        self.assertEqual(self.simulator.state()["channels"]["evicted"], 0)
        self.offered(app, medium="call")

    def test_nothing_secret_is_told(self):
        recorder = Recorder(self.simulator.base_url)
        self.addCleanup(recorder.__exit__)
        done = self.examine(EARSHOT_LOGIN_URL=recorder.base_url, EARSHOT_API_URL=recorder.base_url)
        secrets = recorder.secrets()
        self.assertTrue(secrets["access token"] and secrets["channel"], "the test proves nothing")
        for kind, values in secrets.items():
            for value in values:
                self.assertNotIn(value, done.stdout + done.stderr, kind)


if __name__ == "__main__":
    unittest.main()
