//! Where the main window stood, remembered over its end and over restarts: a small file beside the settings.
//!
//! tauri-plugin-window-state moves a window after it has been built, which is seen as a jump; leaves one where a single
//! corner of it is on a screen; and writes only at an orderly end. This window is built with its place instead.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use tauri::{AppHandle, Manager, WebviewWindow};

use super::MAIN;
use super::geometry::Rect;

/// Name of the file in Earshot's data folder.
const FILE: &str = "window.json";

/// A place, in logical pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    x: i32,
    y: i32,
    width: u32,
    height: u32,
    #[serde(default)]
    pub(super) maximised: bool,
}

impl Place {
    /// Where it stands when it is not maximised.
    pub(super) fn rect(&self) -> Rect {
        Rect { x: self.x, y: self.y, width: self.width, height: self.height }
    }
}

/// The place that was remembered. A file that is not there, or makes no sense, is none.
pub(super) fn remembered(app: &AppHandle) -> Option<Place> {
    let bytes = std::fs::read(file(app)?).ok()?;
    serde_json::from_slice(&bytes).inspect_err(|_| tracing::warn!("the window's place made no sense")).ok()
}

/// Remembers where the main window stands. A minimised one stands nowhere.
pub(crate) fn remember(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    match stands(&window) {
        Ok(None) => {}
        Ok(Some(place)) => save(app, place),
        Err(error) => tracing::warn!(%error, "where the window stands is not known"),
    }
}

fn stands(window: &WebviewWindow) -> tauri::Result<Option<Place>> {
    if window.is_minimized()? || !window.is_visible()? {
        return Ok(None);
    }
    if window.is_maximized()? {
        let before = remembered(window.app_handle());
        return Ok(before.map(|before| Place { maximised: true, ..before }));
    }
    let scale = window.scale_factor()?;
    let corner = window.outer_position()?.to_logical::<i32>(scale);
    let size = window.inner_size()?.to_logical::<u32>(scale);
    Ok(Some(Place { x: corner.x, y: corner.y, width: size.width, height: size.height, maximised: false }))
}

fn save(app: &AppHandle, place: Place) {
    let Some(file) = file(app) else { return };
    let written = serde_json::to_vec(&place).map_err(std::io::Error::from).and_then(|bytes| {
        if let Some(folder) = file.parent() {
            std::fs::create_dir_all(folder)?;
        }
        std::fs::write(&file, bytes)
    });
    if let Err(error) = written {
        tracing::warn!(%error, "the window's place could not be saved");
    }
}

fn file(app: &AppHandle) -> Option<PathBuf> {
    app.path().app_data_dir().ok().map(|folder| folder.join(FILE))
}
