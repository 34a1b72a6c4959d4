//! The icon on Linux: a StatusNotifierItem with its menu, served by `ksni`. Not Tauri's own tray: of the menu entries that
//! are ticked, it counts owners in two threads without a lock (muda 0.20 to 0.21, `snapshot.rs`), and on a busy computer
//! that ended the whole program now and then.

use ksni::menu::{CheckmarkItem, MenuItem, StandardItem, SubMenu};
use ksni::{Category, Handle, ToolTip, TrayMethods};
use tauri::AppHandle;
use tokio::sync::mpsc::UnboundedSender;

use super::face::Face;
use super::menu::{Chosen, Entry, Item};
use super::pictures::image;

/// Why the icon is not in the tray, or not as it should be.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    /// No session bus, or nothing on it that shows tray icons.
    #[error(transparent)]
    Missing(#[from] ksni::Error),
    /// What serves the icon has ended.
    #[error("the icon's own service has ended")]
    Ended,
}

/// The icon in the tray.
pub(super) struct Tray(Handle<Shown>);

impl Tray {
    /// Puts the icon into the tray, if there is one. What is chosen from it is told.
    pub(super) async fn appear(_: &AppHandle, face: &Face, choices: UnboundedSender<Chosen>) -> Result<Self, Error> {
        Ok(Self(Shown { face: face.clone(), choices }.spawn().await?))
    }

    /// Shows this from now on. Panels are told of what is different.
    pub(super) async fn show(&mut self, wanted: &Face) -> Result<(), Error> {
        let face = wanted.clone();
        self.0.update(|shown| shown.face = face).await.ok_or(Error::Ended)
    }
}

/// What the panel asks about.
struct Shown {
    face: Face,
    choices: UnboundedSender<Chosen>,
}

impl Shown {
    fn choose(&self, chosen: Chosen) {
        // Nobody listens when Earshot ends.
        let _ = self.choices.send(chosen);
    }
}

impl ksni::Tray for Shown {
    fn id(&self) -> String {
        "earshot".to_owned()
    }

    fn category(&self) -> Category {
        Category::Communications
    }

    fn title(&self) -> String {
        "Earshot".to_owned()
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        vec![pixmap(&self.face)]
    }

    fn tool_tip(&self) -> ToolTip {
        let (title, description) = (self.title(), self.face.tooltip.clone());
        ToolTip { title, description, icon_pixmap: self.icon_pixmap(), ..ToolTip::default() }
    }

    fn activate(&mut self, _: i32, _: i32) {
        self.choose(Chosen::Show);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        entries(&self.face.menu)
    }
}

fn pixmap(face: &Face) -> ksni::Icon {
    let image = image(face.icon);
    let size = |length: u32| i32::try_from(length).unwrap_or_default();
    // Alpha comes first here.
    let data = image.rgba().chunks_exact(4).flat_map(|pixel| [pixel[3], pixel[0], pixel[1], pixel[2]]).collect();
    ksni::Icon { width: size(image.width()), height: size(image.height()), data }
}

fn entries(menu: &[Entry]) -> Vec<MenuItem<Shown>> {
    let made = menu.iter().map(|entry| match entry {
        Entry::Line => MenuItem::Separator,
        Entry::Presences { enabled, entries: presences } => {
            let (label, submenu) = ("Presence".to_owned(), entries(presences));
            SubMenu { label, enabled: *enabled, submenu, ..SubMenu::default() }.into()
        }
        Entry::Item(Item { does, label, enabled, ticked }) => {
            // A single underscore would underline the letter after it.
            let (label, enabled, does) = (label.replace('_', "__"), *enabled, does.clone());
            let activate = Box::new(move |shown: &mut Shown| shown.choose(does.clone()));
            match *ticked {
                Some(checked) => CheckmarkItem { label, enabled, checked, activate, ..CheckmarkItem::default() }.into(),
                None => StandardItem { label, enabled, activate, ..StandardItem::default() }.into(),
            }
        }
    });
    made.collect()
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::tray::face::Icon;

    fn shown(menu: Vec<Entry>) -> (Shown, tokio::sync::mpsc::UnboundedReceiver<Chosen>) {
        let (choices, chosen) = unbounded_channel();
        (Shown { face: Face { icon: Icon::Offer, tooltip: "Earshot: Connected".to_owned(), menu }, choices }, chosen)
    }

    #[test]
    fn the_menu_is_the_one_described_and_each_entry_chooses_what_it_says() {
        let meal = Entry::ticked(Chosen::Presence("p-2".to_owned()), "Meal_break", true, true);
        let menu = vec![
            Entry::item(Chosen::Quit, "Quit Earshot", true),
            Entry::Line,
            Entry::Presences { enabled: true, entries: vec![meal] },
        ];
        let (mut shown, mut chosen) = shown(menu);
        let made = ksni::Tray::menu(&shown);
        let [MenuItem::Standard(quit), MenuItem::Separator, MenuItem::SubMenu(presences)] = &made[..] else {
            panic!("{made:?}");
        };
        let [MenuItem::Checkmark(meal)] = &presences.submenu[..] else { panic!("{presences:?}") };
        assert_eq!((quit.label.as_str(), quit.enabled), ("Quit Earshot", true));
        assert_eq!((meal.label.as_str(), meal.enabled, meal.checked), ("Meal__break", true, true));
        (quit.activate)(&mut shown);
        (meal.activate)(&mut shown);
        ksni::Tray::activate(&mut shown, 0, 0);
        let all = [Chosen::Quit, Chosen::Presence("p-2".to_owned()), Chosen::Show];
        for each in all {
            assert_eq!(chosen.try_recv().ok(), Some(each));
        }
    }

    #[test]
    fn the_picture_has_its_colours_in_the_order_of_the_bus() {
        let picture = pixmap(&shown(vec![]).0.face);
        let image = image(Icon::Offer);
        assert_eq!((picture.width, picture.height), (64, 64));
        assert_eq!(picture.data.len(), 64 * 64 * 4);
        let seen = image.rgba().chunks_exact(4).position(|pixel| pixel[3] == 255).expect("a picture");
        let (ours, theirs) = (&image.rgba()[seen * 4..][..4], &picture.data[seen * 4..][..4]);
        assert_eq!(theirs, [255, ours[0], ours[1], ours[2]]);
    }
}
