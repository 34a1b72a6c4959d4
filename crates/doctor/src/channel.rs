//! Whether Genesys Cloud would tell us: a channel of our own, its subscription, its socket. On a channel of its own nothing
//! is taken from an Earshot that runs; and where one more channel would take another's place, none is made.

use std::time::{Duration, Instant};

use earshot_engine::plan::ME;
use earshot_engine::trouble;
use earshot_engine::verdict::{Call, Signal};
use earshot_genesys::api::{AccessToken, Api, Channel, TopicResult};
use earshot_genesys::net::SocketDialer;
use earshot_genesys::socket_auth;
use earshot_genesys::topics::Topic;
use earshot_genesys::transport::{DialError, Dialer, Frame, Socket, SocketRequest, TransportError, TransportKind};
use secrecy::ExposeSecret as _;
use url::Url;

use crate::account::{Account, refused};
use crate::network::host;
use crate::report::{Check, Examination, Row};
use crate::time::Watch;
use crate::{Subject, Wanted};

/// Genesys keeps twenty for a user and OAuth client; one more takes the place of the one that was used longest ago.
const CHANNELS: usize = 20;

/// Makes a channel, subscribes it, opens its socket and asks for a pong.
pub(crate) async fn look(
    subject: &Subject,
    api: &Api,
    token: &AccessToken,
    account: &Account,
    examination: &mut Examination<'_>,
    watch: &Watch,
) {
    let Some(channel) = make(api, token, account, examination, watch).await else {
        return examination.skip_after(Check::Channel, Check::Socket, "there is no channel");
    };
    subscribe(subject, api, token, account, &channel, examination, watch).await;
    examination.add(socket(subject, token, &channel, watch).await);
    // What nobody listens to need not be sent. The channel itself cannot be deleted; Genesys Cloud ends it within a day, or
    // as the first where room is needed.
    let _ = watch.within(api.put_subscriptions(token, &channel.id, &[])).await;
}

async fn make(
    api: &Api,
    token: &AccessToken,
    account: &Account,
    examination: &mut Examination<'_>,
    watch: &Watch,
) -> Option<Channel> {
    if account.scopes.as_ref().is_some_and(|scopes| !scopes.iter().any(|scope| scope == "notifications")) {
        examination.skip(Check::Channel, "the scope notifications is missing");
        return None;
    }
    let in_use = watch.within(api.count_channels(token)).await.and_then(Result::ok);
    if in_use.is_some_and(|count| count >= CHANNELS) {
        examination.skip(
            Check::Channel,
            "all 20 channels of this user and OAuth client are in use, and one more would end another",
        );
        return None;
    }
    match watch.within(api.create_channel(token)).await {
        Some(Ok(channel)) => {
            let before = in_use.map(|count| format!("; {count} of {CHANNELS} were in use")).unwrap_or_default();
            examination.add(Row::ok(Check::Channel, format!("Made one for this check{before}.")));
            Some(channel)
        }
        other => {
            let error = other.map(Result::err).unwrap_or_default();
            examination.add(refused(Check::Channel, Call::CreateChannel, error));
            None
        }
    }
}

async fn subscribe(
    subject: &Subject,
    api: &Api,
    token: &AccessToken,
    account: &Account,
    channel: &Channel,
    examination: &mut Examination<'_>,
    watch: &Watch,
) {
    let user = account.user.as_deref();
    let (possible, lost): (Vec<&Wanted>, Vec<&Wanted>) =
        subject.topics.iter().partition(|wanted| user.is_some() || !wanted.topic.contains(ME));
    if possible.is_empty() {
        return examination.skip(Check::Subscription, "the user is not known, and every topic is about the user");
    }
    let topics: Vec<_> =
        possible.iter().map(|wanted| Topic::new(wanted.topic.replace(ME, user.unwrap_or_default()))).collect();
    let results = match watch.within(api.put_subscriptions(token, &channel.id, &topics)).await {
        Some(Ok(results)) => results,
        other => {
            let error = other.map(Result::err).unwrap_or_default();
            return examination.add(refused(Check::Subscription, Call::Subscribe, error));
        }
    };
    let mut found: Vec<String> = Vec::new();
    let mut fatal = false;
    for (wanted, result) in possible.iter().zip(&results).filter(|(_, result)| !result.permitted) {
        fatal |= wanted.essential;
        found.push(rejected(&wanted.topic, result));
    }
    found.extend(lost.iter().map(|wanted| format!("{} not tried (it needs a user)", wanted.topic)));
    fatal |= lost.iter().any(|wanted| wanted.essential);
    if found.is_empty() {
        let names: Vec<_> = possible.iter().map(|wanted| wanted.topic.as_str()).collect();
        let names = if names.len() > 6 { format!("{} topics", names.len()) } else { names.join(", ") };
        return examination.add(Row::ok(Check::Subscription, format!("Permitted: {names}.")));
    }
    let found = format!("Rejected: {}.", found.join("; "));
    let cure = "Ask for the permissions named, and for the scopes notifications and conversations on the OAuth client.";
    examination.add(if fatal {
        Row::failed(Check::Subscription, found, cure)
    } else {
        Row::warning(Check::Subscription, found, cure)
    });
}

fn rejected(topic: &str, result: &TopicResult) -> String {
    let named = result.missing_permissions.iter().flat_map(|name| trouble::permissions(name)).collect::<Vec<_>>();
    // Genesys' reason is somebody else's text; a code is not.
    let reason = result.reason.as_deref().filter(|reason| {
        reason.len() <= 60 && reason.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ' '))
    });
    match (named.is_empty(), reason) {
        (false, _) => format!("{topic} (missing permission {})", named.join(", ")),
        (true, Some(reason)) => format!("{topic} ({reason})"),
        (true, None) => topic.to_owned(),
    }
}

async fn socket(subject: &Subject, token: &AccessToken, channel: &Channel, watch: &Watch) -> Row {
    // The rest of the address is secret.
    let place =
        Url::parse(channel.connect_uri.expose_secret()).map_or_else(|_| "the socket's host".into(), |url| host(&url));
    let ways = "Let WebSockets (wss) to this host pass firewalls and proxies, port 443.";
    let authorized =
        match socket_auth::apply(subject.socket_auth, &channel.connect_uri, token, subject.environment.api()) {
            Ok(authorized) => authorized,
            Err(error) => {
                let told = trouble::of_signal(&Signal::Upgrade(DialError::Untrusted(error)));
                return Row::failed(Check::Socket, format!("{place}: {}", told.message), told.cure.unwrap_or_default());
            }
        };
    let dialer = SocketDialer::new(&subject.network);
    let request = SocketRequest { uri: authorized.uri, bearer: authorized.bearer, timeout: watch.left() };
    let begin = Instant::now();
    let opened = match dialer.dial(request).await {
        Ok(socket) => socket,
        Err(DialError::Refused { status, .. }) => {
            let found = format!("{place} refused the notification connection (HTTP {status}).");
            return Row::failed(Check::Socket, found, ways);
        }
        Err(error) => {
            let told = trouble::of_signal(&Signal::Upgrade(error));
            return Row::failed(Check::Socket, format!("{place}: {}", told.message), told.cure.unwrap_or(ways.into()));
        }
    };
    let opened_in = begin.elapsed();
    let begin = Instant::now();
    match watch.within(pong(opened)).await {
        Some(Ok(())) => Row::ok(Check::Socket, answer(&place, opened_in, begin.elapsed())),
        Some(Err(error)) => {
            let found = format!("{place} opened, and broke off before it answered a ping ({}).", error.kind);
            Row::failed(Check::Socket, found, ways)
        }
        None => {
            let found = format!("{place} opened, and answers no ping: something on the way keeps what is sent.");
            Row::failed(Check::Socket, found, ways)
        }
    }
}

fn answer(place: &str, opened: Duration, answered: Duration) -> String {
    format!("{place}: opened in {} ms, answered a ping in {} ms.", opened.as_millis(), answered.as_millis())
}

/// Pings in both forms and waits for an answer to either.
async fn pong(mut socket: Socket) -> Result<(), TransportError> {
    let closed = |detail: &str| TransportError { kind: TransportKind::Broken, detail: detail.to_owned() };
    socket.sender.send(Frame::Ping).await?;
    socket.sender.send(Frame::Text(r#"{"message":"ping"}"#.to_owned())).await?;
    loop {
        match socket.receiver.next().await {
            Some(Ok(Frame::Pong)) => break,
            Some(Ok(Frame::Text(text))) if text.contains("\"pong\"") => break,
            Some(Ok(Frame::Close { .. })) | None => return Err(closed("it was closed")),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error),
        }
    }
    // Politely; whoever does not hear it hears the end of the connection.
    let _ = socket.sender.send(Frame::Close { code: Some(1000), reason: String::new() }).await;
    Ok(())
}
