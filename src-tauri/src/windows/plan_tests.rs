//! Tests of the plan.

use super::*;
use crate::ipc::NotRespondingView;
use crate::testing::{offer, view_with};

const OFFER: Input = Input::View { offers: true, on_queue: true };
const QUIET: Input = Input::View { offers: false, on_queue: true };
const OFF_QUEUE: Input = Input::View { offers: false, on_queue: false };
const OFFER_OFF_QUEUE: Input = Input::View { offers: true, on_queue: false };

fn ms(span: u64) -> Duration {
    Duration::from_millis(span)
}

/// On queue, with the pop-up built and warm.
fn warm(now: Instant) -> Plan {
    let mut plan = Plan::new(200);
    assert_eq!(plan.step(QUIET, now), [Step::BuildPopup]);
    plan
}

#[test]
fn nothing_exists_off_queue() {
    let mut plan = Plan::new(200);
    assert_eq!(plan.step(OFF_QUEUE, Instant::now()), []);
    assert_eq!(plan.deadline(), None);
}

#[test]
fn a_warm_pop_up_is_shown_as_soon_as_it_is_laid_out() {
    let now = Instant::now();
    let mut plan = warm(now);
    let later = now + ms(5000);
    assert_eq!(plan.step(OFFER, later), []);
    assert_eq!(plan.step(Input::PopupHeight(240), later + ms(12)), [Step::ShowPopup { height: 240 }]);
    assert_eq!(plan.step(QUIET, later + ms(900)), [Step::HidePopup]);
    assert_eq!(plan.step(OFFER, later + ms(1000)), []);
}

#[test]
fn a_page_that_says_nothing_is_shown_all_the_same() {
    let now = Instant::now();
    let mut plan = warm(now);
    let later = now + ms(5000);
    plan.step(OFFER, later);
    assert_eq!(plan.deadline(), Some(later + LAYOUT));
    assert_eq!(plan.step(Input::Tick, later + ms(79)), []);
    assert_eq!(plan.step(Input::Tick, later + ms(80)), [Step::ShowPopup { height: 200 }]);
}

#[test]
fn a_pop_up_built_on_demand_gets_time_for_its_first_layout() {
    let now = Instant::now();
    let mut plan = Plan::new(200);
    assert_eq!(plan.step(OFFER_OFF_QUEUE, now), [Step::BuildPopup]);
    assert_eq!(plan.step(Input::Tick, now + ms(500)), []);
    assert_eq!(plan.step(Input::PopupHeight(180), now + ms(600)), [Step::ShowPopup { height: 180 }]);
}

#[test]
fn an_offer_that_ends_before_it_is_laid_out_is_not_shown() {
    let now = Instant::now();
    let mut plan = warm(now);
    plan.step(OFFER, now + ms(5000));
    assert_eq!(plan.step(QUIET, now + ms(5020)), []);
    assert_eq!(plan.step(Input::PopupHeight(240), now + ms(5030)), []);
    assert_eq!(plan.step(Input::Tick, now + ms(6000)), []);
}

#[test]
fn a_shown_pop_up_follows_its_page() {
    let now = Instant::now();
    let mut plan = warm(now);
    plan.step(OFFER, now + ms(5000));
    plan.step(Input::PopupHeight(240), now + ms(5010));
    assert_eq!(plan.step(Input::PopupHeight(240), now + ms(5020)), []);
    assert_eq!(plan.step(Input::PopupHeight(420), now + ms(5030)), [Step::ResizePopup { height: 420 }]);
}

#[test]
fn the_view_goes_only_after_a_while_off_queue() {
    let now = Instant::now();
    let mut plan = warm(now);
    assert_eq!(plan.step(OFF_QUEUE, now + ms(1000)), []);
    assert_eq!(plan.deadline(), Some(now + ms(1000) + LINGER));
    assert_eq!(plan.step(QUIET, now + ms(20_000)), []);
    assert_eq!(plan.step(OFF_QUEUE, now + ms(40_000)), []);
    assert_eq!(plan.step(Input::Tick, now + ms(69_999)), []);
    assert_eq!(plan.step(Input::Tick, now + ms(70_000)), [Step::DestroyPopup]);
    assert_eq!(plan.step(OFFER_OFF_QUEUE, now + ms(70_001)), [Step::BuildPopup]);
}

#[test]
fn a_pop_up_that_was_destroyed_is_built_again_if_it_is_needed() {
    let now = Instant::now();
    let mut plan = warm(now);
    plan.step(OFFER, now + ms(5000));
    plan.step(Input::PopupHeight(240), now + ms(5010));
    assert_eq!(plan.step(Input::PopupGone, now + ms(5020)), [Step::BuildPopup]);
    assert_eq!(plan.step(Input::PopupHeight(240), now + ms(5300)), [Step::ShowPopup { height: 240 }]);
}

#[test]
fn closing_hides_and_later_destroys_the_main_window() {
    let now = Instant::now();
    let mut plan = Plan::new(200);
    plan.step(Input::Tray(true), now);
    assert_eq!(plan.step(Input::OpenMain, now), [Step::ShowMain]);
    assert_eq!(plan.step(Input::CloseMain, now), [Step::HideMain]);
    assert_eq!(plan.step(Input::Tick, now + ms(29_999)), []);
    assert_eq!(plan.step(Input::Tick, now + ms(30_000)), [Step::DestroyMain]);
    assert_eq!(plan.step(Input::OpenMain, now + ms(40_000)), [Step::ShowMain]);
}

#[test]
fn a_window_opened_again_in_time_is_kept() {
    let now = Instant::now();
    let mut plan = Plan::new(200);
    plan.step(Input::Tray(true), now);
    plan.step(Input::OpenMain, now);
    plan.step(Input::CloseMain, now);
    plan.step(Input::OpenMain, now + ms(10_000));
    assert_eq!(plan.step(Input::Tick, now + ms(90_000)), []);
}

#[test]
fn without_a_tray_a_closed_window_stays_within_reach() {
    let now = Instant::now();
    let mut plan = Plan::new(200);
    plan.step(Input::OpenMain, now);
    assert_eq!(plan.step(Input::CloseMain, now), [Step::MinimiseMain]);
    assert_eq!(plan.step(Input::Tick, now + ms(90_000)), []);
}

#[test]
fn without_a_tray_a_hidden_start_ends_in_the_task_bar() {
    let now = Instant::now();
    let mut plan = Plan::new(200);
    plan.step(Input::Tray(false), now);
    assert_eq!(plan.step(Input::StayReachable, now), [Step::MinimiseMain]);
    assert_eq!(plan.step(Input::StayReachable, now), []);
    assert_eq!(plan.step(Input::Tick, now + ms(90_000)), []);
}

#[test]
fn with_a_tray_a_hidden_start_stays_hidden() {
    let now = Instant::now();
    let mut plan = Plan::new(200);
    plan.step(Input::Tray(true), now);
    assert_eq!(plan.step(Input::StayReachable, now), []);
}

#[test]
fn a_card_is_an_offer_that_is_not_hidden_or_not_responding() {
    let card = |view: &AppView| matches!(facts(view), Input::View { offers: true, .. });
    assert!(!card(&view_with(vec![])));
    assert!(card(&view_with(vec![offer("a")])));
    let mut view = view_with(vec![]);
    view.not_responding = Some(NotRespondingView { since: None, hidden: false });
    assert!(card(&view));
    view.not_responding = Some(NotRespondingView { since: None, hidden: true });
    assert!(!card(&view));
}
