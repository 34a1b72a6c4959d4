//! logind tells of sleep, and whether the screen of our own session is locked and its person idle.

use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt as _;
use zbus::zvariant::{OwnedFd, OwnedObjectPath};
use zbus::{Connection, proxy};

use super::Signal;
use super::sources::{Patience, Tell};

#[proxy(
    interface = "org.freedesktop.login1.Manager",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1",
    gen_blocking = false
)]
trait Manager {
    fn inhibit(&self, what: &str, who: &str, why: &str, mode: &str) -> zbus::Result<OwnedFd>;
    fn get_session(&self, session_id: &str) -> zbus::Result<OwnedObjectPath>;
    #[zbus(signal)]
    fn prepare_for_sleep(&self, start: bool) -> zbus::Result<()>;
}

#[proxy(
    interface = "org.freedesktop.login1.User",
    default_service = "org.freedesktop.login1",
    default_path = "/org/freedesktop/login1/user/self",
    gen_blocking = false
)]
trait User {
    #[zbus(property)]
    fn display(&self) -> zbus::Result<(String, OwnedObjectPath)>;
}

#[proxy(interface = "org.freedesktop.login1.Session", default_service = "org.freedesktop.login1", gen_blocking = false)]
trait Session {
    #[zbus(signal)]
    fn lock(&self) -> zbus::Result<()>;
    #[zbus(signal)]
    fn unlock(&self) -> zbus::Result<()>;
    #[zbus(property)]
    fn locked_hint(&self) -> zbus::Result<bool>;
    #[zbus(property)]
    fn idle_hint(&self) -> zbus::Result<bool>;
}

/// What keeps the computer awake until it is known that it goes to sleep: closing it lets it.
#[derive(Clone, Default)]
pub(super) struct Delay(Arc<Mutex<Option<OwnedFd>>>);

impl Delay {
    fn hold(&self, lock: Option<OwnedFd>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = lock;
    }

    pub(super) fn release(&self) {
        self.hold(None);
    }
}

/// Nothing is heard of logind any more.
pub(super) fn lost(tell: &Tell, delay: &Delay) {
    delay.release();
    let _ = tell.send(Signal::PersonUnknown);
}

/// Listens as long as the bus is there.
pub(super) async fn listen(bus: &Connection, tell: &Tell, delay: &Delay) {
    let mut patience = Patience::new("sleep and the screen lock");
    loop {
        let end = attend(bus, tell, delay, &mut patience).await;
        lost(tell, delay);
        match end {
            Ok(()) => patience.missing(&"logind has ended"),
            Err(error) => patience.missing(&error),
        }
        patience.wait().await;
    }
}

/// Listens until logind, or the bus, ends.
async fn attend(bus: &Connection, tell: &Tell, delay: &Delay, patience: &mut Patience) -> zbus::Result<()> {
    let manager = ManagerProxy::new(bus).await?;
    // Heard before anything is asked: what happens between is not lost.
    let mut sleeps = manager.receive_prepare_for_sleep().await?;
    let mut owners = manager.inner().receive_owner_changed().await?;
    delay.hold(inhibit(&manager).await?);
    patience.found();

    let path = session(bus, &manager).await.inspect_err(|error| {
        tracing::info!(%error, "our own session is not known, so nobody is known to be at the computer");
    });
    let session = match path {
        Ok(path) => Some(SessionProxy::builder(bus).path(path)?.build().await?),
        Err(_) => None,
    };
    let mut person = match &session {
        Some(session) => person(session).await?,
        None => futures_util::stream::pending().boxed(),
    };
    loop {
        tokio::select! {
            sleep = sleeps.next() => match sleep.map(|sleep| sleep.args().map(|args| args.start)) {
                Some(Ok(true)) => {
                    let _ = tell.send(Signal::GoingToSleep);
                }
                Some(Ok(false)) => {
                    let _ = tell.send(Signal::WokeUp);
                    delay.hold(inhibit(&manager).await?);
                }
                Some(Err(error)) => tracing::debug!(%error, "logind told something else than it should"),
                None => return Ok(()),
            },
            signal = person.next() => match signal {
                Some(signal) => {
                    let _ = tell.send(signal);
                }
                None => return Ok(()),
            },
            // Another logind knows nothing of what keeps the computer awake for us.
            owner = owners.next() => if !matches!(owner, Some(Some(_))) { return Ok(()) },
        }
    }
}

/// All that tells of the person, beginning with what is so now.
async fn person<'a>(session: &SessionProxy<'a>) -> zbus::Result<futures_util::stream::BoxStream<'a, Signal>> {
    let lock = session.receive_lock().await?.map(|_| Signal::Locked);
    let unlock = session.receive_unlock().await?.map(|_| Signal::Unlocked);
    let locked = session.receive_locked_hint_changed().await.filter_map(|change| async move {
        change.get().await.ok().map(|locked| if locked { Signal::Locked } else { Signal::Unlocked })
    });
    let idle = session.receive_idle_hint_changed().await;
    let idle = idle.filter_map(|change| async move { change.get().await.ok().map(Signal::Idle) });
    Ok(futures_util::stream::select(
        futures_util::stream::select(lock, unlock),
        futures_util::stream::select(locked, idle),
    )
    .boxed())
}

/// Asks to be waited for before a sleep. Refused, Earshot is told of it all the same, but perhaps too late to write it down.
async fn inhibit(manager: &ManagerProxy<'_>) -> zbus::Result<Option<OwnedFd>> {
    let why = "Writes down until when it heard";
    match manager.inhibit("sleep", "Earshot", why, "delay").await {
        Ok(lock) => Ok(Some(lock)),
        Err(zbus::Error::MethodError(name, why, _)) if is_refusal(&name) => {
            tracing::info!(name = name.as_str(), why, "a sleep will not wait for Earshot");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// logind is there, and does not want to: not permitted, or too many ask for the same.
fn is_refusal(error: &str) -> bool {
    ["AccessDenied", "AuthFailed", "AuthorizationRequired", "LimitsExceeded"].iter().any(|kind| error.ends_with(kind))
}

/// Our own session: the one we were started in, or else the one that this person sees.
async fn session(bus: &Connection, manager: &ManagerProxy<'_>) -> zbus::Result<OwnedObjectPath> {
    if let Ok(id) = std::env::var("XDG_SESSION_ID")
        && let Ok(path) = manager.get_session(&id).await
    {
        return Ok(path);
    }
    UserProxy::new(bus).await?.display().await.map(|(_, path)| path)
}
