//! Something was offered that nobody can name: said only where Genesys holds it against the agent.

use rstest::rstest;

use super::*;

fn after_gap(before: &str, after: &str, missed: u32) -> Vec<Output> {
    let mut rig = Rig::up();
    rig.topic(ROUTING, &json!({ "id": "me", "routingStatus": { "status": before } }));
    rig.lost("cut");
    rig.now += s(20);
    rig.go(Input::Up);
    rig.listed(Ok(&[]));
    rig.go(Input::Found { recovered: missed, missed });
    rig.me_read(after)
}

#[rstest]
#[case::became_not_responding("IDLE", "NOT_RESPONDING", 0, 1)]
#[case::was_interacting("INTERACTING", "NOT_RESPONDING", 0, 1)]
#[case::was_so_before("NOT_RESPONDING", "NOT_RESPONDING", 0, 0)]
#[case::the_missed_offer_is_known("IDLE", "NOT_RESPONDING", 1, 0)]
#[case::still_idle("IDLE", "IDLE", 0, 0)]
#[case::responding_again("NOT_RESPONDING", "IDLE", 0, 0)]
fn an_unseen_offer_is_told_only_when_the_agent_became_not_responding_in_the_gap(
    #[case] before: &str,
    #[case] after: &str,
    #[case] missed: u32,
    #[case] unseen: usize,
) {
    let out = after_gap(before, after, missed);
    assert_eq!(missed_unseen(&out), unseen);
    assert_eq!(only_closed(&out).missed as usize, missed as usize + unseen, "the gap says so");
}

#[test]
fn it_is_told_once_although_the_gap_opens_again() {
    let mut rig = Rig::up();
    rig.lost("first");
    rig.go(Input::Up);
    rig.listed(Ok(&[]));
    assert_eq!(missed_unseen(&rig.me_read("NOT_RESPONDING")), 1);
    rig.lost("second");
    rig.go(Input::Up);
    rig.listed(Ok(&[]));
    assert_eq!(missed_unseen(&rig.me_read("NOT_RESPONDING")), 0);
}

#[test]
fn without_a_status_before_the_gap_nothing_is_concluded() {
    let mut rig = Rig::new();
    rig.feed.routing = None;
    rig.go(Input::Lost { verified: WALL, trouble: trouble("cut"), evicted: false });
    rig.go(Input::Up);
    rig.listed(Ok(&[]));
    assert_eq!(missed_unseen(&rig.me_read("NOT_RESPONDING")), 0);
}
