// What both recipes in Node need of Genesys Cloud: a token, a channel with its topics, and to say what they hear.

const { BASE_URL, CLIENT_ID, CLIENT_SECRET, TOPICS } = process.env;
let refreshToken = process.env.REFRESH_TOKEN;

async function ask(what, url, init) {
  const answer = await fetch(url, init);
  if (!answer.ok) throw new Error(`${what}: ${answer.status}`);
  return answer.json();
}

/** A new access token: with the refresh token where there is one, else as the client itself. */
export async function renew() {
  const grant = refreshToken
    ? { grant_type: 'refresh_token', refresh_token: refreshToken }
    : { grant_type: 'client_credentials' };
  const answer = await ask('token', `${BASE_URL}/oauth/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64')}` },
    body: new URLSearchParams(grant),
  });
  refreshToken = answer.refresh_token ?? refreshToken;
  return answer.access_token;
}

/** A new channel with the topics; its address. */
export async function subscribe(token) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const channels = `${BASE_URL}/api/v2/notifications/channels`;
  const channel = await ask('channel', channels, { method: 'POST', headers });
  const topics = TOPICS.split(',').map((id) => ({ id }));
  await ask('topics', `${channels}/${channel.id}/subscriptions`, { method: 'PUT', headers, body: JSON.stringify(topics) });
  return channel.connectUri;
}

/** One line for each event. */
export function tell(data) {
  const { topicName, eventBody } = JSON.parse(data);
  if (topicName.startsWith('v2.')) console.log(JSON.stringify({ type: 'event', topic: topicName, body: eventBody }));
}

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));
