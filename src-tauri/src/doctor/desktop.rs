//! What only a desktop has: notifications, a tray, a key store, a loudspeaker, a web view.

use earshot_doctor::{Check, Row};

use super::{blocking, limited};
use crate::ring;

/// The rows, in their order.
pub(super) async fn rows(display: bool) -> Vec<Row> {
    let (notifications, tray, key_store, sound) =
        tokio::join!(bus::notifications(), bus::tray(), bus::key_store(), sound());
    vec![notifications, tray, key_store, sound, web_view(display)]
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

    use super::{Check, Row, limited};
    use crate::notify::quiet::Quiet;

    const NO_BUS: &str = "There is no session bus: this is no desktop session.";

    async fn session() -> Option<Connection> {
        Connection::session().await.ok()
    }

    pub(super) async fn notifications() -> Row {
        let check = Check::Notifications;
        let cure = "Start the desktop's notification server. Offers ring and show in the pop-up without it.";
        let late = Row::warning(check, "The notification server does not answer.", cure);
        limited(
            async {
                let Some(bus) = session().await else { return Row::not_checked(check, NO_BUS) };
                let name = "org.freedesktop.Notifications";
                let Ok(server) = Proxy::new(&bus, name, "/org/freedesktop/Notifications", name).await else {
                    return Row::warning(check, "There is no notification server.", cure);
                };
                let about = server.call::<_, _, (String, String, String, String)>("GetServerInformation", &()).await;
                let Ok((name, _, version, _)) = about else {
                    return Row::warning(check, "There is no notification server.", cure);
                };
                let abilities = server.call::<_, _, Vec<String>>("GetCapabilities", &()).await.unwrap_or_default();
                let found = format!("{name} {version}");
                let can = |what: &str| abilities.iter().any(|ability| ability == what);
                if !can("actions") {
                    let cure = "Answer in the pop-up, or use a notification server with actions.";
                    return Row::warning(check, format!("{found} shows no buttons."), cure);
                }
                if Quiet::of(&name, can("inhibitions")).now(&server).await {
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

    pub(super) async fn key_store() -> Row {
        let check = Check::KeyStore;
        let cure = "Install and start one (GNOME Keyring, KWallet). Without it people sign in after each start.";
        let late = Row::warning(check, "The key store does not answer.", cure);
        limited(
            async {
                let Some(bus) = session().await else { return Row::not_checked(check, NO_BUS) };
                let (name, interface) = ("org.freedesktop.secrets", "org.freedesktop.Secret.Collection");
                let path = "/org/freedesktop/secrets/aliases/default";
                let Ok(store) = Proxy::new(&bus, name, path, interface).await else {
                    return Row::warning(check, "There is no key store.", cure);
                };
                match store.get_property::<bool>("Locked").await {
                    Ok(false) => Row::ok(check, "There is one, and it is unlocked."),
                    Ok(true) => Row::warning(
                        check,
                        "The key store is locked.",
                        "Unlock it; signing in to the desktop does so, as a rule.",
                    ),
                    Err(_) => Row::warning(check, "There is no key store.", cure),
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

    const UNKNOWN: &str = "This check is not written for this system yet.";

    #[allow(clippy::unused_async)] // the same face as on Linux
    pub(super) async fn notifications() -> Row {
        Row::not_checked(Check::Notifications, UNKNOWN)
    }

    #[allow(clippy::unused_async)]
    pub(super) async fn tray() -> Row {
        Row::not_checked(Check::Tray, UNKNOWN)
    }

    #[allow(clippy::unused_async)]
    pub(super) async fn key_store() -> Row {
        Row::not_checked(Check::KeyStore, UNKNOWN)
    }
}
