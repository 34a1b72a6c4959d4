//! What a notification says: which there should be for a view, in which words, with which buttons. Pure.

use earshot_engine::desk::io::Command;
use earshot_engine::snapshot::{ActionView, Medium, OfferView, Trouble};

use super::text::plain;
use crate::ipc::AppView;
use crate::owner::Ask;

/// What a notification is about. There is one for each.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// An offer, by its leg.
    Offer(String),
    NotResponding,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Button {
    Answer,
    Decline,
    Dismiss,
    BackOnQueue,
}

impl Button {
    const ALL: [Self; 4] = [Self::Answer, Self::Decline, Self::Dismiss, Self::BackOnQueue];

    /// Its name between Earshot and the notification server.
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Decline => "decline",
            Self::Dismiss => "dismiss",
            Self::BackOnQueue => "back-on-queue",
        }
    }

    /// As the page calls it.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Answer => "Answer",
            Self::Decline => "Decline",
            Self::Dismiss => "Dismiss",
            Self::BackOnQueue => "Back on queue",
        }
    }

    pub(super) fn of(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|button| button.id() == id)
    }
}

/// One notification, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Card {
    pub(super) key: Key,
    /// Plain text.
    pub(super) summary: String,
    /// Plain text, line by line.
    pub(super) lines: Vec<String>,
    /// What did not work; a card with a new one is worth showing again.
    pub(super) trouble: Option<String>,
    /// What Decline does.
    pub(super) decline: Option<String>,
    pub(super) buttons: Vec<Button>,
    /// In the words of the freedesktop.org specification.
    pub(super) category: &'static str,
    /// It names a customer: nothing of it is to stay in the server's history.
    pub(super) leaves_no_trace: bool,
}

impl Card {
    /// The body, for a server with buttons or without.
    pub(super) fn body(&self, with_buttons: bool) -> String {
        let decline = self.decline.clone().filter(|_| with_buttons);
        let elsewhere = (!with_buttons).then(|| "Use Earshot's pop-up or window.".to_owned());
        let parts = self.trouble.iter().chain(&self.lines).chain(&decline).chain(&elsewhere);
        parts.cloned().collect::<Vec<_>>().join("\n")
    }
}

/// What a press of this button asks for.
pub(super) fn asks(key: &Key, button: Button) -> Option<Ask> {
    Some(match (key, button) {
        (Key::Offer(leg), Button::Answer) => Ask::Desk(Command::Answer { leg: leg.clone() }),
        (Key::Offer(leg), Button::Decline) => Ask::Desk(Command::Decline { leg: leg.clone() }),
        (Key::Offer(leg), Button::Dismiss) => Ask::Desk(Command::Dismiss { leg: leg.clone() }),
        (Key::NotResponding, Button::BackOnQueue) => Ask::Desk(Command::BackOnQueue),
        (Key::NotResponding, Button::Dismiss) => Ask::HideNotResponding,
        _ => return None,
    })
}

/// The notifications there should be, oldest first.
pub(super) fn cards(view: &AppView) -> Vec<Card> {
    let offers = view.snapshot.iter().flat_map(|snapshot| &snapshot.offers);
    let mut cards: Vec<Card> =
        offers.filter(|offer| waits(offer)).map(|offer| of_offer(offer, view.practice)).collect();
    if view.not_responding.is_some_and(|not_responding| !not_responding.hidden) {
        cards.extend(not_responding(view));
    }
    cards
}

/// Not while something that was pressed is under way; again if that failed.
fn waits(offer: &OfferView) -> bool {
    let acted = offer.answer == ActionView::Pending || offer.decline == ActionView::Pending;
    !offer.dismissed && !acted
}

fn of_offer(offer: &OfferView, practice: bool) -> Card {
    let caller = Some(plain(&offer.caller, 80)).filter(|name| !name.is_empty());
    let (word, category) = medium(offer);
    let link = if offer.medium == Medium::Callback { "for" } else { "from" };
    let from = if offer.direct { Some("For you directly".to_owned()) } else { cut(offer.queue.as_deref(), 60) };
    let place = [from, cut(offer.address.as_deref(), 60)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    let mut lines = Vec::new();
    lines.extend(practice.then(|| "Practice: no real customer.".to_owned()));
    lines.extend(Some(place).filter(|place| !place.is_empty()));
    lines.extend(cut(offer.subject.as_deref(), 120));
    lines.extend(offer.auto_answer.then(|| "Answers by itself.".to_owned()));
    let mut buttons = vec![Button::Answer, Button::Decline, Button::Dismiss];
    buttons.retain(|button| *button != Button::Answer || !offer.auto_answer);
    Card {
        key: Key::Offer(offer.leg.clone()),
        summary: format!("{word} {link} {}", caller.unwrap_or_else(|| "Unknown caller".to_owned())),
        lines,
        trouble: failure(&offer.answer).or_else(|| failure(&offer.decline)),
        decline: Some(format!("Decline: {}", offer.decline_means)).filter(|_| !offer.decline_means.is_empty()),
        buttons,
        category,
        leaves_no_trace: true,
    }
}

fn not_responding(view: &AppView) -> Option<Card> {
    let agent = view.snapshot.as_ref()?.agent.as_ref()?;
    Some(Card {
        key: Key::NotResponding,
        summary: "You are Not Responding".to_owned(),
        lines: vec!["No conversation reaches you until you go back on queue.".to_owned()],
        trouble: failure(&agent.presence_change),
        decline: None,
        buttons: vec![Button::BackOnQueue, Button::Dismiss],
        category: "presence",
        leaves_no_trace: false,
    })
}

fn failure(action: &ActionView) -> Option<String> {
    let ActionView::Failed { trouble: Trouble { message, cure, .. } } = action else { return None };
    let words = cure.as_ref().map_or_else(|| message.clone(), |cure| format!("{message} {cure}"));
    Some(plain(&words, 240))
}

fn cut(text: Option<&str>, most: usize) -> Option<String> {
    text.map(|text| plain(text, most)).filter(|text| !text.is_empty())
}

/// What kind of conversation this is, in words and as a category.
fn medium(offer: &OfferView) -> (String, &'static str) {
    let (word, category) = match offer.medium {
        Medium::Call => ("Call", "call.incoming"),
        Medium::Callback => ("Callback", "call.incoming"),
        Medium::Video => ("Video", "call.incoming"),
        Medium::Email => ("Email", "email.arrived"),
        Medium::Chat => ("Chat", "im.received"),
        Medium::Message => return (message(offer.message_type.as_deref()), "im.received"),
        Medium::Screenshare => ("Screen share", "im.received"),
        Medium::Cobrowse => ("Co-browse", "im.received"),
        Medium::Social => ("Social", "im.received"),
        Medium::Other => ("Conversation", "im.received"),
    };
    (word.to_owned(), category)
}

fn message(kind: Option<&str>) -> String {
    let word = match kind.map(str::to_ascii_lowercase).as_deref() {
        Some("whatsapp") => "WhatsApp",
        Some("sms") => "SMS",
        Some("webmessaging") => "Web message",
        Some("facebook") => "Facebook message",
        Some("instagram") => "Instagram message",
        Some("twitter") => "Message on X",
        Some("line") => "LINE message",
        Some("apple") => "Apple message",
        _ => "Message",
    };
    word.to_owned()
}

#[cfg(test)]
#[path = "card_tests.rs"]
mod tests;
