//! The offers the agent did not take: the list, newest first, and the words for each.

use std::sync::Arc;

use super::leg::Leg;
use super::limits::MISSED_KEPT;
use crate::snapshot::{Medium, Millis, MissedView, OfferEnd};

/// The list.
#[derive(Debug, Default)]
pub(super) struct Missed {
    /// Shared with the snapshots, of which there are many for each change of it.
    list: Arc<Vec<MissedView>>,
    unseen: u64,
}

impl Missed {
    /// Takes a line in; `None` where it is there already.
    pub(super) fn add(&mut self, line: MissedView) -> Option<MissedView> {
        if self.list.iter().any(|known| known.id == line.id) {
            return None;
        }
        let at = self.list.iter().take_while(|known| known.at > line.at).count();
        let list = Arc::make_mut(&mut self.list);
        list.insert(at, line.clone());
        list.truncate(MISSED_KEPT);
        Some(line)
    }

    /// Something was offered of which nobody can say more.
    pub(super) fn add_unseen(&mut self, at: Millis, why: &str) -> Option<MissedView> {
        self.unseen += 1;
        self.add(MissedView {
            id: format!("unseen-{}", self.unseen),
            conversation: None,
            medium: None,
            caller: None,
            queue: None,
            at,
            end: OfferEnd::WhileDeaf,
            reason: format!(
                "Something was offered while Earshot was reconnecting; details unavailable. {}.",
                bare(why)
            ),
        })
    }

    pub(super) fn forget(&mut self, id: &str) {
        Arc::make_mut(&mut self.list).retain(|line| line.id != id);
    }

    pub(super) fn view(&self) -> Arc<Vec<MissedView>> {
        Arc::clone(&self.list)
    }
}

/// The circumstances in which an offer was missed.
#[derive(Debug, Clone, Copy)]
pub(super) enum Heard<'a> {
    /// It rang, and Earshot heard it end.
    InTime,
    /// It rang, and ended while Earshot could not hear.
    EndUnheard(&'a str),
    /// It came and went while Earshot could not hear.
    Unheard(&'a str),
    /// Earshot could hear, and was told when all was over.
    TooLate,
}

/// Why it was missed, in words.
pub(super) fn reason(leg: &Leg, end: OfferEnd, rang: Option<Millis>, heard: Heard<'_>) -> String {
    match heard {
        Heard::Unheard(why) => format!("Arrived while Earshot was reconnecting. {}.", bare(why)),
        Heard::EndUnheard(why) => {
            format!("{}, while Earshot was reconnecting. {}.", what_happened(leg, end, rang), bare(why))
        }
        Heard::TooLate => format!("{}, before Earshot heard of it", what_happened(leg, end, rang)),
        Heard::InTime => what_happened(leg, end, rang),
    }
}

fn what_happened(leg: &Leg, end: OfferEnd, rang: Option<Millis>) -> String {
    let after = rang.map(|rang| format!(" after {}", span(rang))).unwrap_or_default();
    match end {
        OfferEnd::TimedOut => match rang {
            Some(rang) => format!("Rang {}, not answered", span(rang)),
            None => "Rang, not answered".into(),
        },
        OfferEnd::CallerLeft => match leg.medium {
            Medium::Call | Medium::Callback | Medium::Video => format!("The caller hung up{after}"),
            _ => format!("The customer left{after}"),
        },
        _ => format!("Genesys Cloud took it back{after}"),
    }
}

/// A sentence without its stop.
fn bare(why: &str) -> &str {
    why.trim().trim_end_matches('.')
}

/// "20 s", "1 min 5 s".
fn span(millis: Millis) -> String {
    let seconds = (millis + 500) / 1_000;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}
