"""The simulator, driven by the official Python SDK: a client that we did not write must find Genesys Cloud there.

It needs nothing but a base URL. Every answer and every event is read with the SDK's own deserialiser and compared key by
key with the SDK's models.
"""

import json
import pathlib
import sys
import unittest
import urllib.parse

import PureCloudPlatformClientV2 as sdk
import websocket
from PureCloudPlatformClientV2.rest import ApiException

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
import browser  # noqa: E402
import faithful  # noqa: E402
from simulator import CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, PUBLIC_CLIENT, REDIRECT  # noqa: E402
from simulator import SERVICE_CLIENT, SERVICE_SECRET, Simulator, until  # noqa: E402

EVENT_MODELS = {
    "conversations": "ConversationEventTopicConversation",
    "conversations.calls": "ConversationCallEventTopicCallConversation",
    "conversations.callbacks": "ConversationCallbackEventTopicCallbackConversation",
    "conversations.messages": "ConversationMessageEventTopicMessageConversation",
    "conversations.emails": "ConversationEmailEventTopicEmailConversation",
    "conversationsummary": "UserConversationsEventUserConversationSummary",
    "presence": "PresenceEventUserPresence",
    "routingStatus": "UserRoutingStatusUserRoutingStatus",
}
MEDIA = {"call": "calls", "callback": "callbacks", "message": "messages", "email": "emails"}


class Socket:
    """The notification socket: remembers what it heard, by topic."""

    def __init__(self, client, uri):
        self._client = client
        self._socket = websocket.create_connection(uri, timeout=10, http_no_proxy=["*"])
        self.heard = []

    def wait_for(self, topic_end, fits, seconds=30.0):
        """The first event, already heard or still to come, of this topic that fits; as the SDK's model."""
        self._socket.settimeout(0.2)
        seen = 0

        def look():
            nonlocal seen
            if seen == len(self.heard):
                self._receive()
            while seen < len(self.heard):
                topic, model = self.heard[seen]
                seen += 1
                if topic.endswith("." + topic_end) and fits(model):
                    return model
            return None

        return until(lambda: f"no such {topic_end}; heard {[each[0] for each in self.heard]}", look, seconds, 0)

    def _receive(self):
        try:
            text = self._socket.recv()
        except websocket.WebSocketTimeoutException:
            return
        envelope = json.loads(text)
        topic = envelope["topicName"]
        if topic == "channel.metadata":
            self.heard.append((topic, envelope["eventBody"]))
            return
        assert envelope["version"] == "2", envelope
        assert envelope["metadata"]["CorrelationId"], envelope
        kind = EVENT_MODELS[topic.split(".", 3)[3]]
        wrong = faithful.problems(envelope["eventBody"], kind)
        assert not wrong, f"{topic}: " + "; ".join(wrong)
        self.heard.append((topic, faithful.read(self._client, json.dumps(envelope["eventBody"]), kind)))

    def send(self, text):
        self._socket.send(text)

    def close(self):
        self._socket.close()


class Conformance(unittest.TestCase):
    def setUp(self):
        self.simulator = Simulator("--heartbeat", "1", "--wrapup", "60")
        self.addCleanup(self.simulator.stop)
        self.client = sdk.api_client.ApiClient(host=self.simulator.base_url)

    # ---- small steps

    def sign_in(self):
        """PKCE, as a desktop client does it."""
        verifier = self.client.generate_pkce_code_verifier(64)
        query = {
            "client_id": PUBLIC_CLIENT,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "code_challenge": self.client.compute_pkce_code_challenge(verifier),
            "code_challenge_method": "S256",
            "state": "a-state",
        }
        back = browser.sign_in(f"{self.simulator.base_url}/oauth/authorize?{urllib.parse.urlencode(query)}")
        self.assertTrue(back.startswith(REDIRECT + "?"), back)
        answer = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)
        self.assertEqual(answer["state"], ["a-state"])
        _, token = self.client.get_pkce_token(PUBLIC_CLIENT, verifier, answer["code"][0], REDIRECT)
        return token

    def rest(self, kind, call, *arguments, **named):
        """Calls the SDK, and compares what came with its model."""
        result = call(*arguments, **named)
        wrong = faithful.problems(json.loads(self.client.last_response.data), kind)
        self.assertEqual(wrong, [])
        self.assertEqual(type(result).__name__, kind)
        return result

    def listen(self, *topics):
        """A channel with these topics of the signed-in user, and its open socket."""
        me = self.rest("UserMe", sdk.UsersApi(self.client).get_users_me)
        api = sdk.NotificationsApi(self.client)
        channel = self.rest("Channel", api.post_notifications_channels)
        wanted = []
        for name in topics:
            topic = sdk.ChannelTopic()
            topic.id = f"v2.users.{me.id}.{name}"
            wanted.append(topic)
        listing = self.rest(
            "ChannelTopicEntityListing",
            api.put_notifications_channel_subscriptions,
            channel.id,
            wanted,
            ignore_errors=True,
        )
        self.assertEqual({each.id: each.state for each in listing.entities}, {each.id: "Permitted" for each in wanted})
        socket = Socket(self.client, channel.connect_uri)
        self.addCleanup(socket.close)
        return me, channel, socket

    def participant(self, conversation, user):
        """The agent's newest participant of a generic conversation."""
        mine = [each for each in conversation.participants if each.user_id == user]
        return mine[-1] if mine else None

    # ---- what is tested

    def test_signing_in_with_pkce_gives_a_token_and_no_refresh_token(self):
        token = self.sign_in()
        self.assertEqual(token["token_type"].lower(), "bearer")
        self.assertGreater(token["expires_in"], 0)
        self.assertNotIn("refresh_token", token)

    def test_signing_in_with_a_secret_gives_a_refresh_token_that_works(self):
        query = {"client_id": CONFIDENTIAL_CLIENT, "redirect_uri": REDIRECT, "response_type": "code", "state": "s"}
        back = browser.sign_in(f"{self.simulator.base_url}/oauth/authorize?{urllib.parse.urlencode(query)}")
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
        _, first = self.client.get_code_authorization_token(CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, code, REDIRECT)
        _, second = self.client.refresh_code_authorization_token(
            CONFIDENTIAL_CLIENT, CONFIDENTIAL_SECRET, first["refresh_token"]
        )
        self.assertNotEqual(first["access_token"], second["access_token"])
        self.rest("UserMe", sdk.UsersApi(self.client).get_users_me)

    def test_a_wrong_verifier_is_refused(self):
        verifier = self.client.generate_pkce_code_verifier(64)
        query = {
            "client_id": PUBLIC_CLIENT,
            "redirect_uri": REDIRECT,
            "response_type": "code",
            "code_challenge": self.client.compute_pkce_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        back = browser.sign_in(f"{self.simulator.base_url}/oauth/authorize?{urllib.parse.urlencode(query)}")
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(back).query)["code"][0]
        with self.assertRaises(ApiException) as refused:
            self.client.get_pkce_token(PUBLIC_CLIENT, verifier[::-1], code, REDIRECT)
        self.assertEqual(refused.exception.status, 400)

    def test_client_credentials_have_no_user(self):
        self.client.get_client_credentials_token(SERVICE_CLIENT, SERVICE_SECRET)
        with self.assertRaises(ApiException) as refused:
            sdk.UsersApi(self.client).get_users_me()
        self.assertEqual(refused.exception.status, 400)
        body = json.loads(refused.exception.body)
        self.assertEqual(body["code"], "not.a.user")
        self.assertEqual(faithful.problems(body, "ErrorBody"), [])

    def test_a_wrong_token_is_told_as_genesys_tells_it(self):
        self.client.access_token = "not-a-token"
        with self.assertRaises(ApiException) as refused:
            sdk.UsersApi(self.client).get_users_me()
        self.assertEqual(refused.exception.status, 401)
        body = json.loads(refused.exception.body)
        self.assertEqual(body["code"], "bad.credentials")
        self.assertEqual(faithful.problems(body, "ErrorBody"), [])

    def test_the_user_with_every_expansion_a_widget_asks_for(self):
        self.sign_in()
        asked = "presence routingStatus conversationSummary station presencedefinitions organization token authorization"
        me = self.rest(
            "UserMe",
            sdk.UsersApi(self.client).get_users_me,
            expand=[*asked.split(), "autoanswersettings", "date"],
        )
        self.assertEqual(me.name, "Ada Moreno")
        self.assertEqual(me.presence.presence_definition.system_presence, "OnQueue")
        self.assertEqual(me.routing_status.status, "IDLE")
        self.assertIsNotNone(me.routing_status.start_time)
        self.assertTrue(me.organization.name)
        self.assertIsNotNone(me.conversation_summary.call.contact_center.active)
        self.assertIn("OnQueue", [each.system_presence for each in me.presence_definitions])
        self.assertIsNotNone(me.token)

    def test_the_lists_a_widget_reads(self):
        self.sign_in()
        presence = sdk.PresenceApi(self.client)
        definitions = self.rest("OrganizationPresenceEntityListing", presence.get_presencedefinitions)
        known = {each.system_presence for each in definitions.entities}
        self.assertLessEqual({"Available", "Away", "Busy", "Break", "Meal", "Meeting", "Training", "OnQueue"}, known)
        self.rest("OrganizationPresenceDefinitionEntityListing", presence.get_presence_definitions)
        queues = self.rest("UserQueueEntityListing", sdk.RoutingApi(self.client).get_routing_queues_me)
        self.assertIn("Billing", [each.name for each in queues.entities])
        tokens = sdk.TokensApi(self.client)
        self.rest("IdleTokenTimeout", tokens.get_tokens_timeout)
        tokens.head_tokens_me()
        listing = self.rest("ConversationEntityListing", sdk.ConversationsApi(self.client).get_conversations)
        self.assertEqual(listing.entities, [])

    def test_an_ended_token_is_ended(self):
        self.sign_in()
        tokens = sdk.TokensApi(self.client)
        tokens.delete_tokens_me()
        with self.assertRaises(ApiException) as refused:
            tokens.head_tokens_me()
        self.assertEqual(refused.exception.status, 401)

    def test_an_offer_of_each_medium_is_heard_and_answered_on_the_generic_topic(self):
        for medium, path in MEDIA.items():
            with self.subTest(medium):
                self.one_offer(medium, path, "conversations")

    def test_an_offer_of_each_medium_is_heard_on_its_own_topic(self):
        for medium, path in MEDIA.items():
            with self.subTest(medium):
                self.one_offer(medium, path, f"conversations.{path}")

    def one_offer(self, medium, path, topic):
        self.sign_in()
        me, _, socket = self.listen(topic)
        offered = self.simulator.offer(medium, caller="Maria Keller", queue="Billing", alerting_seconds=30)
        conversation, participant = offered["conversation"], offered["participant"]

        generic = topic == "conversations"

        def mine(event):
            if event.id != conversation:
                return None
            for each in event.participants:
                if each.id == participant:
                    return each
            return None

        def state(event):
            leg = mine(event)
            if leg is None:
                return None
            if not generic:
                self.assertEqual(leg.user.id, me.id)
                return leg.state
            self.assertEqual(leg.user_id, me.id)
            communications = getattr(leg, path)
            self.assertEqual(len(communications), 1, f"{medium}: the leg belongs into {path}")
            self.assertEqual(communications[0].id, offered["communication"])
            return communications[0].state

        alerting = socket.wait_for(topic, lambda event: state(event) == "alerting")
        purposes = {each.purpose for each in alerting.participants}
        self.assertLessEqual({"customer", "acd", "agent"}, purposes)

        api = sdk.ConversationsApi(self.client)
        listing = self.rest("ConversationEntityListing", api.get_conversations)
        listed = next(each for each in listing.entities if each.id == conversation)
        self.assertEqual(getattr(self.participant(listed, me.id), path)[0].state, "alerting")
        one = getattr(api, f"get_conversations_{medium}")
        kind = {"call": "CallConversation", "callback": "CallbackConversation"}
        kind.update(message="MessageConversation", email="EmailConversation")
        self.rest(kind[medium], one, conversation)

        answer = sdk.MediaParticipantRequest()
        answer.state = "connected"
        patch = getattr(api, f"patch_conversations_{medium}_participant")
        if medium == "message":
            patch(conversation, participant, body=answer)  # optional there, in the SDK
        else:
            patch(conversation, participant, answer)
        self.assertEqual(self.client.last_response.status, 202)
        socket.wait_for(topic, lambda event: state(event) == "connected")
        wrong = [each for each in self.simulator.actions() if each["status"] != 202]
        self.assertEqual(wrong, [])
        socket.close()
        self.simulator.do("end", conversation=conversation)

    def test_declining_makes_the_agent_not_responding(self):
        self.sign_in()
        _, _, socket = self.listen("conversations", "routingStatus")
        offered = self.simulator.offer("call", if_missed="end")
        decline = sdk.MediaParticipantRequest()
        decline.state = "disconnected"
        api = sdk.ConversationsApi(self.client)
        api.patch_conversation_participant(offered["conversation"], offered["participant"], decline)
        event = socket.wait_for("routingStatus", lambda each: each.routing_status.status == "NOT_RESPONDING")
        self.assertIsNotNone(event.routing_status.start_time)
        users = sdk.UsersApi(self.client)
        me = self.rest("UserMe", users.get_users_me, expand=["routingStatus"])
        self.assertEqual(me.routing_status.status, "NOT_RESPONDING")
        idle = sdk.RoutingStatus()
        idle.status = "IDLE"
        self.rest("RoutingStatus", users.put_user_routingstatus, me.id, idle)
        socket.wait_for("routingStatus", lambda each: each.routing_status.status == "IDLE")

    def test_presence_is_set_and_heard(self):
        self.sign_in()
        me, _, socket = self.listen("presence", "routingStatus")
        presence = sdk.PresenceApi(self.client)
        definitions = presence.get_presencedefinitions().entities
        for system, event_name, routing in (("Break", "BREAK", "OFF_QUEUE"), ("OnQueue", "ON_QUEUE", "IDLE")):
            wanted = next(each for each in definitions if each.system_presence == system)
            change = sdk.UserPresence()
            change.presence_definition = sdk.PresenceDefinition()
            change.presence_definition.id = wanted.id
            changed = self.rest("UserPresence", presence.patch_user_presences_purecloud, me.id, change)
            self.assertEqual(changed.presence_definition.id, wanted.id)
            event = socket.wait_for("presence", lambda each, id=wanted.id: each.presence_definition.id == id)
            self.assertEqual(event.presence_definition.system_presence, event_name)
            socket.wait_for("routingStatus", lambda each, status=routing: each.routing_status.status == status)

    def test_the_socket_answers_a_ping_and_beats(self):
        self.sign_in()
        _, _, socket = self.listen("presence")
        socket.send(json.dumps({"message": "ping"}))
        socket.heard.clear()
        heard = []

        def both():
            socket._receive()
            heard.extend(body["message"] for topic, body in socket.heard if topic == "channel.metadata")
            return {"pong", "WebSocket Heartbeat"} <= set(heard)

        socket._socket.settimeout(0.2)
        until(lambda: f"heard only {heard}", both, 10, 0)

    def test_one_forbidden_topic_spoils_all_unless_errors_are_ignored(self):
        self.sign_in()
        me, channel, _ = self.listen("presence")
        self.simulator.do("reject-topic", topic="v2.users.*.routingStatus", missing_permissions=["routing:status:view"])
        topics = []
        for name in ("presence", "routingStatus"):
            topic = sdk.ChannelTopic()
            topic.id = f"v2.users.{me.id}.{name}"
            topics.append(topic)
        api = sdk.NotificationsApi(self.client)
        with self.assertRaises(ApiException) as refused:
            api.put_notifications_channel_subscriptions(channel.id, topics)
        self.assertEqual(refused.exception.status, 403)
        listing = self.rest(
            "ChannelTopicEntityListing",
            api.put_notifications_channel_subscriptions,
            channel.id,
            topics,
            ignore_errors=True,
        )
        self.assertEqual([each.state for each in listing.entities], ["Permitted", "Rejected"])


if __name__ == "__main__":
    unittest.main()
