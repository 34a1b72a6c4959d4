"""The count itself: what must be counted, and what must not."""

import unittest

from score import Offer, score

TOPIC = "v2.users.ada.conversations"


def event(at, conversation, count=None, **more):
    attributes = {} if count is None else {"count": str(count)}
    body = {"id": conversation, "participants": [{"attributes": attributes}], **more}
    return at, {"type": "event", "topic": TOPIC, "body": body}


def gap(begin, end, **more):
    return 99, {"type": "gap", "from": f"2026-01-01T00:00:{begin:02}Z", "to": f"2026-01-01T00:00:{end:02}Z", **more}


# 2026-01-01 at midnight.
MIDNIGHT = 1767225600


def offer(conversation, second):
    return Offer(conversation, second, second + 6, MIDNIGHT + second)


REQUESTS = [
    {"path": "/api/v2/conversations/calls/69eee67a-f422-48e0-8b7d-666b743f69d6", "status": 200},
    {"path": "/api/v2/conversations", "status": 429},
]


def counted(lines, offers=(), ticks=(1, 3)):
    return score(lines, TOPIC, list(offers), ticks, "tick", 0.5, REQUESTS)


class Score(unittest.TestCase):
    def test_numbers_never_told_are_deafness(self):
        self.assertEqual(counted([event(1, "tick", 1), event(3, "tick", 3)]).deaf, 0.5)

    def test_the_same_twice_is_repeated_and_a_change_is_not(self):
        self.assertEqual(counted([event(1, "a", state="x"), event(2, "a", state="y")]).repeated, 0)
        self.assertEqual(counted([event(1, "a", state="x"), event(2, "a", state="x")]).repeated, 1)
        self.assertEqual(counted([event(1, "tick", 1, state="x"), event(2, "tick", 1, state="y")]).repeated, 1)

    def test_too_late_is_lost_but_not_without_a_word(self):
        got = counted([event(5, "in time"), event(7, "late")], [offer("in time", 0), offer("late", 0)])
        self.assertEqual((got.offers, got.lost, got.silent), (2, 1, 0))

    def test_a_gap_owns_up_to_what_it_counts_and_to_no_more(self):
        offers = [offer("a", 1), offer("b", 2), offer("c", 30)]
        provisional, settled = gap(0, 10, missed=0), gap(0, 10, missed=1)
        self.assertEqual(counted([provisional], offers).silent, 3)
        self.assertEqual(counted([provisional, settled], offers).silent, 2)

    def test_a_gap_that_could_not_be_looked_up_owns_up_to_its_own_time_and_topic(self):
        offers = [offer("a", 1), offer("b", 2), offer("c", 30)]
        self.assertEqual(counted([gap(0, 10, missed=0, unrecoverable=[TOPIC])], offers).silent, 1)
        self.assertEqual(counted([gap(0, 10, missed=0, unrecoverable=["another"])], offers).silent, 3)

    def test_requests(self):
        got = counted([])
        self.assertEqual((got.requests, got.reads, got.limited), (2, 1, 1))


if __name__ == "__main__":
    unittest.main()
