//! The icon on Windows and macOS: Tauri's own.

use std::collections::HashMap;

use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Wry};
use tokio::sync::mpsc::UnboundedSender;
use tokio::sync::oneshot;

use super::face::Face;
use super::menu::{Chosen, Entry, Item};
use super::pictures::image;
use super::touches::{Touch, touches};

pub(super) use tauri::Error;

/// The icon in the tray, the menu items that change, and what they show.
pub(super) struct Tray {
    app: AppHandle,
    icon: TrayIcon,
    items: Items,
    shown: Face,
}

impl Tray {
    /// Puts the icon into the tray. What is chosen from it is told.
    pub(super) async fn appear(app: &AppHandle, face: &Face, choices: UnboundedSender<Chosen>) -> Result<Self, Error> {
        let (tell, told) = oneshot::channel();
        let (handle, face) = (app.clone(), face.clone());
        // Menus belong to the main thread.
        app.run_on_main_thread(move || {
            let _ = tell.send(build(handle, face, choices));
        })?;
        told.await.unwrap_or(Err(Error::FailedToReceiveMessage))
    }

    /// Shows this from now on.
    #[expect(clippy::unused_async, reason = "elsewhere it waits for the panel")]
    pub(super) async fn show(&mut self, wanted: &Face) -> Result<(), Error> {
        for touch in touches(&self.shown, wanted) {
            match touch {
                Touch::Icon(icon) => self.icon.set_icon(Some(image(icon)))?,
                Touch::Tooltip(words) => self.icon.set_tooltip(Some(words))?,
                Touch::Enable(item, enabled) => self.items.enable(&item, enabled)?,
                Touch::Menu(entries) => {
                    let (menu, items) = menu(&self.app, &entries)?;
                    self.items = items;
                    self.icon.set_menu(Some(menu))?;
                }
            }
        }
        // All of them: an entry ticks itself when it is pressed, and the tick is to tell the truth.
        self.items.tick(&wanted.menu)?;
        self.shown = wanted.clone();
        Ok(())
    }
}

fn build(app: AppHandle, shown: Face, choices: UnboundedSender<Chosen>) -> tauri::Result<Tray> {
    let (menu, items) = menu(&app, &shown.menu)?;
    let clicks = choices.clone();
    let icon = TrayIconBuilder::with_id("earshot")
        .title("Earshot")
        .icon(image(shown.icon))
        .tooltip(&shown.tooltip)
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(move |_, event| {
            if let Some(chosen) = chosen(event.id().as_ref()) {
                let _ = choices.send(chosen);
            }
        })
        .on_tray_icon_event(move |_, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                let _ = clicks.send(Chosen::Show);
            }
        })
        .build(&app)?;
    Ok(Tray { app, icon, items, shown })
}

const PRESENCE: &str = "presence ";

/// The id of the entry that does this.
fn id(chosen: &Chosen) -> String {
    let id = match chosen {
        Chosen::BackOnQueue => "back-on-queue",
        Chosen::Show => "show",
        Chosen::Presence(id) => return format!("{PRESENCE}{id}"),
        Chosen::OnQueue => "on-queue",
        Chosen::Reconnect => "reconnect",
        Chosen::Practice => "practice",
        Chosen::EndPractice => "end-practice",
        Chosen::Settings => "settings",
        Chosen::Quit => "quit",
    };
    id.to_owned()
}

/// What the entry with this id does.
fn chosen(wanted: &str) -> Option<Chosen> {
    if let Some(presence) = wanted.strip_prefix(PRESENCE) {
        return Some(Chosen::Presence(presence.to_owned()));
    }
    let all = [
        Chosen::BackOnQueue,
        Chosen::Show,
        Chosen::OnQueue,
        Chosen::Reconnect,
        Chosen::Practice,
        Chosen::EndPractice,
        Chosen::Settings,
        Chosen::Quit,
    ];
    all.into_iter().find(|chosen| id(chosen) == wanted)
}

enum Built {
    Plain(MenuItem<Wry>),
    Check(CheckMenuItem<Wry>),
}

/// A menu's items, by what they do.
#[derive(Default)]
struct Items(HashMap<Chosen, Built>);

impl Items {
    fn enable(&self, item: &Chosen, enabled: bool) -> tauri::Result<()> {
        match self.0.get(item) {
            Some(Built::Plain(item)) => item.set_enabled(enabled),
            Some(Built::Check(item)) => item.set_enabled(enabled),
            None => Ok(()),
        }
    }

    fn tick(&self, menu: &[Entry]) -> tauri::Result<()> {
        menu.iter().try_for_each(|entry| match entry {
            Entry::Item(Item { does, ticked: Some(ticked), .. }) => match self.0.get(does) {
                Some(Built::Check(item)) => item.set_checked(*ticked),
                Some(Built::Plain(_)) | None => Ok(()),
            },
            Entry::Presences { entries, .. } => self.tick(entries),
            Entry::Item(_) | Entry::Line => Ok(()),
        })
    }
}

/// Makes the menu.
fn menu(app: &AppHandle, entries: &[Entry]) -> tauri::Result<(Menu<Wry>, Items)> {
    let mut items = Items::default();
    let menu = Menu::new(app)?;
    for entry in entries {
        menu.append(&*make(app, entry, &mut items)?)?;
    }
    Ok((menu, items))
}

fn make(app: &AppHandle, entry: &Entry, items: &mut Items) -> tauri::Result<Box<dyn IsMenuItem<Wry>>> {
    Ok(match entry {
        Entry::Line => Box::new(PredefinedMenuItem::separator(app)?),
        Entry::Presences { enabled, entries } => {
            let submenu = Submenu::new(app, "Presence", *enabled)?;
            for entry in entries {
                submenu.append(&*make(app, entry, items)?)?;
            }
            Box::new(submenu)
        }
        Entry::Item(Item { does, label, enabled, ticked }) => {
            // An ampersand would underline the letter after it.
            let label = label.replace('&', "&&");
            let id = id(does);
            if let Some(ticked) = *ticked {
                let item = CheckMenuItem::with_id(app, id, label, *enabled, ticked, None::<&str>)?;
                items.0.insert(does.clone(), Built::Check(item.clone()));
                Box::new(item)
            } else {
                let item = MenuItem::with_id(app, id, label, *enabled, None::<&str>)?;
                items.0.insert(does.clone(), Built::Plain(item.clone()));
                Box::new(item)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_is_found_again_by_its_id() {
        for each in [Chosen::BackOnQueue, Chosen::OnQueue, Chosen::EndPractice, Chosen::Presence("p 1".to_owned())] {
            assert_eq!(chosen(&id(&each)), Some(each));
        }
        assert_eq!(chosen("something else"), None);
    }
}
