//! NetworkManager, where it runs, tells when there is a way to the internet: also after a sign-in page, which changes no
//! address. A hint and no more: what is said of a lost way is not acted on.

use futures_util::StreamExt as _;
use zbus::Connection;
use zbus::fdo::PropertiesProxy;

use super::Signal;
use super::sources::Tell;

const NAME: &str = "org.freedesktop.NetworkManager";
/// `NM_CONNECTIVITY_FULL`.
const FULL: u32 = 4;
/// `NM_CONNECTIVITY_UNKNOWN`: it does not look.
const UNKNOWN: u32 = 0;

/// Listens until the bus has ended. Where no NetworkManager runs nothing comes, until one is started.
pub(super) async fn listen(bus: &Connection, tell: &Tell) -> zbus::Result<()> {
    let properties =
        PropertiesProxy::builder(bus).destination(NAME)?.path("/org/freedesktop/NetworkManager")?.build().await?;
    let mut changes = properties.receive_properties_changed().await?;
    while let Some(change) = changes.next().await {
        let Ok(news) = change.args() else { continue };
        let known = news.changed_properties().get("Connectivity").and_then(|value| u32::try_from(value).ok());
        if news.interface_name() == NAME
            && let Some(known) = known.filter(|known| *known != UNKNOWN)
        {
            let _ = tell.send(Signal::NetworkChanged { online: Some(known == FULL) });
        }
    }
    Ok(())
}
