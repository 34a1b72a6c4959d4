"""Close, refresh, reconnect: three seconds after every close it renews its token and opens the address it remembers.

The library pings every 20 s by itself and closes a socket that does not answer within 20 s more.
"""

import asyncio
import base64
import json
import os
import sys
import urllib.parse
import urllib.request

import websockets

BASE = os.environ["BASE_URL"]
SECRET = base64.b64encode(f"{os.environ['CLIENT_ID']}:{os.environ['CLIENT_SECRET']}".encode()).decode()
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
refresh_token = os.environ.get("REFRESH_TOKEN")


def ask(method, url, body=None, **headers):
    request = urllib.request.Request(url, method=method, data=body, headers=headers)
    with direct.open(request, timeout=30) as answer:
        return json.load(answer)


def renew():
    """A new access token: with the refresh token where there is one, else as the client itself."""
    global refresh_token
    grant = {"grant_type": "client_credentials"}
    if refresh_token:
        grant = {"grant_type": "refresh_token", "refresh_token": refresh_token}
    body = urllib.parse.urlencode(grant).encode()
    answer = ask("POST", f"{BASE}/oauth/token", body, Authorization=f"Basic {SECRET}")
    refresh_token = answer.get("refresh_token", refresh_token)
    return answer["access_token"]


def subscribe(token):
    """A new channel with the topics; its address."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    channels = f"{BASE}/api/v2/notifications/channels"
    channel = ask("POST", channels, b"", **headers)
    topics = [{"id": topic} for topic in os.environ["TOPICS"].split(",")]
    ask("PUT", f"{channels}/{channel['id']}/subscriptions", json.dumps(topics).encode(), **headers)
    return channel["connectUri"]


async def main():
    address = subscribe(renew())
    while True:
        try:
            async with websockets.connect(address, proxy=None) as socket:
                async for text in socket:
                    event = json.loads(text)
                    if event["topicName"].startswith("v2."):
                        told = {"type": "event", "topic": event["topicName"], "body": event["eventBody"]}
                        print(json.dumps(told), flush=True)
        except (OSError, websockets.WebSocketException) as error:
            print(error, file=sys.stderr)
        await asyncio.sleep(3)
        try:
            renew()
        except OSError as error:
            print(error, file=sys.stderr)


asyncio.run(main())
