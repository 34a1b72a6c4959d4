"""Offers: each medium in the pop-up, and what Answer, Decline and Dismiss do and do not do."""

import re
import time
import unittest

import screen
from case import SLACK, DesktopTest

MEDIA = ("call", "callback", "message", "email")


class Offers(DesktopTest):
    def test_an_offer_of_each_medium_appears_with_its_three_buttons(self):
        app = self.signed_in()
        for medium in MEDIA:
            with self.subTest(medium):
                offered = self.offered(app, medium=medium, caller=f"Maria {medium}", queue="Technical Support")
                # The queue's name may have to be asked for.
                app.wait_text("Technical Support", "popup")
                self.assertRegex(app.text("popup"), re.compile({"email": "e-?mail"}.get(medium, medium), re.I))
                for button in ("Answer", "Decline", "Dismiss"):
                    app.wait("button", button, "popup")
                self.until("the pop-up is on the screen", app.popup_windows)
                self.simulator.do("end", conversation=offered["conversation"])
                app.wait_gone(name=f"Maria {medium}", page="popup")
        self.assertEqual(self.patches(), [])

    def test_answer_is_sent_once_and_confirmed(self):
        app = self.signed_in()
        offered = self.offered(app, medium="call", caller="Maria Keller")
        app.press("Answer", page="popup")
        self.until("Genesys has it connected", lambda: self.simulator.leg(offered)["state"] == "connected")
        self.until("the pop-up is gone", lambda: not app.popup_windows())
        app.wait_text("Maria Keller")
        self.assertEqual([each["body"] for each in self.patches()], [{"state": "connected"}])
        self.assertEqual(app.missed(), [])

    def test_answer_works_with_a_real_mouse(self):
        app = self.signed_in()
        offered = self.offered(app, medium="message", caller="Jo Message", message_type="whatsapp")
        screen.click(app.wait("button", "Answer", "popup").box)
        self.until("Genesys has it connected", lambda: self.simulator.leg(offered)["state"] == "connected")

    def test_dismiss_sends_nothing_and_hides_this_pop_up_only(self):
        app = self.signed_in()
        offered = self.offered(app, medium="call")
        app.press("Dismiss", page="popup")
        self.until("the pop-up is gone", lambda: not app.popup_windows())
        self.assertEqual(self.simulator.leg(offered)["state"], "alerting")
        app.wait_text("Maria Keller")
        self.assertEqual(self.patches(), [])
        self.offered(app, medium="call", caller="The Next One")
        self.assertIsNone(app.look(name="Maria Keller", page="popup"))
        self.assertEqual(self.patches(), [])

    def test_decline_is_sent_once_and_says_what_it_does(self):
        app = self.signed_in()
        offered = self.offered(app, medium="call", if_missed="end")
        app.wait_text("Not Responding", "popup")
        app.press("Decline", page="popup")
        self.until("Genesys has it back", lambda: self.simulator.leg(offered)["state"] == "disconnected")
        # The pop-up says Not Responding in its place.
        app.wait_gone(name="Maria Keller", page="popup")
        self.assertEqual([each["body"] for each in self.patches()], [{"state": "disconnected"}])
        app.wait("button", "Back on queue").press()
        self.until("the agent is ready again", lambda: self.simulator.agent()["routing_status"] == "IDLE")

    def test_declining_a_direct_call_sends_it_to_voicemail(self):
        app = self.signed_in()
        self.offered(app, medium="call", caller="Jonas Weber", direct=True)
        app.wait_text(re.compile("voicemail", re.I), "popup")
        app.press("Decline", page="popup")
        self.until("it was sent", self.patches)
        [sent] = self.patches()
        self.assertTrue(sent["path"].endswith("/replace"), sent)
        self.assertEqual(sent["body"], {"voicemail": True})

    def test_a_refused_answer_is_told_and_can_be_tried_again(self):
        app = self.signed_in()
        self.simulator.do("answers", outcome="refused", message="The conversation is being moved.", count=1)
        offered = self.offered(app, medium="call", alerting_seconds=60)
        app.press("Answer", page="popup")
        app.wait_text("did not take the answer", "popup")
        app.press("Answer", page="popup")
        self.until("Genesys has it connected", lambda: self.simulator.leg(offered)["state"] == "connected")

    def test_an_answer_that_nobody_confirms_is_not_connecting_for_ever(self):
        app = self.signed_in()
        self.simulator.do("answers", outcome="ignored", count=1)
        self.offered(app, medium="call", alerting_seconds=60)
        app.press("Answer", page="popup")
        app.wait_text("still alerting", "popup", 20)
        self.assertEqual(len(self.patches()), 1, "an answer is not repeated by itself")

    def test_the_pop_up_is_gone_at_once_whoever_ended_the_offer(self):
        app = self.signed_in()
        ends = {
            "hang-up": {},
            "answered-elsewhere": {"by": "client"},
            "time-out": {},
            "end": {},
        }
        for command, body in ends.items():
            with self.subTest(command):
                self.simulator.do("set-routing-status", status="IDLE")
                offered = self.offered(app, medium="call", caller=f"Caller {command}", if_missed="end")
                self.until("the pop-up is there", app.popup_windows)
                began = time.monotonic()
                self.simulator.do(command, conversation=offered["conversation"], **body)
                self.until("the pop-up is gone", lambda: self.gone(app, command), 5)
                self.assertLess(time.monotonic() - began, 0.25 * SLACK)
                self.simulator.do("end", conversation=offered["conversation"])

    def gone(self, app, command):
        """Where nobody answered, the pop-up says Not Responding in the offer's place."""
        return not app.popup_windows() or (command == "time-out" and not app.look(name=f"Caller {command}", page="popup"))

    def test_what_was_missed_is_listed_with_the_reason(self):
        app = self.signed_in()
        first = self.offered(app, medium="call", caller="Hanging Up")
        self.simulator.do("hang-up", conversation=first["conversation"])
        self.until("one is missed", lambda: len(app.missed()) == 1)
        second = self.offered(app, medium="call", caller="Ringing Out", if_missed="end")
        self.simulator.do("time-out", conversation=second["conversation"])
        self.until("two are missed", lambda: len(app.missed()) == 2)
        newest, oldest = app.missed()
        self.assertIn("Ringing Out", newest)
        self.assertRegex(newest, re.compile("without an answer|no answer|rang", re.I))
        self.assertIn("Hanging Up", oldest)
        self.assertRegex(oldest, re.compile("left|hung up", re.I))

    def test_several_offers_stack_and_a_card_stays_under_the_pointer(self):
        app = self.signed_in()
        self.offered(app, medium="call", caller="First Caller", alerting_seconds=60)
        self.offered(app, medium="message", caller="Second Caller", alerting_seconds=60)
        self.until("2 cards", lambda: len(list(app.page("popup").all("button", "Answer"))) == 2)
        second = list(app.page("popup").all("button", "Answer"))[1]
        x, y, width, height = second.box
        screen.move_pointer(x + width // 2, y + height // 2)
        self.offered(app, medium="email", caller="Third Caller", alerting_seconds=60)
        self.until("3 cards", lambda: len(list(app.page("popup").all("button", "Answer"))) == 3)
        self.assertEqual(second.box, (x, y, width, height), "a card moved under the pointer")

    def test_an_offer_that_genesys_answers_itself_has_no_answer_button(self):
        app = self.signed_in()
        self.offered(app, medium="message", caller="Stays", alerting_seconds=60)
        self.simulator.offer("call", caller="Auto Answered", auto_answer=True, auto_answer_seconds=20)
        card = app.wait("article", "Auto Answered", "popup")
        buttons, words = [each.name for each in card.all("button")], card.text
        self.assertNotIn("Answer", buttons)
        self.assertIn("Dismiss", buttons)
        self.assertRegex(words, "by itself")

    def test_customer_text_is_only_text(self):
        app = self.signed_in()
        name = "<img src=x onerror=document.title='taken'><b>Bobby</b>"
        self.offered(app, medium="call", caller=name)
        app.wait_text("<b>Bobby</b>", "popup")

    def test_presence_and_the_queue_switch(self):
        app = self.signed_in()
        switch = app.wait("switch", "On queue")
        self.until("the switch is on", lambda: {"checked", "pressed"} & app.wait("switch", "On queue").states)
        switch.press()
        self.until("off queue", lambda: self.simulator.agent()["system_presence"] != "OnQueue")
        self.until("the switch is off", lambda: not {"checked", "pressed"} & app.wait("switch", "On queue").states)
        self.simulator.do("set-presence", presence="Meal")
        app.wait("combobox", re.compile("Meal"))
        app.press("On queue", role="switch")
        self.until("on queue", lambda: self.simulator.agent()["system_presence"] == "OnQueue")


if __name__ == "__main__":
    unittest.main()
