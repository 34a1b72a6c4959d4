//! Do not disturb: where each desktop says so. The specification has no word for it, so it is read where it can be.

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use gtk::gio::prelude::SettingsExt;
use zbus::Proxy;
use zbus::zvariant::{OwnedValue, Value};

/// Where this desktop says whether it is quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quiet {
    /// KDE: a property of the server.
    Inhibited,
    /// Xfce: a setting in its configuration service.
    Xfconf,
    /// GNOME and its relatives: a setting of GSettings, and what it says when it is quiet.
    Setting { schema: &'static str, key: &'static str, when: bool },
    /// It does not say.
    Unknown,
}

const GNOME: Quiet = Quiet::Setting { schema: "org.gnome.desktop.notifications", key: "show-banners", when: false };
const CINNAMON: Quiet =
    Quiet::Setting { schema: "org.cinnamon.desktop.notifications", key: "display-notifications", when: false };
const MATE: Quiet = Quiet::Setting { schema: "org.mate.NotificationDaemon", key: "do-not-disturb", when: true };

const XFCONF: (&str, &str, &str) = ("org.xfce.Xfconf", "/org/xfce/Xfconf", "org.xfce.Xfconf");
const XFCE: (&str, &str) = ("xfce4-notifyd", "/do-not-disturb");

impl Quiet {
    /// For the server of this name. `inhibitions`: it says that it can be told to be quiet.
    pub(super) fn of(server: &str, inhibitions: bool) -> Self {
        match server.to_ascii_lowercase().as_str() {
            name if name.contains("xfce") => Self::Xfconf,
            "gnome-shell" => GNOME,
            "cinnamon" => CINNAMON,
            name if name.contains("mate") => MATE,
            _ if inhibitions => Self::Inhibited,
            _ => Self::Unknown,
        }
    }

    /// Whether it is quiet now. What cannot be read is not.
    pub(super) async fn now(self, server: &Proxy<'static>) -> bool {
        match self {
            Self::Inhibited => yes(server.get_property("Inhibited").await.ok()),
            Self::Xfconf => match xfconf(server).await {
                Some(xfconf) => yes(xfconf.call("GetProperty", &XFCE).await.ok()),
                None => false,
            },
            Self::Setting { schema, key, when } => {
                let read = tokio::task::spawn_blocking(move || setting(schema, key));
                read.await.ok().flatten() == Some(when)
            }
            Self::Unknown => false,
        }
    }

    /// Each time that it may have changed, where that is told.
    pub(super) async fn changes(self, server: &Proxy<'static>) -> Option<BoxStream<'static, ()>> {
        match self {
            Self::Inhibited => {
                let (name, path) = (server.destination().to_owned(), server.path().to_owned());
                let properties = "org.freedesktop.DBus.Properties";
                let proxy = Proxy::new(server.connection(), name, path, properties).await.ok()?;
                let changes = proxy.receive_signal("PropertiesChanged").await.ok()?;
                Some(changes.map(|_| ()).boxed())
            }
            Self::Xfconf => {
                let proxy = xfconf(server).await?;
                let (channel, property) = XFCE;
                let changes =
                    proxy.receive_signal_with_args("PropertyChanged", &[(0, channel), (1, property)]).await.ok()?;
                Some(changes.map(|_| ()).boxed())
            }
            Self::Setting { .. } | Self::Unknown => None,
        }
    }
}

async fn xfconf(server: &Proxy<'static>) -> Option<Proxy<'static>> {
    let (name, path, interface) = XFCONF;
    Proxy::new(server.connection(), name, path, interface).await.ok()
}

fn yes(value: Option<OwnedValue>) -> bool {
    value.is_some_and(|value| match &*value {
        Value::Bool(yes) => *yes,
        Value::Value(inner) => matches!(**inner, Value::Bool(true)),
        _ => false,
    })
}

/// A setting of the desktop; asking for one that does not exist would end the program.
fn setting(schema: &str, key: &str) -> Option<bool> {
    let found = gtk::gio::SettingsSchemaSource::default()?.lookup(schema, true)?;
    found.has_key(key).then(|| gtk::gio::Settings::new(schema).boolean(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_desktop_says_it_elsewhere() {
        let table = [
            ("Xfce Notify Daemon", false, Quiet::Xfconf),
            ("gnome-shell", false, GNOME),
            ("Plasma", true, Quiet::Inhibited),
            ("cinnamon", false, CINNAMON),
            ("MATE Notification Daemon", false, MATE),
            ("dunst", false, Quiet::Unknown),
        ];
        for (server, inhibitions, quiet) in table {
            assert_eq!(Quiet::of(server, inhibitions), quiet, "{server}");
        }
    }

    #[test]
    fn a_setting_that_does_not_exist_is_survived() {
        assert_eq!(setting("org.example.Nothing", "at-all"), None);
    }
}
