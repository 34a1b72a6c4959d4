//! Tests of the plan.

use super::*;

fn key(name: &str) -> Key {
    Key::Offer(name.to_owned())
}

fn card(name: &str) -> Card {
    Card {
        key: key(name),
        summary: format!("Call from {name}"),
        lines: Vec::new(),
        trouble: None,
        decline: None,
        buttons: vec![Button::Answer, Button::Decline, Button::Dismiss],
        category: "call.incoming",
        leaves_no_trace: true,
    }
}

fn failed(name: &str) -> Card {
    Card { trouble: Some("It did not work.".to_owned()), ..card(name) }
}

fn wanted(cards: &[Card]) -> Input {
    Input::Wanted(cards.to_vec())
}

fn show(card: Card) -> Step {
    Step::Show(card)
}

/// A plan with `a` on the screen.
fn shown(now: Instant) -> Plan {
    let mut plan = Plan::default();
    assert_eq!(plan.step(wanted(&[card("a")]), now), [show(card("a"))]);
    plan
}

#[test]
fn one_for_each_offer_and_withdrawn_when_it_ends() {
    let now = Instant::now();
    let mut plan = shown(now);
    assert_eq!(plan.step(wanted(&[card("a")]), now), []);
    assert_eq!(plan.step(wanted(&[card("a"), card("b")]), now), [show(card("b"))]);
    assert_eq!(plan.step(wanted(&[card("b")]), now), [Step::Withdraw(key("a"))]);
    assert_eq!(plan.step(wanted(&[]), now), [Step::Withdraw(key("b"))]);
    assert_eq!((plan.step(Input::Tick, now), plan.deadline()), (vec![], None));
}

#[test]
fn words_that_change_replace_the_old_ones() {
    let now = Instant::now();
    let mut plan = shown(now);
    let named = Card { summary: "Call from Ana".to_owned(), ..card("a") };
    assert_eq!(plan.step(wanted(std::slice::from_ref(&named)), now), [show(named)]);
}

#[test]
fn a_press_acts_once_and_what_is_over_is_stale() {
    let now = Instant::now();
    let mut plan = shown(now);
    let press = || Input::Pressed(key("a"), Some(Button::Answer));
    assert_eq!(plan.step(press(), now), [Step::Act(key("a"), Button::Answer)]);
    // The answer is under way: nothing is wanted, and a server that left it on the screen is told.
    assert_eq!(plan.step(wanted(&[]), now), [Step::Withdraw(key("a"))]);
    assert_eq!(plan.step(press(), now), [Step::Stale]);
    assert_eq!(plan.step(Input::Pressed(key("never"), None), now), [Step::Stale]);
}

#[test]
fn a_button_that_the_offer_does_not_have_does_nothing() {
    let now = Instant::now();
    let mut plan = shown(now);
    assert_eq!(plan.step(Input::Pressed(key("a"), Some(Button::BackOnQueue)), now), [Step::Stale]);
    assert_eq!(plan.step(Input::Pressed(key("a"), None), now), [Step::Open]);
}

#[test]
fn what_a_person_closed_stays_closed() {
    let now = Instant::now();
    let mut plan = shown(now);
    assert_eq!(plan.step(Input::Closed(key("a")), now), []);
    let named = Card { summary: "Call from Ana".to_owned(), ..card("a") };
    assert_eq!(plan.step(wanted(&[named, card("b")]), now), [show(card("b"))]);
    // Nothing is left to withdraw of it.
    assert_eq!(plan.step(wanted(&[card("b")]), now), []);
}

#[test]
fn a_failure_is_shown_again_once() {
    let now = Instant::now();
    let mut plan = shown(now);
    plan.step(Input::Pressed(key("a"), Some(Button::Decline)), now);
    plan.step(Input::Closed(key("a")), now);
    assert_eq!(plan.step(wanted(&[failed("a")]), now), [show(failed("a"))]);
    plan.step(Input::Closed(key("a")), now);
    assert_eq!(plan.step(wanted(&[failed("a")]), now), []);
}

#[test]
fn what_could_not_be_shown_is_tried_again_while_it_waits() {
    let now = Instant::now();
    let mut plan = shown(now);
    assert_eq!(plan.step(Input::NotShown(key("a")), now), []);
    assert_eq!(plan.deadline(), Some(now + AGAIN));
    assert_eq!(plan.step(Input::Tick, now + AGAIN), [show(card("a"))]);
    plan.step(Input::NotShown(key("a")), now + AGAIN);
    assert_eq!(plan.step(wanted(&[]), now + AGAIN), [], "it was never there");
    assert_eq!(plan.deadline(), None);
}

#[test]
fn a_server_that_comes_back_shows_what_still_waits_once() {
    let now = Instant::now();
    let mut plan = Plan::default();
    plan.step(wanted(&[card("a"), card("b"), card("c")]), now);
    plan.step(Input::Closed(key("c")), now);
    assert_eq!(plan.step(Input::Gone, now), []);
    assert_eq!(plan.step(wanted(&[card("b"), card("c")]), now), [], "what went with the server is not withdrawn");
    assert_eq!(plan.step(Input::Back, now), [show(card("b"))]);
    assert_eq!(plan.step(Input::Back, now), [show(card("b"))], "another server in its place");
    assert_eq!(plan.step(Input::Gone, now), []);
    assert_eq!(plan.step(Input::Tick, now + RETURN), [show(card("b"))], "it may start when it is asked");
}
