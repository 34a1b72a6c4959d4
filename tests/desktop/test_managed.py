"""What an administrator sets for everybody: shown locked, used, and refused whole when it is wrong. And a client with a secret."""

import os
import re
import unittest

from case import DesktopTest, with_simulator
from simulator import CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, PUBLIC_CLIENT


class Managed(DesktopTest):
    def managed(self, text):
        """The environment that leads to a managed file with this text."""
        path = self.folder / "config.toml"
        path.write_text(text)
        return {"EARSHOT_CONFIG": str(path)}

    def addresses(self):
        return f'login_url = "{self.simulator.base_url}"\napi_url = "{self.simulator.base_url}"\n'

    def confidential(self, secret=CONFIDENTIAL_SECRET, mode=0o600):
        """A managed file for the confidential client, whose secret is in a file of this mode."""
        self.secret = self.folder / "secret"
        self.secret.write_text(secret + "\n")
        os.chmod(self.secret, mode)
        return self.managed(
            self.addresses()
            + f'client_id = "{CONFIDENTIAL_CLIENT}"\ngrant = "code"\nclient_secret_file = "{self.secret}"\n'
        )

    def test_what_the_administrator_sets_is_locked_and_used(self):
        managed = self.managed(self.addresses() + f'client_id = "{PUBLIC_CLIENT}"\nredirect_port = 8086\n')
        app = self.start(environment=managed)
        for label in ("Sign-in address", "API address", "OAuth client ID"):
            field = app.wait("textbox", label)
            self.assertNotIn("sensitive", field.states, f"{label} can be changed")
        app.wait_text(f"Set by your administrator in {self.folder / 'config.toml'}")
        app.press("Sign in")
        app.wait_indicator("Connected")
        self.assertEqual(app.visited()[0]["query"]["redirect_uri"], ["http://localhost:8086/callback"])
        app.press("Settings")
        app.wait_text("Sign-in port: 8086")

    def test_a_broken_file_is_named_with_its_line_and_not_used(self):
        managed = self.managed(f'client_id = "{PUBLIC_CLIENT}"\n\nregoin = "mypurecloud.de"\n')
        app = self.start(environment=managed)
        app.wait_text(re.compile(r"config\.toml cannot be used \(line 3: unknown field `regoin`"))
        field = app.wait("textbox", "OAuth client ID")
        self.assertIn("sensitive", field.states, "nothing of the file is used")
        self.until("it is in the log", lambda: "managed.broken" in app.log())

    @with_simulator("--token-lifetime", "30")
    def test_a_client_with_a_secret_signs_in_and_renews_with_the_secret_of_the_day(self):
        app = self.start(environment=self.confidential())
        app.press("Sign in")
        app.wait_indicator("Connected")
        self.simulator.do("client-secrets", client="confidential", secrets=["another-secret"])
        self.secret.write_text("another-secret\n")
        self.until("renewed", lambda: self.simulator.state()["tokens"]["refreshed"] >= 1, 40)
        app.wait_indicator("Connected")
        self.assertEqual(len(app.visited()), 1, "renewing opens no browser")

    def test_a_secret_that_others_can_read_is_refused_with_the_cure(self):
        app = self.start(environment=self.confidential(mode=0o644))
        app.press("Sign in")
        app.wait_text(re.compile(rf"others can read it \(mode 0644\).*chmod 600 .{re.escape(str(self.secret))}"))
        self.assertEqual(app.browsed(), [], "no browser is opened for nothing")
        os.chmod(self.secret, 0o600)
        app.press("Sign in")
        app.wait_indicator("Connected")

    def test_a_wrong_secret_is_named_with_its_file(self):
        app = self.start(environment=self.confidential(secret="canary-wrong"))
        app.press("Sign in")
        app.wait_text(re.compile(rf"does not accept the secret.*{re.escape(str(self.secret))}"), seconds=30)
        self.assertNotIn("canary-wrong", app.text() + app.log())


if __name__ == "__main__":
    unittest.main()
