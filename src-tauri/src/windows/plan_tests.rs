//! Tests of the plan.

use super::*;
use crate::ipc::NotRespondingView;
use crate::testing::{self, view_with};

const QUIET: Input = Input::View { legs: Vec::new(), on_queue: true };
const OFF_QUEUE: Input = Input::View { legs: Vec::new(), on_queue: false };

fn leg() -> Vec<String> {
    vec!["a".to_owned()]
}

fn offer() -> Input {
    Input::View { legs: leg(), on_queue: true }
}

fn offer_off_queue() -> Input {
    Input::View { legs: leg(), on_queue: false }
}

fn said(number: Number, word: Popup) -> Input {
    Input::Popup(number, word)
}

fn height(number: Number, height: u32) -> Input {
    said(number, Popup::Height(height))
}

fn show(number: Number, height: u32) -> Step {
    Step::ShowPopup { number, height }
}

fn ms(span: u64) -> Duration {
    Duration::from_millis(span)
}

/// On queue, with the pop-up built and warm.
fn warm(now: Instant) -> Plan {
    let mut plan = Plan::new(200);
    assert_eq!(plan.step(QUIET, now), [Step::BuildPopup(1)]);
    assert_eq!(plan.step(said(1, Popup::Ready), now), []);
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
    assert_eq!(plan.step(offer(), later), []);
    assert_eq!(plan.step(height(1, 240), later + ms(12)), [show(1, 240)]);
    assert_eq!(plan.step(QUIET, later + ms(900)), [Step::HidePopup(1)]);
    assert_eq!(plan.step(offer(), later + ms(1000)), []);
}

#[test]
fn a_page_that_says_nothing_is_shown_all_the_same() {
    let now = Instant::now();
    let mut plan = warm(now);
    let later = now + ms(5000);
    plan.step(offer(), later);
    assert_eq!(plan.deadline(), Some(later + LAYOUT));
    assert_eq!(plan.step(Input::Tick, later + ms(79)), []);
    assert_eq!(plan.step(Input::Tick, later + ms(80)), [show(1, 200)]);
}

#[test]
fn a_pop_up_built_on_demand_gets_time_for_its_first_layout() {
    let now = Instant::now();
    let mut plan = Plan::new(200);
    assert_eq!(plan.step(offer_off_queue(), now), [Step::BuildPopup(1)]);
    assert_eq!(plan.step(Input::Tick, now + ms(500)), []);
    assert_eq!(plan.step(height(1, 180), now + ms(600)), [show(1, 180)]);
}

#[test]
fn an_offer_that_ends_before_it_is_laid_out_is_not_shown() {
    let now = Instant::now();
    let mut plan = warm(now);
    plan.step(offer(), now + ms(5000));
    assert_eq!(plan.step(QUIET, now + ms(5020)), []);
    assert_eq!(plan.step(height(1, 240), now + ms(5030)), []);
    assert_eq!(plan.step(Input::Tick, now + ms(6000)), []);
}

#[test]
fn a_shown_pop_up_follows_its_page() {
    let now = Instant::now();
    let mut plan = warm(now);
    plan.step(offer(), now + ms(5000));
    plan.step(height(1, 240), now + ms(5010));
    assert_eq!(plan.step(height(1, 240), now + ms(5020)), []);
    assert_eq!(plan.step(height(1, 420), now + ms(5030)), [Step::ResizePopup { number: 1, height: 420 }]);
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
    assert_eq!(plan.step(Input::Tick, now + ms(70_000)), [Step::DestroyPopup { number: 1, hangs: false }]);
    assert_eq!(plan.deadline(), None);
    assert_eq!(plan.step(said(1, Popup::Gone), now + ms(70_001)), []);
    assert_eq!(plan.step(offer_off_queue(), now + ms(70_002)), [Step::BuildPopup(2)]);
}

#[test]
fn a_pop_up_that_was_destroyed_is_built_again_if_it_is_needed() {
    let now = Instant::now();
    let mut plan = warm(now);
    plan.step(offer(), now + ms(5000));
    plan.step(height(1, 240), now + ms(5010));
    let steps = plan.step(said(1, Popup::Gone), now + ms(5020));
    assert_eq!(steps, [Step::BuildPopup(2), Step::DestroyPopup { number: 1, hangs: false }]);
    assert_eq!(plan.step(height(2, 240), now + ms(5300)), [show(2, 240)]);
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
    let legs = |view: &AppView| match facts(view) {
        Input::View { legs, .. } => legs,
        other => panic!("{other:?}"),
    };
    assert!(legs(&view_with(vec![])).is_empty());
    assert_eq!(legs(&view_with(vec![testing::offer("a")])), ["a"]);
    let mut view = view_with(vec![]);
    view.not_responding = Some(NotRespondingView { since: None, hidden: false });
    assert_eq!(legs(&view), [NOT_RESPONDING]);
    view.not_responding = Some(NotRespondingView { since: None, hidden: true });
    assert!(legs(&view).is_empty());
}

/// On queue, warm, and with an offer that the page has laid out but not painted.
fn shown(now: Instant) -> Plan {
    let mut plan = warm(now);
    plan.step(offer(), now + ms(5000));
    assert_eq!(plan.step(height(1, 240), now + ms(5010)), [show(1, 240)]);
    plan.step(said(1, Popup::Drawn(leg())), now + ms(5011));
    plan
}

/// On queue, warm, with an offer of which the page has said nothing: another is built beside it.
fn doubted(now: Instant) -> Plan {
    let mut plan = warm(now);
    plan.step(offer(), now + ms(5000));
    assert_eq!(plan.step(Input::Tick, now + ms(5080)), [show(1, 200)]);
    assert_eq!(plan.deadline(), Some(now + ms(5300)));
    assert_eq!(plan.step(Input::Tick, now + ms(5300)), [Step::Doubt(1), Step::BuildPopup(2)]);
    plan
}

#[test]
fn a_painted_card_is_reported() {
    let now = Instant::now();
    let mut plan = shown(now);
    let painted = Painted { leg: "a".to_owned(), after: ms(40), fresh: false };
    assert_eq!(plan.step(said(1, Popup::Painted(leg())), now + ms(5040)), [Step::Report(painted)]);
    assert_eq!(plan.deadline(), None);
}

#[test]
fn a_page_that_hangs_is_replaced_by_one_that_speaks() {
    let now = Instant::now();
    let mut plan = doubted(now);
    let steps = plan.step(said(2, Popup::Ready), now + ms(5900));
    assert_eq!(steps, [Step::DestroyPopup { number: 1, hangs: true }]);
    assert_eq!(plan.step(height(2, 240), now + ms(5910)), [show(2, 240)]);
    plan.step(said(2, Popup::Drawn(leg())), now + ms(5911));
    let painted = Painted { leg: "a".to_owned(), after: ms(950), fresh: true };
    assert_eq!(plan.step(said(2, Popup::Painted(leg())), now + ms(5950)), [Step::Report(painted)]);
    assert_eq!(plan.deadline(), None);
    assert_eq!(plan.step(said(1, Popup::Gone), now + ms(5960)), [], "ended by us");
}

#[test]
fn a_page_that_was_only_slow_stays_and_the_other_goes() {
    let now = Instant::now();
    let mut plan = doubted(now);
    plan.step(said(1, Popup::Drawn(leg())), now + ms(5350));
    let reported = plan.step(said(1, Popup::Painted(leg())), now + ms(5400));
    assert!(matches!(reported[..], [Step::Report(_)]), "{reported:?}");
    let steps = plan.step(said(2, Popup::Ready), now + ms(5900));
    assert_eq!(steps, [Step::DestroyPopup { number: 2, hangs: false }]);
    assert_eq!(plan.step(Input::Tick, now + ms(60_000)), []);
}

#[test]
fn a_page_that_is_doubted_and_then_dies_leaves_its_place_to_the_other() {
    let now = Instant::now();
    let mut plan = doubted(now);
    let steps = plan.step(said(1, Popup::Died), now + ms(5500));
    assert_eq!(steps, [Step::CallForHelp, Step::DestroyPopup { number: 1, hangs: false }]);
    assert_eq!(plan.step(height(2, 240), now + ms(5900)), [show(2, 240)]);
}

#[test]
fn a_page_without_frames_is_doubted_later() {
    let now = Instant::now();
    let mut plan = shown(now);
    assert_eq!(plan.step(Input::Tick, now + ms(5300)), [], "it lives");
    assert_eq!(plan.step(Input::Tick, now + ms(8011)), [Step::Doubt(1), Step::BuildPopup(2)]);
}

#[test]
fn a_page_that_died_warm_is_built_anew_at_once() {
    let now = Instant::now();
    let mut plan = warm(now);
    let steps = plan.step(said(1, Popup::Died), now + ms(5000));
    assert_eq!(steps, [Step::BuildPopup(2), Step::DestroyPopup { number: 1, hangs: false }]);
    assert_eq!(plan.step(said(1, Popup::Gone), now + ms(5005)), []);
}

#[test]
fn a_page_that_dies_while_it_is_shown_comes_back() {
    let now = Instant::now();
    let mut plan = shown(now);
    plan.step(said(1, Popup::Painted(leg())), now + ms(5040));
    let steps = plan.step(said(1, Popup::Died), now + ms(6000));
    assert_eq!(steps, [Step::BuildPopup(2), Step::DestroyPopup { number: 1, hangs: false }]);
    assert_eq!(plan.step(height(2, 240), now + ms(6500)), [show(2, 240)]);
}

#[test]
fn pop_ups_that_fail_one_after_the_other_wait_and_the_agent_is_told_once() {
    let now = Instant::now();
    let mut plan = shown(now);
    let mut at = now + ms(6000);
    assert_eq!(plan.step(said(1, Popup::Died), at)[0], Step::BuildPopup(2));
    let steps = plan.step(said(2, Popup::Died), at);
    assert_eq!(steps, [Step::CallForHelp, Step::DestroyPopup { number: 2, hangs: false }]);
    for (number, wait) in [(3, 1000), (4, 5000), (5, 30_000), (6, 30_000)] {
        assert_eq!(plan.deadline(), Some(at + ms(wait)));
        at += ms(wait);
        assert_eq!(plan.step(Input::Tick, at), [Step::BuildPopup(number)]);
        let steps = plan.step(said(number, Popup::Died), at);
        assert_eq!(steps, [Step::DestroyPopup { number, hangs: false }]);
    }
    at += ms(30_000);
    assert_eq!(plan.step(Input::Tick, at), [Step::BuildPopup(7)]);
    let done = plan.step(said(7, Popup::Painted(leg())), at + ms(800));
    assert!(matches!(done[..], [Step::Recovered, Step::Report(_), ..]), "{done:?}");
}

#[test]
fn a_pop_up_that_hangs_while_it_is_built_is_given_up_without_ending_its_process() {
    let now = Instant::now();
    let mut plan = doubted(now);
    assert_eq!(plan.deadline(), Some(paint::limit(now + ms(5300))));
    let steps = plan.step(Input::Tick, paint::limit(now + ms(5300)));
    assert_eq!(steps, [Step::CallForHelp, Step::DestroyPopup { number: 2, hangs: false }]);
}

#[test]
fn a_main_window_whose_page_died_is_loaded_again_but_not_for_ever() {
    let now = Instant::now();
    let mut plan = Plan::new(200);
    plan.step(Input::OpenMain, now);
    assert_eq!(plan.step(Input::MainDied, now + ms(1000)), [Step::ReloadMain]);
    assert_eq!(plan.step(Input::MainDied, now + ms(1500)), []);
    assert_eq!(plan.step(Input::MainDied, now + ms(61_000)), [Step::ReloadMain]);
}

#[test]
fn a_window_that_was_hidden_into_a_tray_that_has_gone_comes_back_to_the_task_bar() {
    let now = Instant::now();
    let mut plan = Plan::new(200);
    plan.step(Input::Tray(true), now);
    plan.step(Input::OpenMain, now);
    assert_eq!(plan.step(Input::CloseMain, now), [Step::HideMain]);
    plan.step(Input::Tray(false), now + ms(1000));
    assert_eq!(plan.step(Input::StayReachable, now + ms(11_000)), [Step::MinimiseMain]);
    assert_eq!(plan.step(Input::Tick, now + ms(90_000)), []);
}
