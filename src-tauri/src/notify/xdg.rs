//! Notifications on a freedesktop.org desktop: `org.freedesktop.Notifications` on the session bus. Over zbus itself, since
//! one listener must hear every press, every closing and the coming and going of the server in their order.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::future::pending;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, SelectAll};
use tauri::include_image;
use tokio::task::JoinSet;
use tokio::time::timeout;
use zbus::fdo::DBusProxy;
use zbus::names::OwnedUniqueName;
use zbus::zvariant::Value;
use zbus::{Connection, Message, Proxy};

use super::card::{Button, Card, Key};
use super::quiet::Quiet;
use super::server::{self, NAME, Server, sender};
use super::text::escaped;
use super::{Happening, Notifier, Outcome};

/// Servers answer in milliseconds. One that does not is not waited for: other offers have notifications too.
const LIMIT: Duration = Duration::from_secs(2);
/// A slow server may still show what was given up; it is taken back then, up to here.
const LATE: Duration = Duration::from_secs(60);
/// The name under which the desktop knows us: icon and desktop file are called so.
const APP: &str = "earshot";
/// What a press on the notification itself is called.
const DEFAULT: &str = "default";
/// Stays until it is closed.
const NEVER: i32 = 0;
const CRITICAL: u8 = 2;
/// So many of the past are remembered: more than an agent is offered while a press is on its way.
const PAST: usize = 32;

/// What is heard on the bus.
enum Signal {
    OfServer(Message),
    Owner { old: Option<OwnedUniqueName>, new: Option<OwnedUniqueName> },
    Quiet,
}

/// A connection that works.
struct Bus {
    server: Proxy<'static>,
    signals: SelectAll<BoxStream<'static, Signal>>,
}

/// The notifications of this desktop.
#[derive(Default)]
pub(crate) struct Xdg {
    bus: Option<Bus>,
    /// Of the server that is there now.
    about: Option<Server>,
    /// Where its changes of quiet are being heard.
    hearing: Option<Quiet>,
    /// What is on the screen, by the server's numbers.
    shown: BTreeMap<u32, Key>,
    /// What was, newest last: some servers tell of the press after they have told of the closing.
    past: VecDeque<(u32, Key)>,
    /// What comes too late, to be taken back.
    late: JoinSet<()>,
}

impl Xdg {
    async fn bus(&mut self) -> Result<&Proxy<'static>, Outcome> {
        if self.bus.is_none() {
            self.bus = Some(within(Bus::connect()).await?);
        }
        self.bus.as_ref().map(|bus| &bus.server).ok_or(Outcome::NoServer)
    }

    /// There is no server, but the desktop says that it starts one on demand.
    async fn startable(&mut self) -> Result<bool, Outcome> {
        let connection = self.bus().await?.connection().clone();
        within(async {
            let bus = DBusProxy::new(&connection).await?;
            let startable = bus.list_activatable_names().await?.iter().any(|name| name.as_str() == NAME);
            Ok(startable && !bus.name_has_owner(NAME.try_into()?).await?)
        })
        .await
    }

    /// The server's word about itself, asked once for each server. Starts the server if it starts on demand.
    async fn about(&mut self) -> Result<&Server, Outcome> {
        if self.about.is_none() {
            let server = self.bus().await?.clone();
            let about = within(Server::ask(&server)).await?;
            if self.hearing != Some(about.quiet) {
                self.hearing = Some(about.quiet);
                if let (Some(bus), Some(changes)) = (&mut self.bus, about.quiet.changes(&server).await) {
                    bus.signals.push(changes.map(|()| Signal::Quiet).boxed());
                }
            }
            self.about = Some(about);
        }
        self.about.as_ref().ok_or(Outcome::NoServer)
    }

    /// What comes of a notification that the server has taken.
    async fn outcome(&mut self) -> Outcome {
        let Some(bus) = &self.bus else { return Outcome::NoServer };
        let Some(about) = &self.about else { return Outcome::NoServer };
        // A desktop that does not say is not quiet.
        if timeout(LIMIT, about.is_quiet(&bus.server)).await.unwrap_or(false) {
            Outcome::DoNotDisturb
        } else if about.buttons {
            Outcome::Shown
        } else {
            Outcome::NoButtons
        }
    }

    async fn try_show(&mut self, card: &Card) -> Result<(), Outcome> {
        while self.late.try_join_next().is_some() {}
        let about = self.about().await?;
        let body = card.body(about.buttons);
        let body = if about.markup { escaped(&body) } else { body };
        let buttons = about.buttons;
        let replaces = self.shown.iter().find(|(_, key)| **key == card.key).map_or(0, |(id, _)| *id);
        let server = self.bus().await?.clone();
        let mut call = Box::pin(notify(server.clone(), replaces, card.clone(), body, buttons));
        let Ok(answer) = timeout(LIMIT, &mut call).await else {
            self.late.spawn(async move {
                if let Ok(Ok((id, _))) = timeout(LATE, call).await {
                    close(&server, id).await;
                }
            });
            return Err(unanswered());
        };
        let (id, owner) = answer.map_err(|error| cause(&error))?;
        if self.about.as_ref().is_some_and(|about| about.owner != owner) {
            // Another server has taken it; that the old one has ended is still to be heard.
            self.forget();
            self.about().await?;
        }
        self.shown.retain(|_, key| *key != card.key);
        self.shown.insert(id, card.key.clone());
        Ok(())
    }

    /// Forgets the server and what it showed.
    fn forget(&mut self) {
        self.about = None;
        self.shown.clear();
        self.past.clear();
    }

    /// No longer on the screen.
    fn gone(&mut self, id: u32) -> Option<Key> {
        let key = self.shown.remove(&id)?;
        if self.past.len() == PAST {
            self.past.pop_front();
        }
        self.past.push_back((id, key.clone()));
        Some(key)
    }

    fn key(&self, id: u32) -> Option<&Key> {
        let past = || self.past.iter().rev().find(|(past, _)| *past == id).map(|(_, key)| key);
        self.shown.get(&id).or_else(past)
    }

    fn heard(&mut self, signal: Signal) -> Option<Happening> {
        match signal {
            Signal::Quiet => Some(Happening::Quiet),
            Signal::Owner { old, new } => {
                let known = self.about.as_ref().and_then(|about| about.owner.as_ref());
                if new.is_some() && new.as_ref() == known {
                    // It was started by our own question, and has answered already.
                    return None;
                }
                if known.is_none() || old.as_ref() == known {
                    self.forget();
                }
                Some(if new.is_some() { Happening::Back } else { Happening::Gone })
            }
            Signal::OfServer(message) => self.heard_of_server(&message),
        }
    }

    fn heard_of_server(&mut self, message: &Message) -> Option<Happening> {
        let header = message.header();
        match header.member()?.as_str() {
            "ActionInvoked" => {
                let (id, action) = message.body().deserialize::<(u32, String)>().ok()?;
                let key = self.key(id)?.clone();
                match Button::of(&action) {
                    button @ Some(_) => Some(Happening::Pressed(key, button)),
                    None if action == DEFAULT => Some(Happening::Pressed(key, None)),
                    None => None,
                }
            }
            "NotificationClosed" => {
                let (id, _) = message.body().deserialize::<(u32, u32)>().ok()?;
                self.gone(id).map(Happening::Closed)
            }
            _ => None,
        }
    }
}

#[async_trait]
impl Notifier for Xdg {
    async fn look(&mut self) -> Outcome {
        match self.startable().await {
            // Nothing is started for the sake of a look; the first notification will tell.
            Ok(true) => return Outcome::Shown,
            Ok(false) => {}
            Err(outcome) => return outcome,
        }
        match self.about().await {
            Ok(_) => self.outcome().await,
            Err(outcome) => outcome,
        }
    }

    async fn show(&mut self, card: &Card) -> Outcome {
        match self.try_show(card).await {
            Ok(()) => self.outcome().await,
            Err(outcome) => outcome,
        }
    }

    async fn withdraw(&mut self, key: &Key) {
        let Some(id) = self.shown.iter().find(|(_, shown)| *shown == key).map(|(id, _)| *id) else { return };
        self.gone(id);
        if let Some(bus) = &self.bus {
            close(&bus.server, id).await;
        }
    }

    async fn next(&mut self) -> Happening {
        loop {
            let Some(bus) = &mut self.bus else { return pending().await };
            let Some(signal) = bus.signals.next().await else {
                // The session bus itself is gone. The next notification looks for it again.
                self.bus = None;
                self.hearing = None;
                self.forget();
                return Happening::Gone;
            };
            if let Some(happening) = self.heard(signal) {
                return happening;
            }
        }
    }
}

impl Bus {
    async fn connect() -> zbus::Result<Self> {
        let connection = Connection::session().await?;
        let server = server::proxy(&connection).await?;
        let owners = DBusProxy::new(&connection).await?.receive_name_owner_changed_with_args(&[(0, NAME)]).await?;
        let owners = owners.filter_map(|change| async move {
            let change = change.args().ok()?;
            let [old, new] =
                [&change.old_owner, &change.new_owner].map(|owner| owner.as_ref().map(|name| name.to_owned().into()));
            Some(Signal::Owner { old, new })
        });
        let all = server.receive_all_signals().await?.map(Signal::OfServer);
        Ok(Self { server, signals: futures_util::stream::select_all([owners.boxed(), all.boxed()]) })
    }
}

/// The notification's number, and the server that gave it.
async fn notify(
    server: Proxy<'static>,
    replaces: u32,
    card: Card,
    body: String,
    buttons: bool,
) -> zbus::Result<(u32, Option<OwnedUniqueName>)> {
    let mut actions = Vec::new();
    if buttons {
        // Without words: some servers would make a button of it.
        actions.extend([DEFAULT, ""]);
        actions.extend(card.buttons.iter().flat_map(|button| [button.id(), button.label()]));
    }
    let mut hints: HashMap<&str, Value<'_>> = HashMap::from([
        ("urgency", Value::from(CRITICAL)),
        ("category", Value::from(card.category)),
        ("desktop-entry", Value::from(APP)),
        ("image-data", icon()),
        // Earshot rings itself.
        ("suppress-sound", Value::from(card.leaves_no_trace)),
    ]);
    if card.leaves_no_trace {
        hints.insert("transient", Value::from(true));
    }
    let notification = ("Earshot", replaces, APP, card.summary, body, actions, hints, NEVER);
    let answer = server.call_method("Notify", &notification).await?;
    Ok((answer.body().deserialize()?, sender(&answer)))
}

/// Earshot's icon as the specification wants it, for a computer on which it is not installed as well.
fn icon() -> Value<'static> {
    let image = include_image!("icons/128x128.png");
    let length = |pixels: u32| i32::try_from(pixels).unwrap_or(0);
    let (width, height) = (length(image.width()), length(image.height()));
    Value::from((width, height, width * 4, true, 8, 4, image.rgba().to_vec()))
}

/// A server that no longer has it says so; there is nothing to do about that.
async fn close(server: &Proxy<'static>, id: u32) {
    match timeout(LIMIT, server.call::<_, _, ()>("CloseNotification", &id)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a notification was gone already"),
        Err(_) => tracing::warn!("the notification server did not answer"),
    }
}

async fn within<T>(work: impl Future<Output = zbus::Result<T>>) -> Result<T, Outcome> {
    match timeout(LIMIT, work).await {
        Ok(done) => done.map_err(|error| cause(&error)),
        Err(_) => Err(unanswered()),
    }
}

fn unanswered() -> Outcome {
    Outcome::Failed("their server does not answer".to_owned())
}

/// What went wrong, by the error's name alone: its text is the server's, and could repeat ours.
fn cause(error: &zbus::Error) -> Outcome {
    let name = match error {
        zbus::Error::MethodError(name, _, _) => name.as_str().to_owned(),
        zbus::Error::FDO(error) => zbus::DBusError::name(error.as_ref()).as_str().to_owned(),
        zbus::Error::InputOutput(_) | zbus::Error::Address(_) => return Outcome::NoServer,
        _ => "unexpected answer".to_owned(),
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    if matches!(last, "ServiceUnknown" | "NameHasNoOwner") || name.contains(".Spawn.") {
        return Outcome::NoServer;
    }
    Outcome::Failed(name)
}
