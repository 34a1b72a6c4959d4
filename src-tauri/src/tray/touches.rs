//! What has to be touched to get the tray from one face to the next, which is nothing where nothing has changed. For systems
//! whose tray is made of things that are changed one by one; a menu that is put up anew would close under the pointer.

use super::face::{Face, Icon};
use super::menu::{Chosen, Entry};

/// One touch of the tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Touch {
    Icon(Icon),
    Tooltip(String),
    /// The whole menu: there are other entries in it.
    Menu(Vec<Entry>),
    Enable(Chosen, bool),
}

/// What has to be touched.
pub(super) fn touches(before: &Face, wanted: &Face) -> Vec<Touch> {
    let mut touches = Vec::new();
    if before.icon != wanted.icon {
        touches.push(Touch::Icon(wanted.icon));
    }
    if before.tooltip != wanted.tooltip {
        touches.push(Touch::Tooltip(wanted.tooltip.clone()));
    }
    let mut small = Vec::new();
    if entries(&before.menu, &wanted.menu, &mut small) {
        touches.append(&mut small);
    } else {
        touches.push(Touch::Menu(wanted.menu.clone()));
    }
    touches
}

/// What has to be touched within these entries; false: there are other entries.
fn entries(before: &[Entry], wanted: &[Entry], touches: &mut Vec<Touch>) -> bool {
    before.len() == wanted.len() && before.iter().zip(wanted).all(|(before, wanted)| entry(before, wanted, touches))
}

/// What has to be touched within an entry; false: it is another entry. Ticks are put right whenever anything is.
fn entry(before: &Entry, wanted: &Entry, touches: &mut Vec<Touch>) -> bool {
    match (before, wanted) {
        (Entry::Line, Entry::Line) => true,
        (Entry::Item(was), Entry::Item(item)) => {
            if was.enabled != item.enabled {
                touches.push(Touch::Enable(item.does.clone(), item.enabled));
            }
            was.does == item.does && was.label == item.label && was.ticked.is_some() == item.ticked.is_some()
        }
        (Entry::Presences { enabled: was, entries: before }, Entry::Presences { enabled, entries: wanted }) => {
            was == enabled && entries(before, wanted, touches)
        }
        _ => false,
    }
}
