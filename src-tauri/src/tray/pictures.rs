//! The icons' pictures, built into the program.

use tauri::image::Image;
use tauri::include_image;

use super::face::Icon;

/// The picture of an icon.
pub(super) fn image(icon: Icon) -> Image<'static> {
    match icon {
        Icon::Closed => include_image!("icons/tray/closed.png"),
        Icon::Connected => include_image!("icons/tray/connected.png"),
        Icon::OnQueue => include_image!("icons/tray/on-queue.png"),
        Icon::Offer => include_image!("icons/tray/offer.png"),
        Icon::Reconnecting => include_image!("icons/tray/reconnecting.png"),
        Icon::Offline => include_image!("icons/tray/offline.png"),
        Icon::Attention => include_image!("icons/tray/attention.png"),
    }
}
