//! Tests of the words and buttons.
#![allow(clippy::expect_used)]

use super::*;
use crate::ipc::NotRespondingView;
use crate::testing::{offer, routing, view_with};
use crate::trouble::trouble;

fn card(offer: OfferView) -> Card {
    cards(&view_with(vec![offer])).pop().expect("a card")
}

fn failed(words: &str) -> ActionView {
    ActionView::Failed { trouble: trouble("x", words, Some("Try again."), true) }
}

#[test]
fn an_offer_says_who_from_where_and_what_decline_does() {
    let call = OfferView {
        address: Some("+49 30 1234567".to_owned()),
        decline_means: "Sends it back to the queue. You become Not Responding.".to_owned(),
        ..offer("a")
    };
    let card = card(call);
    assert_eq!((card.key.clone(), card.summary.as_str()), (Key::Offer("a".to_owned()), "Call from Maria Keller"));
    assert_eq!(
        card.body(true),
        "Billing · +49 30 1234567\nDecline: Sends it back to the queue. You become Not Responding."
    );
    assert_eq!(card.body(false), "Billing · +49 30 1234567\nUse Earshot's pop-up or window.");
    assert_eq!(card.buttons, [Button::Answer, Button::Decline, Button::Dismiss]);
    assert_eq!((card.category, card.leaves_no_trace), ("call.incoming", true));
}

#[test]
fn each_medium_has_its_words_and_category() {
    let table = [
        (Medium::Callback, None, "Callback for Maria Keller", "call.incoming"),
        (Medium::Email, None, "Email from Maria Keller", "email.arrived"),
        (Medium::Message, Some("whatsapp"), "WhatsApp from Maria Keller", "im.received"),
        (Medium::Message, Some("<b>"), "Message from Maria Keller", "im.received"),
        (Medium::Other, None, "Conversation from Maria Keller", "im.received"),
    ];
    for (medium, message_type, summary, category) in table {
        let card = card(OfferView { medium, message_type: message_type.map(str::to_owned), ..offer("a") });
        assert_eq!((card.summary.as_str(), card.category), (summary, category));
    }
}

#[test]
fn the_buttons_are_those_of_the_pop_up() {
    let automatic = card(OfferView { auto_answer: true, ..offer("a") });
    assert_eq!(automatic.buttons, [Button::Decline, Button::Dismiss]);
    assert!(automatic.body(true).contains("Answers by itself."));
    let direct = card(OfferView { direct: true, ..offer("a") });
    assert!(direct.body(true).starts_with("For you directly"));
}

#[test]
fn strangers_words_are_cut_and_nobody_is_unknown() {
    let card = card(OfferView {
        caller: "\u{202e}\n".to_owned(),
        subject: Some("x".repeat(5_000)),
        queue: Some("Bil\u{0}ling\nline two".to_owned()),
        ..offer("a")
    });
    assert_eq!(card.summary, "Call from Unknown caller");
    assert_eq!(card.lines[0], "Billing line two");
    assert_eq!(card.lines[1].chars().count(), 120);
}

#[test]
fn what_waits_for_the_agent_is_shown_and_again_after_a_failure() {
    let shown = |offer| cards(&view_with(vec![offer])).len();
    assert_eq!(shown(OfferView { dismissed: true, ..offer("a") }), 0);
    assert_eq!(shown(OfferView { answer: ActionView::Pending, ..offer("a") }), 0);
    assert_eq!(shown(OfferView { decline: ActionView::Pending, ..offer("a") }), 0);
    let again = card(OfferView { answer: failed("It did not work."), ..offer("a") });
    assert!(again.body(true).starts_with("It did not work. Try again.\nBilling"), "{}", again.body(true));
    let mut practice = view_with(vec![offer("a")]);
    practice.practice = true;
    assert!(cards(&practice)[0].body(true).starts_with("Practice"));
}

#[test]
fn not_responding_has_a_notification_until_it_is_over_or_hidden() {
    let mut view = view_with(vec![]);
    view.snapshot = Some(routing("NOT_RESPONDING", Some(1)));
    assert_eq!(cards(&view), []);
    view.not_responding = Some(NotRespondingView { since: Some(1), hidden: false });
    let card = cards(&view).pop().expect("a card");
    assert_eq!((card.key, card.summary.as_str()), (Key::NotResponding, "You are Not Responding"));
    assert_eq!(card.buttons, [Button::BackOnQueue, Button::Dismiss]);
    view.not_responding = Some(NotRespondingView { since: Some(1), hidden: true });
    assert_eq!(cards(&view), []);
}

#[test]
fn each_button_asks_what_the_page_would_ask() {
    let offer = Key::Offer("a".to_owned());
    let leg = || "a".to_owned();
    let asked = |key: &Key, button| format!("{:?}", asks(key, button));
    let wanted = |ask| format!("{:?}", Some(ask));
    assert_eq!(asked(&offer, Button::Answer), wanted(Ask::Desk(Command::Answer { leg: leg() })));
    assert_eq!(asked(&offer, Button::Decline), wanted(Ask::Desk(Command::Decline { leg: leg() })));
    assert_eq!(asked(&offer, Button::Dismiss), wanted(Ask::Desk(Command::Dismiss { leg: leg() })));
    assert_eq!(asked(&Key::NotResponding, Button::BackOnQueue), wanted(Ask::Desk(Command::BackOnQueue)));
    assert_eq!(asked(&Key::NotResponding, Button::Dismiss), wanted(Ask::HideNotResponding));
    assert!(asks(&offer, Button::BackOnQueue).is_none());
    assert!(Button::ALL.into_iter().all(|button| Button::of(button.id()) == Some(button)));
}
