//! The tray's menu: as a description, and as Tauri's items made from it.

use std::collections::HashMap;

use tauri::menu::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};
use tauri::{AppHandle, Wry};

/// What an entry does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Chosen {
    BackOnQueue,
    Show,
    /// A presence, by its definition id.
    Presence(String),
    OnQueue,
    Reconnect,
    Practice,
    EndPractice,
    Settings,
    Quit,
}

const PRESENCE: &str = "presence ";

impl Chosen {
    fn id(&self) -> String {
        match self {
            Self::BackOnQueue => "back-on-queue".to_owned(),
            Self::Show => "show".to_owned(),
            Self::Presence(id) => format!("{PRESENCE}{id}"),
            Self::OnQueue => "on-queue".to_owned(),
            Self::Reconnect => "reconnect".to_owned(),
            Self::Practice => "practice".to_owned(),
            Self::EndPractice => "end-practice".to_owned(),
            Self::Settings => "settings".to_owned(),
            Self::Quit => "quit".to_owned(),
        }
    }

    /// What the entry with this id does.
    pub(super) fn of(id: &str) -> Option<Self> {
        if let Some(presence) = id.strip_prefix(PRESENCE) {
            return Some(Self::Presence(presence.to_owned()));
        }
        let all = [
            Self::BackOnQueue,
            Self::Show,
            Self::OnQueue,
            Self::Reconnect,
            Self::Practice,
            Self::EndPractice,
            Self::Settings,
            Self::Quit,
        ];
        all.into_iter().find(|chosen| chosen.id() == id)
    }
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    Item(Item),
    Line,
    /// The presences to choose from, in a menu of their own.
    Presences {
        enabled: bool,
        entries: Vec<Entry>,
    },
}

/// An entry that does something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub(super) does: Chosen,
    pub(super) label: String,
    pub(super) enabled: bool,
    /// Whether it is ticked; none for an entry that never is.
    pub(super) ticked: Option<bool>,
}

impl Entry {
    pub(super) fn item(does: Chosen, label: &str, enabled: bool) -> Self {
        Self::Item(Item { does, label: label.to_owned(), enabled, ticked: None })
    }

    pub(super) fn ticked(does: Chosen, label: &str, enabled: bool, ticked: bool) -> Self {
        Self::Item(Item { does, label: label.to_owned(), enabled, ticked: Some(ticked) })
    }
}

enum Built {
    Plain(MenuItem<Wry>),
    Check(CheckMenuItem<Wry>),
}

/// A menu's items, by what they do.
#[derive(Default)]
pub(super) struct Items(HashMap<Chosen, Built>);

impl Items {
    pub(super) fn enable(&self, item: &Chosen, enabled: bool) -> tauri::Result<()> {
        match self.0.get(item) {
            Some(Built::Plain(item)) => item.set_enabled(enabled),
            Some(Built::Check(item)) => item.set_enabled(enabled),
            None => Ok(()),
        }
    }

    pub(super) fn tick(&self, item: &Chosen, ticked: bool) -> tauri::Result<()> {
        match self.0.get(item) {
            Some(Built::Check(item)) => item.set_checked(ticked),
            Some(Built::Plain(_)) | None => Ok(()),
        }
    }
}

/// Makes the menu.
pub(super) fn build(app: &AppHandle, entries: &[Entry]) -> tauri::Result<(Menu<Wry>, Items)> {
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
            let id = does.id();
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
        for chosen in [Chosen::BackOnQueue, Chosen::OnQueue, Chosen::EndPractice, Chosen::Presence("p 1".to_owned())] {
            assert_eq!(Chosen::of(&chosen.id()), Some(chosen));
        }
        assert_eq!(Chosen::of("something else"), None);
    }
}
