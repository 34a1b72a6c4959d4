"""Native notifications: what they show, what their buttons do, when they go, and what is said where there are none."""

import re
import subprocess
import unittest

import notifications
import screen
from case import SLACK, DesktopTest

QUEUE = "Technical Support"


class RealServer(DesktopTest):
    """With the notification server of the desktop."""

    def setUp(self):
        notifications.start_real()
        self.native = notifications.Real()
        super().setUp()

    def offered_natively(self, app, caller="Maria Keller", **offer):
        offer = {"medium": "call", "queue": QUEUE, "alerting_seconds": 60, **offer}
        offered = self.offered(app, caller=caller, **offer)
        self.native.wait(caller)
        return offered

    def gone(self, app, caller="Maria Keller"):
        self.until("the pop-up is gone", lambda: not app.popup_windows())
        self.native.wait_gone(caller)

    def test_an_offer_is_shown_with_the_three_buttons(self):
        app = self.signed_in()
        self.offered_natively(app)
        # What is asked for about the queue may come a moment after the offer.
        for words in ("Call from Maria Keller", QUEUE, "You become Not Responding"):
            self.native.wait(words)
        for name in ("Answer", "Decline", "Dismiss"):
            self.native.button(name)
        self.until("the pop-up is on the screen", app.popup_windows)
        screen.picture(self.folder / "notification.png")
        bubble = self.native.button("Answer").box
        popup = app.wait("button", "Answer", "popup").box
        self.assertFalse(_overlap(bubble, popup), "the notification must not lie on the pop-up's buttons")
        self.assertEqual(self.patches(), [])

    def test_answer_answers_once_and_takes_down_both(self):
        app = self.signed_in()
        offered = self.offered_natively(app)
        screen.click(self.native.button("Answer").box)
        self.until("Genesys has it connected", lambda: self.simulator.leg(offered)["state"] == "connected")
        self.gone(app)
        self.assertEqual([each["body"] for each in self.patches()], [{"state": "connected"}])
        app.wait_text("Maria Keller")

    def test_decline_declines_and_not_responding_goes_back_on_queue(self):
        app = self.signed_in()
        offered = self.offered_natively(app, if_missed="end")
        self.native.button("Decline").press()
        self.until("Genesys has it back", lambda: self.simulator.leg(offered)["state"] == "disconnected")
        self.native.wait_gone("Maria Keller")
        self.assertEqual([each["body"] for each in self.patches()], [{"state": "disconnected"}])
        self.native.wait("You are Not Responding")
        app.wait("button", "Back on queue", "popup")
        self.until("the pop-up is on the screen", app.popup_windows)
        screen.picture(self.folder / "not-responding.png")
        self.native.button("Back on queue").press()
        self.until("the agent is ready again", lambda: self.simulator.agent()["routing_status"] == "IDLE")
        self.gone(app, "You are Not Responding")

    def test_dismiss_sends_nothing_and_hides_both(self):
        app = self.signed_in()
        offered = self.offered_natively(app)
        self.native.button("Dismiss").press()
        self.gone(app)
        self.assertEqual((self.simulator.leg(offered)["state"], self.patches()), ("alerting", []))
        app.wait_text("Maria Keller")

    def test_what_the_pop_up_answers_leaves_the_notifications_too(self):
        app = self.signed_in()
        self.offered_natively(app)
        app.press("Answer", page="popup")
        self.gone(app)
        self.until("it was sent", self.patches)
        self.assertEqual(len(self.patches()), 1)

    def test_it_is_withdrawn_whoever_ended_the_offer(self):
        app = self.signed_in()
        for command, body in {"answered-elsewhere": {"by": "client"}, "hang-up": {}, "time-out": {}}.items():
            with self.subTest(command):
                self.simulator.do("set-routing-status", status="IDLE")
                offered = self.offered_natively(app, f"Caller {command}", if_missed="end")
                self.simulator.do(command, conversation=offered["conversation"], **body)
                self.native.wait_gone(f"Caller {command}", 2 * SLACK)
                self.simulator.do("end", conversation=offered["conversation"])

    def test_nothing_is_left_when_earshot_ends(self):
        app = self.signed_in()
        self.offered_natively(app)
        app.stop()
        self.native.wait_gone("Maria Keller")

    def test_customer_text_is_only_text(self):
        app = self.signed_in()
        name = "<b>Bobby</b> & <a href='https://example.com'>Co</a>"
        self.offered_natively(app, name, medium="email", subject="<i>Invoice</i> \u202egnp.exe")
        for words in (name, "<i>Invoice</i> gnp.exe"):
            self.native.wait(words)

    def test_do_not_disturb_is_said_and_taken_back(self):
        app = self.signed_in()
        quiet = ["xfconf-query", "--channel", "xfce4-notifyd", "--property", "/do-not-disturb"]
        subprocess.run([*quiet, "--create", "--type", "bool", "--set", "true"], check=True, timeout=10)
        self.addCleanup(subprocess.run, [*quiet, "--reset"], check=False, timeout=10)
        app.wait_text("set to do not disturb")
        self.offered(app, caller="Maria Keller")
        self.until("the pop-up, which does not depend on it", app.popup_windows)
        subprocess.run([*quiet, "--set", "false"], check=True, timeout=10)
        self.until("it is no longer said", lambda: "do not disturb" not in app.text())


class OtherServers(DesktopTest):
    """With servers that lack something, and with none."""

    def test_two_presses_at_once_act_once(self):
        with notifications.Fake() as server:
            app = self.signed_in()
            offered = self.offered(app, caller="Maria Keller", alerting_seconds=60)
            number = server.wait_up("Call from Maria Keller")["id"]
            answer = app.wait("button", "Answer", "popup")
            for order in (f"press {number} answer", f"press {number} answer", f"press {number} decline"):
                server.tell(order)
            answer.press()
            self.until("Genesys has it connected", lambda: self.simulator.leg(offered)["state"] == "connected")
            self.gone_from(server)
            # One that comes late acts on nothing.
            server.tell(f"press {number} decline")
            self.until("it is on record", lambda: "whose offer is over" in app.log())
            self.assertEqual([each["body"] for each in self.patches()], [{"state": "connected"}])

    def test_what_is_shown_is_urgent_stays_and_leaves_no_trace(self):
        with notifications.Fake() as server:
            app = self.signed_in()
            self.offered(app, caller="Maria Keller", alerting_seconds=60)
            shown = server.wait_up("Call from Maria Keller")
            self.assertEqual((shown["timeout"], shown["hints"]["urgency"]), (0, 2))
            self.assertEqual(shown["hints"]["category"], "call.incoming")
            self.assertEqual((shown["hints"]["desktop-entry"], shown["icon"]), ("earshot", "earshot"))
            self.assertTrue(shown["hints"]["transient"])
            wanted = ["default", "", "answer", "Answer", "decline", "Decline", "dismiss", "Dismiss"]
            self.assertEqual(shown["actions"], wanted)
            self.simulator.offer("call", caller="Auto Answered", auto_answer=True, auto_answer_seconds=20)
            self.assertNotIn("answer", server.wait_up("Call from Auto Answered")["actions"])

    def test_a_press_on_the_notification_opens_the_window(self):
        with notifications.Fake() as server:
            app = self.signed_in()
            screen.close(self.until("one window", app.main_windows)[0])
            self.until("the window is closed", lambda: not app.main_windows())
            self.offered(app, caller="Maria Keller", alerting_seconds=60)
            server.tell(f"press {server.wait_up('Call from Maria Keller')['id']} default")
            self.until("the window is open", app.main_windows)
            self.assertEqual(self.patches(), [])

    def test_one_that_a_person_closes_stays_closed(self):
        with notifications.Fake() as server:
            app = self.signed_in()
            self.offered(app, caller="First Caller", alerting_seconds=60)
            server.tell(f"close {server.wait_up('Call from First Caller')['id']}")
            self.until("it is closed", lambda: not server.up())
            self.offered(app, caller="Second Caller", alerting_seconds=60)
            server.wait_up("Call from Second Caller")
            self.assertEqual(len(server.up()), 1)
            self.assertIsNotNone(app.look(name="First Caller", page="popup"), "the pop-up goes on")

    def test_a_server_that_restarts_shows_once_what_still_waits(self):
        # While it is away, no other one can be started in its place.
        with notifications.Absent(), notifications.Fake() as server:
            app = self.signed_in()
            first = self.offered(app, caller="First Caller", alerting_seconds=60)
            server.wait_up("Call from First Caller")
            self.offered(app, caller="Second Caller", alerting_seconds=60)
            server.wait_up("Call from Second Caller")
            server.end()
            server.heard.clear()
            self.simulator.do("hang-up", conversation=first["conversation"])
            server.start()
            server.wait_up("Call from Second Caller")
            self.assertEqual([each["summary"] for each in server.all()], ["Call from Second Caller"])

    def test_no_buttons_is_said(self):
        with notifications.Fake("--without", "actions,body-markup") as server:
            app = self.signed_in()
            app.wait_text("notifications have no buttons")
            self.offered(app, caller="Tom & <b>Jerry</b>", alerting_seconds=60)
            shown = server.wait_up("Call from Tom & <b>Jerry</b>")
            self.assertEqual(shown["actions"], [])
            self.assertIn("pop-up", shown["body"])

    def test_quiet_is_said_and_taken_back(self):
        with notifications.Fake() as server:
            app = self.signed_in()
            server.tell("inhibited true")
            app.wait_text("set to do not disturb")
            server.tell("inhibited false")
            self.until("it is no longer said", lambda: "do not disturb" not in app.text())

    def test_no_server_is_said_and_costs_no_offer(self):
        with notifications.Absent():
            app = self.signed_in()
            offered = self.offered(app, caller="Maria Keller", alerting_seconds=60)
            app.wait_text("shows no notifications")
            app.press("Answer", page="popup")
            self.until("Genesys has it connected", lambda: self.simulator.leg(offered)["state"] == "connected")
        self.until("it is no longer said", lambda: "shows no notifications" not in app.text())

    def test_not_responding_has_a_key_and_can_be_hidden(self):
        with notifications.Fake() as server:
            app = self.signed_in()
            self.simulator.do("set-routing-status", status="NOT_RESPONDING")
            shown = server.wait_up("You are Not Responding")
            self.assertEqual((shown["timeout"], shown["hints"]["urgency"]), (0, 2))
            app.press("Dismiss", page="popup")
            self.gone_from(server)
            self.until("the pop-up is gone", lambda: not app.popup_windows())
            # The window goes on saying it, and has a key for it.
            app.wait(name=re.compile("You are Not Responding"))
            [window] = self.until("one window", app.main_windows)
            screen.run("xdotool", "windowactivate", "--sync", window)
            app.wait("button", "Back on queue")
            self.until("B goes back on queue", self.pressed_b)
            self.simulator.do("set-routing-status", status="NOT_RESPONDING")
            server.wait_up("You are Not Responding")
            app.wait("button", "Back on queue", "popup")

    def pressed_b(self):
        # Again and again: just after the window got the focus the key does nothing.
        screen.key("b")
        return self.simulator.agent()["routing_status"] == "IDLE"

    def gone_from(self, server):
        self.until("no notification is left", lambda: not server.up())


def _overlap(one, other):
    (x, y, width, height), (left, top, wide, high) = one, other
    return x < left + wide and left < x + width and y < top + high and top < y + height


if __name__ == "__main__":
    unittest.main()
