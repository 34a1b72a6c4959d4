//! The tray's menu, as a description.

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
