// The simulator, driven by the official JavaScript SDK: a client that we did not write must find Genesys Cloud there.
// It needs nothing but a base URL.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import sdk from 'purecloud-platform-client-v2';

import { PUBLIC_CLIENT, REDIRECT, Simulator } from './simulator.mjs';
import { Socket } from './socket.mjs';

const MEDIA = {
  call: ['calls', 'getConversationsCall', 'patchConversationsCallParticipant'],
  callback: ['callbacks', 'getConversationsCallback', 'patchConversationsCallbackParticipant'],
  message: ['messages', 'getConversationsMessage', 'patchConversationsMessageParticipant'],
  email: ['emails', 'getConversationsEmail', 'patchConversationsEmailParticipant'],
};
const EXPAND = [
  'presence', 'routingStatus', 'conversationSummary', 'station', 'presencedefinitions', 'organization', 'token',
  'authorization', 'autoanswersettings', 'date',
]; // prettier-ignore

const client = sdk.ApiClient.instance;
let simulator;

before(async () => {
  simulator = await Simulator.start('--auto-consent', '--wrapup', '60');
  const { hostname, port } = new URL(simulator.baseUrl);
  client.setGateway({ host: hostname, protocol: 'http', port: Number(port) });
});
after(() => simulator.stop());

/** Authorization code with PKCE; the simulator consents by itself, so the authorize page is one redirect. */
async function signIn() {
  const verifier = client.generatePKCECodeVerifier(128);
  const authorize = new URL('/oauth/authorize', simulator.baseUrl);
  authorize.search = new URLSearchParams({
    client_id: PUBLIC_CLIENT,
    redirect_uri: REDIRECT,
    response_type: 'code',
    code_challenge: await client.computePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state: 'a state, with signs & such',
  });
  const consent = await fetch(authorize, { redirect: 'manual' });
  assert.equal(consent.status, 302);
  const back = new URL(consent.headers.get('location'));
  assert.equal(back.origin + back.pathname, REDIRECT);
  assert.equal(back.searchParams.get('state'), 'a state, with signs & such');
  const auth = await client.authorizePKCEGrant(PUBLIC_CLIENT, verifier, back.searchParams.get('code'), REDIRECT);
  assert.ok(auth.accessToken);
  assert.ok(auth.tokenExpiryTime > Date.now());
}

/** Signed in, a channel with these topics, its socket open. */
async function listen(...topics) {
  await signIn();
  const me = await new sdk.UsersApi().getUsersMe({ expand: EXPAND });
  const notifications = new sdk.NotificationsApi();
  const channel = await notifications.postNotificationsChannels();
  assert.ok(channel.id);
  assert.ok(new Date(channel.expires) > Date.now() + 23 * 3600e3, `expires ${channel.expires}`);
  const wanted = topics.map((topic) => ({ id: `v2.users.${me.id}.${topic}` }));
  const listing = await notifications.putNotificationsChannelSubscriptions(channel.id, wanted, { ignoreErrors: true });
  assert.deepEqual(
    listing.entities.map((each) => [each.id, each.state]),
    wanted.map((each) => [each.id, 'Permitted']),
  );
  return { me, channel, socket: await Socket.open(channel.connectUri) };
}

/** What an error must look like: status, code, and one id to quote to the help desk, in the body and in a header. */
const refused = (status, code) => (error) => {
  assert.equal(error.status, status);
  assert.equal(error.body.code, code);
  assert.equal(error.body.status, status);
  assert.ok(error.body.contextId);
  assert.equal(error.headers['inin-correlation-id'], error.body.contextId);
  return true;
};

describe('the official JavaScript SDK', () => {
  test('reads the user with every expansion a widget asks for', async () => {
    await signIn();
    const me = await new sdk.UsersApi().getUsersMe({ expand: EXPAND });
    assert.equal(me.name, 'Ada Moreno');
    assert.equal(me.presence.presenceDefinition.systemPresence, 'OnQueue');
    assert.equal(me.routingStatus.status, 'IDLE');
    assert.ok(me.organization.name);
    assert.equal(typeof me.conversationSummary.call.contactCenter.active, 'number');
    assert.ok(me.presenceDefinitions.some((each) => each.systemPresence === 'Available'));
    assert.ok(Math.abs(new Date(me.date.currentDate) - Date.now()) < 60_000);
  });

  for (const [medium, [list, get, patch]] of Object.entries(MEDIA)) {
    test(`hears a ${medium}, answers it, and hears that it is connected`, async () => {
      const { me, socket } = await listen('conversations', `conversations.${list}`);
      const offered = await simulator.offer(medium, { caller: 'Maria Keller', queue: 'Billing', alerting_seconds: 30 });
      const legOf = (state) => (body) =>
        body.id === offered.conversation &&
        body.participants.some(
          (each) => each.id === offered.participant && each.userId === me.id && each[list]?.[0]?.state === state,
        );
      const flatIn = (state) => (body) =>
        body.id === offered.conversation &&
        body.participants.some(
          (each) => each.id === offered.participant && each.user?.id === me.id && each.state === state,
        );

      const heard = await socket.waitFor('.conversations', legOf('alerting'));
      assert.equal(heard.version, '2');
      assert.ok(heard.metadata.CorrelationId);
      await socket.waitFor(`.conversations.${list}`, flatIn('alerting'));

      const conversations = new sdk.ConversationsApi();
      const all = await conversations.getConversations();
      assert.ok(all.entities.some((each) => each.id === offered.conversation));
      const one = await conversations[get](offered.conversation);
      assert.equal(one.participants.find((each) => each.id === offered.participant).state, 'alerting');

      const answer = { state: 'connected' };
      // For messages alone the SDK takes the body as an option.
      await conversations[patch](
        offered.conversation,
        offered.participant,
        medium === 'message' ? { body: answer } : answer,
      );
      await socket.waitFor('.conversations', legOf('connected'));
      await socket.waitFor(`.conversations.${list}`, flatIn('connected'));
      socket.close();
      await simulator.do('end', { conversation: offered.conversation });
    });
  }

  test('sets presence and hears it in the upper case of events', async () => {
    const { me, socket } = await listen('presence');
    const { entities } = await new sdk.PresenceApi().getPresencedefinitions();
    for (const [system, inEvents] of [['Meal', 'MEAL'], ['OnQueue', 'ON_QUEUE']]) {
      const wanted = entities.find((each) => each.systemPresence === system);
      const changed = await new sdk.PresenceApi().patchUserPresencesPurecloud(me.id, {
        presenceDefinition: { id: wanted.id },
      });
      assert.equal(changed.presenceDefinition.id, wanted.id);
      const event = await socket.waitFor('.presence', (body) => body.presenceDefinition.id === wanted.id);
      assert.equal(event.eventBody.presenceDefinition.systemPresence, inEvents);
    }
    socket.close();
  });

  test('gets a pong for a ping, on a channel that one socket at a time may use', async () => {
    const { channel, socket } = await listen('presence');
    socket.send({ message: 'ping' });
    await socket.waitFor('channel.metadata', (body) => body.message === 'pong');
    const closed = new Promise((resolve) => socket.socket.once('close', resolve));
    const second = await Socket.open(channel.connectUri);
    await closed;
    second.close();
  });

  test('is told what is wrong as Genesys Cloud tells it', async (context) => {
    await signIn();
    client.setReturnExtendedResponses(true);
    context.after(() => client.setReturnExtendedResponses(false));
    const users = new sdk.UsersApi();
    const nobody = '7b1f0f7e-0000-4000-8000-000000000000';
    await assert.rejects(new sdk.ConversationsApi().getConversationsCall(nobody), (error) => error.status === 404);

    await simulator.do('rate-limit', { per_minute: 0 });
    await assert.rejects(users.getUsersMe(), (error) => {
      assert.ok(Number(error.headers['retry-after']) >= 1);
      return refused(429, 'too.many.requests.retry.after')(error);
    });
    await simulator.do('rate-limit', { per_minute: null });

    await simulator.do('scopes', { remove: ['notifications'] });
    await assert.rejects(new sdk.NotificationsApi().postNotificationsChannels(), (error) => error.status === 403);
    await simulator.do('scopes', { add: ['notifications'] });

    await simulator.do('expire-tokens');
    await assert.rejects(users.getUsersMe(), refused(401, 'bad.credentials'));
  });
});
