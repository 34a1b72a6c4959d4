//! Tokens that lie unused: kept alive where that matters, and checked before anything is tried with one that may be over.

use super::*;

const TIMEOUT: Duration = Duration::from_secs(900);

/// Signed in for days, in an organisation that ends a token after a quarter of an hour without a call.
fn up(on_queue: bool) -> Rig {
    let mut rig = Rig::new();
    rig.server.idle = Some(TIMEOUT);
    rig.server.on_queue = on_queue;
    rig.go(Input::SignedIn { renewal: Renewal::RefreshToken, secrets: 1, lifetime: HOUR * 48 });
    rig.serve();
    rig.pass(s(20));
    assert_eq!((rig.state(), rig.count("AskIdle")), (LinkState::Connected, 1));
    rig.forget();
    rig
}

/// Everything that was asked of Genesys, but for pings.
fn calls(rig: &Rig) -> usize {
    rig.asked.len() - rig.count("Ping")
}

#[test]
fn a_token_is_used_well_before_its_idle_time_out_while_that_matters() {
    let mut rig = up(false);
    rig.frame(frame_of("ada", "c1", "connected"));
    rig.server.conversations = vec![call("ada", "c1", "connected")];
    rig.forget();
    rig.pass(HOUR * 3);
    let touched = rig.count("Touch");
    assert!((18..=32).contains(&touched), "{touched} calls in three hours");
    assert_eq!(calls(&rig), touched, "and nothing else is asked");
}

#[test]
fn other_calls_are_use_enough() {
    let mut rig = up(true);
    rig.pass(HOUR);
    assert_eq!(rig.count("Touch"), 0, "on queue the truth is compared every minute");
    assert!(rig.count("List") > 50);
}

#[test]
fn nobody_off_queue_and_without_a_conversation_is_kept_alive() {
    let mut rig = up(false);
    rig.pass(HOUR);
    assert_eq!(calls(&rig), 0);
}

#[test]
fn an_administrator_can_leave_the_token_to_its_idle_time_out() {
    let mut rig = Rig::new();
    rig.machine = Machine::new(Plan::agent().without_keep_alive(), None);
    rig.server.idle = Some(TIMEOUT);
    rig.server.on_queue = false;
    rig.go(Input::SignedIn { renewal: Renewal::RefreshToken, secrets: 1, lifetime: HOUR * 48 });
    rig.serve();
    rig.pass(s(20));
    rig.frame(frame_of("ada", "c1", "connected"));
    rig.server.conversations = vec![call("ada", "c1", "connected")];
    rig.go(Input::PersonHere(true));
    rig.forget();
    rig.pass(HOUR * 3);
    assert_eq!(rig.count("Touch"), 0);
}

#[test]
fn somebody_at_the_computer_is_kept_signed_in_until_they_leave_it() {
    let mut rig = up(false);
    rig.go(Input::PersonHere(true));
    rig.serve();
    rig.pass(HOUR);
    let touched = rig.count("Touch");
    assert!((6..=11).contains(&touched), "{touched} calls in an hour");
    rig.go(Input::PersonHere(false));
    rig.forget();
    rig.pass(HOUR);
    assert_eq!(calls(&rig), 0);
}

#[test]
fn a_listener_is_always_kept_alive() {
    let mut rig = Rig::new();
    rig.machine = Machine::new(Plan::listen(["v2.users.{me}.presence"]), None);
    rig.server.idle = Some(TIMEOUT);
    rig.server.on_queue = false;
    rig.go(Input::SignedIn { renewal: Renewal::ClientCredentials, secrets: 1, lifetime: HOUR * 48 });
    rig.serve();
    rig.pass(HOUR);
    assert!(rig.count("Touch") >= 6, "{}", rig.count("Touch"));
}

#[test]
fn an_organisation_without_a_time_out_is_not_bothered() {
    let mut rig = Rig::new();
    rig.server.on_queue = false;
    rig.go(Input::SignedIn { renewal: Renewal::RefreshToken, secrets: 1, lifetime: HOUR * 48 });
    rig.serve();
    rig.frame(frame_of("ada", "c1", "connected"));
    rig.server.conversations = vec![call("ada", "c1", "connected")];
    rig.pass(HOUR);
    assert_eq!(rig.count("Touch"), 0);
}

#[test]
fn a_token_found_dead_while_it_is_kept_alive_is_renewed_and_handed_over() {
    let mut rig = up(false);
    rig.frame(frame_of("ada", "c1", "connected"));
    rig.server.conversations = vec![call("ada", "c1", "connected")];
    rig.server.dead.insert(1);
    rig.pass(TIMEOUT / 2);
    assert_eq!(
        (rig.count("Touch"), rig.count("Check"), rig.count("Renew")),
        (1, 0, 1),
        "asked with the call that checks"
    );
    assert_eq!((rig.state(), rig.machine.generation()), (LinkState::Connected, 2));
    assert_eq!(rig.gaps().last().map(|gap| gap.settled), Some(true), "it may have been deaf: {:?}", rig.told);
}

#[test]
fn after_a_close_1001_in_the_quiet_the_token_is_checked_before_any_handshake() {
    for (dead, renewals) in [(true, 1), (false, 0)] {
        let mut rig = up(false);
        rig.pass(TIMEOUT + s(60));
        if dead {
            rig.server.dead.insert(1);
        }
        rig.close(Some(1001), "idle timeout");
        assert!(rig.asked.iter().any(|asked| asked.starts_with("Check")));
        assert_eq!((rig.count("CreateChannel"), rig.count("Dial")), (0, 0), "not before the answer: {:?}", rig.asked);
        rig.serve();
        rig.pass(s(10));
        assert_eq!((rig.count("Check"), rig.count("Renew")), (1, renewals));
        assert_eq!((rig.count("CreateChannel"), rig.state()), (1, LinkState::Connected));
    }
}

#[test]
fn a_close_1001_of_a_busy_token_is_a_matter_of_the_transport() {
    let mut rig = up(true);
    rig.close(Some(1001), "going away");
    rig.serve();
    rig.pass(s(10));
    assert_eq!((rig.count("Check"), rig.state()), (0, LinkState::Connected));
}

#[test]
fn no_two_refusals_of_a_handshake_in_a_row_have_the_same_cause() {
    let mut rig = up(false);
    rig.pass(TIMEOUT + s(60));
    rig.server.dead.insert(1);
    rig.close(Some(1001), "idle timeout");
    let mut refused = 0;
    for _ in 0..200 {
        let Some(effect) = rig.pending.pop_front() else { break };
        let stale = matches!(&effect, Effect::Dial { .. }) && rig.server.dead.contains(&rig.machine.generation());
        if let Effect::Dial { epoch } = effect
            && stale
        {
            refused += 1;
            rig.go(Input::NotOpened { epoch, error: DialError::Refused { status: 403, retry_after: None } });
        } else if let Some(answer) = rig.server.answer(effect) {
            rig.go(answer);
        }
    }
    assert_eq!(refused, 0, "no handshake with a stale token");
    assert_eq!(rig.state(), LinkState::Connected);
}
