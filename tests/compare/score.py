"""What a client's lines are worth: a plain count, the same for everybody."""

import dataclasses
import datetime
import json
import re

ONE_CONVERSATION = re.compile(r"/api/v2/conversations/([a-z]+/)?[0-9a-f-]{36}")
# Between the instant at which an offer is asked for and the one at which it is made: seconds.
CLOCKS = 0.5


@dataclasses.dataclass
class Offer:
    conversation: str
    # Seconds of the monotonic clock: when the customer came, and gave up.
    made: float
    gone: float
    # Seconds of the wall clock, in which gaps are told.
    wall: float


@dataclasses.dataclass
class Score:
    offers: int
    # Told only after the customer had gone, or never.
    lost: int
    # Never, and no gap says so either.
    silent: int
    deaf: float
    repeated: int
    requests: int
    # Of these, reads of one conversation.
    reads: int
    limited: int


def score(lines, topic, offers, ticks, tick_conversation, tick_seconds, requests):
    """`lines`: what was told and when. `ticks`: the first and the last number that should have been heard of the conversation
    that counts; each that was never told is `tick_seconds` of deafness. `requests`: what the simulator was asked."""
    events = [(at, line["body"]) for at, line in lines if line["type"] == "event" and line["topic"] == topic]
    first = {}
    numbers, bodies, repeated = set(), set(), 0
    for at, body in events:
        first.setdefault(body["id"], at)
        text = json.dumps(body, sort_keys=True)
        number = count_of(body) if body["id"] == tick_conversation else None
        if text in bodies or number in numbers:
            repeated += 1
        bodies.add(text)
        if number is not None:
            numbers.add(number)
    lost = [offer for offer in offers if first.get(offer.conversation, float("inf")) > offer.gone]
    never = [offer for offer in lost if offer.conversation not in first]
    wanted = range(ticks[0], ticks[1] + 1)
    return Score(
        offers=len(offers),
        lost=len(lost),
        silent=without_a_word(never, lines, topic),
        deaf=sum(number not in numbers for number in wanted) * tick_seconds,
        repeated=repeated,
        requests=len(requests),
        reads=sum(bool(ONE_CONVERSATION.fullmatch(request["path"])) for request in requests),
        limited=sum(request["status"] == 429 for request in requests),
    )


def without_a_word(never, lines, topic):
    """How many of these offers nobody will ever know of: no gap that covers them counts them as missed, or says that of this
    topic not everything could be looked up."""
    # A gap is told again, with the same begin, when more is known of it.
    gaps = {line["from"]: line for _, line in lines if line["type"] == "gap"}
    left = list(never)
    for gap in gaps.values():
        begin, end = (datetime.datetime.fromisoformat(gap[key].replace("Z", "+00:00")).timestamp() for key in ("from", "to"))
        inside = [offer for offer in left if begin - CLOCKS <= offer.wall <= end]
        said = len(inside) if topic in gap.get("unrecoverable", []) else gap["missed"]
        left = [offer for offer in left if offer not in inside[:said]]
    return len(left)


def count_of(body):
    """The number that the counting conversation has reached."""
    attributes = (body.get("participants") or [{}])[0].get("attributes") or {}
    return int(attributes["count"]) if "count" in attributes else None
