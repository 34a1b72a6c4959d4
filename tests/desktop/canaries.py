"""For the tests of what must turn up nowhere: an app whose secrets are recorded, and a customer whose words are known."""

from case import DesktopTest
from recorder import Recorder

CALLER = "Canary Xanthippe"
ADDRESS = "+4915550009999"
SUBJECT = "Canary subject about a broken heating"


class CanaryTest(DesktopTest):
    """Tests that look for canaries. The simulator gives out every kind of secret that there is."""

    simulator_arguments = ("--refresh-for-pkce",)

    def recorded(self):
        """A recorder between the app and the simulator, and the environment that leads the app to it."""
        recorder = Recorder(self.simulator.base_url)
        self.addCleanup(recorder.__exit__)
        return recorder, self.environment(EARSHOT_LOGIN_URL=recorder.base_url, EARSHOT_API_URL=recorder.base_url)

    def talkative(self):
        """The app, signed in through a recorder, with Earshot's own logging at its most talkative. Also the recorder."""
        recorder, environment = self.recorded()
        app = self.start(environment={**environment, "EARSHOT_LOG": "trace", "RUST_LOG": "trace"})
        app.press("Sign in")
        app.wait_indicator("Connected")
        return app, recorder

    def answered_call(self, app):
        """A call of the customer, which the agent takes."""
        offered = self.offered(app, medium="call", caller=CALLER, address=ADDRESS)
        app.press("Answer", page="popup")
        self.until("Genesys has it connected", lambda: self.simulator.leg(offered)["state"] == "connected")

    def offered_email(self, app):
        """An email of the customer, which waits."""
        self.offered(app, medium="email", caller=CALLER, subject=SUBJECT)

    def canaries(self, recorder, *kinds):
        """By kind, what must turn up nowhere: the secrets that passed, of these kinds at least, and the customer's words."""
        found = recorder.secrets()
        for kind in kinds:
            self.assertTrue(found[kind], f"no {kind} was seen on the wire, so the test proves nothing")
        return {**found, "caller": ["Xanthippe"], "address": [ADDRESS.lstrip("+")], "subject": [SUBJECT]}
