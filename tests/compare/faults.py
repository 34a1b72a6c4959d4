"""What goes wrong, one fault after another. Each is done in the same way to every client."""

import dataclasses
import time
from collections.abc import Callable


@dataclasses.dataclass
class Fault:
    title: str
    # For the page: what happens, in a sentence or two.
    text: str
    # How long it is watched, in seconds from its begin.
    seconds: float
    # Done to the simulator.
    act: Callable
    # Arguments of the simulator.
    options: tuple[str, ...] = ()
    # As a service, with client credentials; else as an agent with a refresh token.
    service: bool = False


def _offline(simulator):
    simulator.do("offline")
    time.sleep(8)
    simulator.do("online")


def _limited(simulator):
    """Everybody who asks is told to wait ten seconds, for ten seconds."""
    for path in ("/oauth/token", "/api/v2/"):
        simulator.do("fail", path=path, status=429, code="too.many.requests.retry.after", retry_after=10, seconds=10)
    simulator.do("refuse-upgrades", status=429, retry_after=10, seconds=10)
    simulator.do("drop-sockets")


def _twice(simulator):
    simulator.do("events", duplicate=1)


def _scope(simulator):
    simulator.do("scopes", remove=["notifications"])
    simulator.do("drop-sockets")
    time.sleep(15)
    simulator.do("scopes", add=["notifications"])


def _rotated(simulator):
    simulator.do("client-secrets", client="service", secrets=["second-service-secret"])


FAULTS = [
    Fault(
        "The connection breaks",
        "The socket is reset, without a close frame (1006). Everything works again at once.",
        20,
        lambda simulator: simulator.do("drop-sockets"),
    ),
    Fault(
        "The network is away for eight seconds",
        "Connections are reset and every new one is too, for eight seconds.",
        30,
        _offline,
    ),
    Fault(
        "The token expires under the socket",
        "Close 1008. The refresh token is good; the channel has died with the old access token.",
        25,
        lambda simulator: simulator.do("expire-tokens", code=1008, reason="Token expired"),
    ),
    Fault(
        "Tokens that live for twelve seconds",
        "A service with client credentials. Each time its token ends, close 1000 “Token expired or invalid”.",
        45,
        lambda simulator: simulator.do("token-life", code=1000, reason="Token expired or invalid"),
        ("--token-lifetime", "12"),
        service=True,
    ),
    Fault(
        "The client secret is rotated",
        "The same service; its first secret is revoked, the second one is good. A recipe knows one secret.",
        30,
        _rotated,
        ("--token-lifetime", "12"),
        service=True,
    ),
    Fault(
        "The token idles",
        "An access token that is used for no REST call for eight seconds ends: close 1001, and upgrades of its channel are "
        "refused with 403.",
        30,
        lambda simulator: simulator.do("idle", token_seconds=8, stale_upgrade_status=403),
    ),
    Fault(
        "The server says that it will close",
        "`v2.system.socket_closing`, and the close fifteen seconds later. (Genesys Cloud gives a minute.)",
        30,
        lambda simulator: simulator.do("socket-closing", close_after_ms=15_000),
    ),
    Fault(
        "The channel is taken away",
        "`v2.system.no_longer_subscribed`, then the channel and its socket are gone.",
        20,
        lambda simulator: simulator.do("evict-channels"),
    ),
    Fault(
        "The connection is half open",
        "The socket stays open, and nothing comes any more.",
        60,
        lambda simulator: simulator.do("half-open"),
    ),
    Fault(
        "The socket is deaf",
        "It beats and answers pings, but events are withheld and lost. Nobody says so.",
        75,
        lambda simulator: simulator.do("deaf"),
    ),
    Fault(
        "Too many requests",
        "The socket is reset, and for ten seconds every request is answered with 429 and `Retry-After: 10`.",
        35,
        _limited,
    ),
    Fault(
        "A scope is missing",
        "The socket is reset, and for fifteen seconds the OAuth client lacks the scope `notifications`: 403. Who opens the "
        "remembered address makes no request that needs it.",
        45,
        _scope,
    ),
    Fault("Everything comes twice", "Each event is sent twice.", 15, _twice),
]
