"""Runs the usual reconnecting recipes and Earshot through the same faults, side by side, and writes docs/compare.md.

`make compare` calls it; `--brief` does one fault and writes nothing, to see that everything still runs.
"""

import argparse
import base64
import concurrent.futures
import json
import pathlib
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from clients import CLIENTS, EARSHOT, ROOT, Access  # noqa: E402
from faults import FAULTS  # noqa: E402
from page import page  # noqa: E402
from score import Offer, count_of, score  # noqa: E402
from simulator import CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, REDIRECT  # noqa: E402
from simulator import SERVICE_CLIENT, SERVICE_SECRET, Simulator, until  # noqa: E402

WORK = ROOT / "tests/.work/compare"
PAGE = ROOT / "docs/compare.md"
# Faults at the same time; with four clients each that is as much as two cores bear without an effect on the times.
AT_ONCE = 3
# A customer comes this often, and gives up after this: seconds.
OFFER_EVERY = 1.5
PATIENCE = 6.0
# The conversation that counts does so this often: the measure of deafness.
TICK = 0.1


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def refresh_token(simulator):
    """What the agent's sign-in brings: the simulator consents by itself."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
    question = {"client_id": CONFIDENTIAL_CLIENT, "redirect_uri": REDIRECT, "response_type": "code"}
    try:
        opener.open(f"{simulator.base_url}/oauth/authorize?{urllib.parse.urlencode(question)}", timeout=10)
        raise AssertionError("the simulator did not consent")
    except urllib.error.HTTPError as answer:
        back = urllib.parse.urlparse(answer.headers["Location"])
    code = urllib.parse.parse_qs(back.query)["code"][0]
    body = urllib.parse.urlencode({"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT})
    basic = base64.b64encode(f"{CONFIDENTIAL_CLIENT}:{CONFIDENTIAL_SECRET}".encode()).decode()
    request = urllib.request.Request(
        f"{simulator.base_url}/oauth/token", data=body.encode(), headers={"Authorization": f"Basic {basic}"}
    )
    with opener.open(request, timeout=10) as answer:
        return json.load(answer)["refresh_token"]


def insist(ask, *arguments, **keywords):
    """A network that goes away takes along what is on its way at that moment, from the control API too."""
    try:
        return ask(*arguments, **keywords)
    except (ConnectionError, urllib.error.URLError):
        return ask(*arguments, **keywords)


def access(simulator, fault):
    topic = f"v2.users.{simulator.agent()['id']}.conversations"
    if fault.service:
        secrets = [SERVICE_SECRET, "second-service-secret"]
        return Access(simulator.base_url, SERVICE_CLIENT, secrets, None, topic)
    secrets = [CONFIDENTIAL_SECRET]
    return Access(simulator.base_url, CONFIDENTIAL_CLIENT, secrets, refresh_token(simulator), topic)


def run(fault, name, folder):
    """One client in one fault, on a contact centre of its own."""
    slug = "".join(c if c.isalnum() else "-" for c in name)
    log = str(folder / f"{slug}-simulator.log")
    with Simulator("--auto-consent", "--seed", "1", *fault.options, log=log) as simulator:
        signed_in = access(simulator, fault)
        counting = simulator.do("stream", agent="Ada Moreno", every_ms=round(TICK * 1000), count=1_000_000)["conversation"]
        client = CLIENTS[name](signed_in, folder, slug)

        def hears():
            told = [line["body"] for _, line in client.lines if line["type"] == "event"]
            return any(body.get("id") == counting and count_of(body) for body in told)

        def sent():
            return simulator.state()["streams"][0]["sent"]

        try:
            until(f"{name} hears nothing; see {folder}", hears, 20)
            simulator.do("reset")
            first, offers = sent() + 1, []
            begin = time.monotonic()
            with concurrent.futures.ThreadPoolExecutor(1) as aside:
                act = aside.submit(fault.act, simulator)
                while time.monotonic() < begin + fault.seconds:
                    made, wall = time.monotonic(), time.time()
                    offer = insist(simulator.offer, "call", patience_seconds=PATIENCE, alerting_seconds=60, wrapup=False)
                    offers.append(Offer(offer["conversation"], made, made + PATIENCE, wall))
                    time.sleep(max(0, begin + len(offers) * OFFER_EVERY - time.monotonic()))
                act.result()
            simulator.do("stream", stop=True)
            ticks = (first, sent())
            # Until the last customer has gone.
            time.sleep(PATIENCE + 0.5)
            requests = simulator.requests()
            (folder / f"{slug}-requests.json").write_text(json.dumps(requests, indent=1))
        finally:
            client.stop()
        return score(client.lines, signed_in.topic, offers, ticks, counting, TICK, requests)


def run_all(fault):
    """Every client in one fault, at the same time."""
    folder = WORK / "".join(c if c.isalnum() else "-" for c in fault.title)
    folder.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(len(CLIENTS)) as side_by_side:
        running = {name: side_by_side.submit(run, fault, name, folder) for name in CLIENTS}
        scores = {name: result.result() for name, result in running.items()}
    print(f"\n{fault.title}")
    for name, got in scores.items():
        print(f"  {name:36} {got}", flush=True)
    return scores


def main():
    parser = argparse.ArgumentParser(prog="make compare", description=__doc__)
    parser.add_argument("--brief", action="store_true", help="one fault, and no page")
    parser.add_argument("--only", metavar="WORD", help="only faults with this in their title, and no page")
    arguments = parser.parse_args()
    wanted = [fault for fault in FAULTS if (arguments.only or "").lower() in fault.title.lower()]
    if arguments.brief:
        wanted = FAULTS[:1]
    if not wanted:
        parser.error(f"no fault has “{arguments.only}” in its title")
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as lanes:
        # The long ones first, so that all end at about the same time.
        longest_first = sorted(wanted, key=lambda fault: -fault.seconds)
        running = {fault.title: lanes.submit(run_all, fault) for fault in longest_first}
        results = [(fault, running[fault.title].result()) for fault in wanted]
    if len(wanted) == len(FAULTS):
        PAGE.write_text(page(results, time.monotonic() - begin, OFFER_EVERY, PATIENCE, TICK))
        print(f"\nwrote {PAGE.relative_to(ROOT)}")
    lost = sum(scores[EARSHOT].silent for _, scores in results)
    if lost:
        sys.exit(f"\nEarshot lost {lost} offers without a word: that must never be")


if __name__ == "__main__":
    main()
