//! What only a desktop has: notifications, a tray, a key store, a loudspeaker, a web view.

use earshot_doctor::{Check, Row};
use earshot_engine::world::{CredentialStore as _, StoreError};
use secrecy::{ExposeSecret as _, SecretString};

use super::{blocking, limited};
use crate::credentials::{KeyStore, not_found};
use crate::ring;

/// The entry that is written, read and removed: none of a sign-in's, which are named after a host and a client.
const PROBE: &str = "self-check";

const NO_BUS: &str = "There is no session bus: this is no desktop session.";

/// The rows, in their order.
pub(super) async fn rows(display: bool) -> Vec<Row> {
    let (notifications, tray, key_store, sound) = tokio::join!(bus::notifications(), bus::tray(), key_store(), sound());
    vec![notifications, tray, key_store, sound, web_view(display)]
}

/// Writes, reads and removes an entry of its own.
async fn key_store() -> Row {
    let check = Check::KeyStore;
    let lost = "Without it people sign in after each start";
    let late = Row::warning(
        check,
        format!("The key store does not answer: it may be waiting for a password. {lost}."),
        "Look for its window. Signing in to the desktop unlocks it, as a rule.",
    );
    let row = async {
        if !bus::is_there().await {
            return Row::not_checked(check, NO_BUS);
        }
        let place = KeyStore::system().at(PROBE.to_owned());
        let probe = SecretString::from(format!("probe {}", std::process::id()));
        let kept = async {
            place.save(&probe).await?;
            let read = place.load().await?;
            place.clear().await?;
            Ok::<_, StoreError>(read)
        };
        match kept.await {
            Ok(Some(read)) if read.expose_secret() == probe.expose_secret() => {
                Row::ok(check, "It keeps what is written, gives it back and forgets it.")
            }
            Ok(_) => Row::warning(
                check,
                format!("The key store does not give back what was written. {lost}."),
                "Check the key store with its own program (Passwords and Keys, KWallet).",
            ),
            Err(StoreError::Absent) => Row::warning(
                check,
                format!("There is no key store. {lost}."),
                "Install and start one (GNOME Keyring, KWallet).",
            ),
            Err(error) => {
                let told = not_found(&error);
                let found = match error {
                    StoreError::Locked => format!("The key store is locked. {lost}."),
                    _ => format!("The key store fails ({error}). {lost}."),
                };
                Row::warning(check, found, told.cure.unwrap_or_default())
            }
        }
    };
    limited(row, late).await
}

async fn sound() -> Row {
    let check = Check::Sound;
    let cure = "Plug in or choose a loudspeaker or headset, and see that the sound server runs (pactl info).";
    match blocking("sound", ring::opens).await {
        Some(Ok(())) => Row::ok(check, "A sound device opens."),
        Some(Err(why)) => Row::failed(check, format!("Earshot cannot ring: no sound device opens ({why})."), cure),
        None => Row::failed(check, "Earshot cannot ring: the sound device does not open in time.", cure),
    }
}

fn web_view(display: bool) -> Row {
    let check = Check::WebView;
    match (tauri::webview_version(), display) {
        (Ok(version), true) => Row::ok(check, format!("WebKitGTK or its like, version {version}.")),
        (Ok(version), false) => {
            Row::not_checked(check, format!("There is no display. Version {version} is installed."))
        }
        (Err(error), _) => Row::failed(
            check,
            format!("There is no web view ({error})."),
            "Install WebKitGTK 4.1 (Debian: libwebkit2gtk-4.1-0).",
        ),
    }
}

#[cfg(target_os = "linux")]
mod bus {
    use zbus::{Connection, Proxy};

    use super::{Check, NO_BUS, Row, limited};
    use crate::notify::server::{self, Server};

    async fn session() -> Option<Connection> {
        Connection::session().await.ok()
    }

    /// Whether this is a desktop session at all.
    pub(super) async fn is_there() -> bool {
        session().await.is_some()
    }

    pub(super) async fn notifications() -> Row {
        const NONE: &str = "There is no notification server.";
        let check = Check::Notifications;
        let cure = "Start the desktop's notification server. Offers ring and show in the pop-up without it.";
        let late = Row::warning(check, "The notification server does not answer.", cure);
        limited(
            async {
                let Some(bus) = session().await else { return Row::not_checked(check, NO_BUS) };
                let Ok(proxy) = server::proxy(&bus).await else { return Row::warning(check, NONE, cure) };
                let Ok(server) = Server::ask(&proxy).await else { return Row::warning(check, NONE, cure) };
                let found = format!("{} {}", server.name, server.version);
                if !server.buttons {
                    let cure = "Answer in the pop-up, or use a notification server with actions.";
                    return Row::warning(check, format!("{found} shows no buttons."), cure);
                }
                if server.is_quiet(&proxy).await {
                    let cure = "Switch it off to see notifications. Offers ring and show in the pop-up all the same.";
                    return Row::warning(check, format!("{found}, with buttons; do not disturb is on."), cure);
                }
                Row::ok(check, format!("{found}, with buttons; do not disturb is off, as far as it says."))
            },
            late,
        )
        .await
    }

    pub(super) async fn tray() -> Row {
        let check = Check::Tray;
        let cure = "Add a tray (status notifier) to the panel. Without one, closing the window minimises it.";
        let late = Row::warning(check, "The tray does not answer.", cure);
        limited(
            async {
                let Some(bus) = session().await else { return Row::not_checked(check, NO_BUS) };
                let name = "org.kde.StatusNotifierWatcher";
                let watcher = Proxy::new(&bus, name, "/StatusNotifierWatcher", name).await;
                let Ok(watcher) = watcher else {
                    return Row::warning(check, "This desktop shows no tray icons.", cure);
                };
                match watcher.get_property::<bool>("IsStatusNotifierHostRegistered").await {
                    Ok(true) => Row::ok(check, "A panel shows tray icons."),
                    _ => Row::warning(check, "This desktop shows no tray icons.", cure),
                }
            },
            late,
        )
        .await
    }
}

#[cfg(not(target_os = "linux"))]
mod bus {
    use super::{Check, Row};

    #[allow(clippy::unused_async)] // the same face as on Linux
    pub(super) async fn is_there() -> bool {
        true
    }

    const UNKNOWN: &str = "This check is not written for this system yet.";

    #[allow(clippy::unused_async)] // the same face as on Linux
    pub(super) async fn notifications() -> Row {
        Row::not_checked(Check::Notifications, UNKNOWN)
    }

    #[allow(clippy::unused_async)]
    pub(super) async fn tray() -> Row {
        Row::not_checked(Check::Tray, UNKNOWN)
    }
}
