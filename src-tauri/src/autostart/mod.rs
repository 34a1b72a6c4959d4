//! Whether Earshot starts, hidden, when its person logs in.
//!
//! On Linux this is the XDG autostart specification: a desktop entry in the person's folder stands above one of the same
//! name that a package brought for everybody. The official plugin writes such an entry and removes it. It cannot say *off
//! although the package says on*, it does not know XDG_CONFIG_HOME, and it does not quote a path with a blank in it. So the
//! entry is written here; elsewhere the plugin does it, which is not tested.

#[cfg(target_os = "linux")]
mod xdg;

use earshot_engine::snapshot::Trouble;

#[cfg(target_os = "linux")]
pub(crate) use xdg::Xdg;

use crate::trouble::trouble;

/// What Earshot is started with at login: in the tray, without a window in the way.
const ARGUMENT: &str = "--hidden";

/// The place where the desktop is told what to start.
pub(crate) trait Autostart: Send {
    /// Whether Earshot starts at login as things are.
    fn is_on(&self) -> bool;

    /// Starts it at login from now on, or no longer.
    fn set(&self, on: bool) -> Result<(), Trouble>;
}

fn not_written(why: &str, place: &str) -> Trouble {
    let message = format!("Starting Earshot at login could not be changed ({why}).");
    trouble("autostart.unwritten", message, Some(&format!("Check who may write to {place}.")), true)
}

/// The official plugin, where there is no XDG.
#[cfg(not(target_os = "linux"))]
pub(crate) struct Plugin(pub(crate) tauri::AppHandle);

#[cfg(not(target_os = "linux"))]
impl Plugin {
    /// To be registered before [`Plugin`] is used.
    pub(crate) fn plugin() -> tauri::plugin::TauriPlugin<tauri::Wry> {
        tauri_plugin_autostart::Builder::new().app_name("earshot").arg(ARGUMENT).build()
    }
}

#[cfg(not(target_os = "linux"))]
impl Autostart for Plugin {
    fn is_on(&self) -> bool {
        use tauri_plugin_autostart::ManagerExt;
        self.0.autolaunch().is_enabled().unwrap_or(false)
    }

    fn set(&self, on: bool) -> Result<(), Trouble> {
        use tauri_plugin_autostart::ManagerExt;
        let manager = self.0.autolaunch();
        let done = if on { manager.enable() } else { manager.disable() };
        done.map_err(|error| not_written(&error.to_string(), "the list of what starts at login"))
    }
}
