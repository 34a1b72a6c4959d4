//! Whether anything shows tray icons. A panel may end while Earshot runs, and another may begin; ksni puts the icon
//! into the new one by itself, but only the bus says that there was none meanwhile. For the tray, which tells the agent.

use tokio::sync::watch;

/// Says when what shows tray icons comes and goes, until it cannot be known any more. Elsewhere than on Linux the tray is
/// part of the desktop and stays.
#[cfg(target_os = "linux")]
pub(super) async fn follow(there: watch::Sender<bool>) {
    if let Err(error) = listen(&there).await {
        tracing::warn!(%error, "nobody says whether there is a tray");
    }
    std::future::pending::<()>().await;
}

#[cfg(not(target_os = "linux"))]
pub(super) async fn follow(_there: watch::Sender<bool>) {
    std::future::pending::<()>().await;
}

#[cfg(target_os = "linux")]
async fn listen(there: &watch::Sender<bool>) -> zbus::Result<()> {
    use futures_util::StreamExt as _;
    use zbus::fdo::DBusProxy;

    /// Panels that show icons own this name, or whoever collects the icons for them does.
    const WATCHER: &str = "org.kde.StatusNotifierWatcher";

    let bus = DBusProxy::new(&zbus::Connection::session().await?).await?;
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    there.send_replace(bus.name_has_owner(WATCHER.try_into()?).await?);
    while let Some(change) = changes.next().await {
        if let Ok(change) = change.args() {
            there.send_replace(change.new_owner.is_some());
        }
    }
    Ok(())
}
