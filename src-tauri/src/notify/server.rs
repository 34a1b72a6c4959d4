//! What the desktop's notification server says about itself. For the notifications, and for the self-check, which only asks.

use zbus::names::OwnedUniqueName;
use zbus::proxy::{Builder, CacheProperties::No};
use zbus::{Connection, Message, Proxy};

use super::quiet::Quiet;

pub(super) const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// What a server said about itself.
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) version: String,
    /// Its own name on the bus, by which it is told from the next one.
    pub(super) owner: Option<OwnedUniqueName>,
    pub(crate) buttons: bool,
    pub(super) markup: bool,
    pub(super) quiet: Quiet,
}

/// The way to the server, whichever there will be.
pub(crate) async fn proxy(bus: &Connection) -> zbus::Result<Proxy<'static>> {
    Builder::new(bus).destination(NAME)?.path(PATH)?.interface(NAME)?.cache_properties(No).build().await
}

impl Server {
    /// Asks. Starts the server if it starts on demand.
    pub(crate) async fn ask(server: &Proxy<'static>) -> zbus::Result<Self> {
        let answer = server.call_method("GetCapabilities", &()).await?;
        let owner = sender(&answer);
        let abilities: Vec<String> = answer.body().deserialize()?;
        let (name, _, version, _): (String, String, String, String) = server.call("GetServerInformation", &()).await?;
        let has = |ability: &str| abilities.iter().any(|each| each == ability);
        tracing::info!(server = name, buttons = has("actions"), "notification server");
        let quiet = Quiet::of(&name, has("inhibitions"));
        Ok(Self { name, version, owner, buttons: has("actions"), markup: has("body-markup"), quiet })
    }

    /// Whether the person wants quiet, as far as the desktop says.
    pub(crate) async fn is_quiet(&self, server: &Proxy<'static>) -> bool {
        self.quiet.now(server).await
    }
}

/// Who answered.
pub(super) fn sender(answer: &Message) -> Option<OwnedUniqueName> {
    answer.header().sender().map(|name| name.to_owned().into())
}
