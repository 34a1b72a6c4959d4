//! The session: single-flight, generations, and what ends in "sign in again".

use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::transport::{TransportError, TransportKind};

use super::*;
use crate::moment::millis;

const HOUR: Duration = Duration::from_secs(3600);

fn at(seconds: u64) -> Moment {
    let mono = Duration::from_secs(seconds);
    Moment { mono, wall: 1_700_000_000_000 + millis(mono), dice: u64::MAX / 2 }
}

fn signed_in(renewal: Renewal, secrets: usize) -> Session {
    let mut session = Session::default();
    session.handle(Input::SignedIn { renewal, secrets, lifetime: HOUR }, at(0));
    session
}

fn refused(status: u16, code: Option<&str>, retry_after: Option<u64>) -> ApiError {
    ApiError::Status(StatusError {
        status,
        code: code.map(str::to_owned),
        message: None,
        context_id: None,
        retry_after: retry_after.map(Duration::from_secs),
        html: false,
    })
}

fn dead(session: &mut Session, now: u64) -> Vec<Output> {
    let generation = session.generation();
    session.handle(Input::Suspect { generation }, at(now));
    let check = TokenCheck::Dead;
    let mut outputs = session.handle(Input::Checked { generation, check, retry_after: None }, at(now));
    assert!(matches!(outputs.remove(0), Output::Dead { .. }));
    outputs
}

fn attempt_of(outputs: &[Output]) -> u64 {
    outputs
        .iter()
        .find_map(|output| match output {
            Output::Renew { attempt, .. } | Output::RereadCredential { attempt } => Some(*attempt),
            _ => None,
        })
        .unwrap_or_else(|| panic!("no renewal in {outputs:?}"))
}

fn is_sign_in_needed(outputs: &[Output]) -> bool {
    outputs.iter().any(|output| matches!(output, Output::SignInNeeded(_)))
}

#[test]
fn many_complaints_cost_one_check_and_one_renewal() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let mut outputs = Vec::new();
    for _ in 0..20 {
        outputs.extend(session.handle(Input::Suspect { generation: 1 }, at(10)));
    }
    assert_eq!(outputs, [Output::Check { generation: 1 }]);
    let outputs = session.handle(Input::Checked { generation: 1, check: TokenCheck::Dead, retry_after: None }, at(11));
    let attempt = attempt_of(&outputs);
    for _ in 0..20 {
        assert!(session.handle(Input::Suspect { generation: 1 }, at(11)).is_empty());
    }
    let outputs = session.handle(Input::Renewed { attempt, lifetime: HOUR }, at(12));
    assert!(outputs.contains(&Output::Usable { generation: 2, proved: true, fresh: false }));
}

#[test]
fn a_late_401_for_the_old_token_never_renews_the_new_one() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let attempt = attempt_of(&dead(&mut session, 10));
    session.handle(Input::Renewed { attempt, lifetime: HOUR }, at(11));
    let outputs = session.handle(Input::Suspect { generation: 1 }, at(12));
    assert_eq!(outputs, [Output::Usable { generation: 2, proved: false, fresh: false }]);
}

#[test]
fn a_live_token_is_not_renewed() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    session.handle(Input::Suspect { generation: 1 }, at(10));
    let outputs = session.handle(Input::Checked { generation: 1, check: TokenCheck::Alive, retry_after: None }, at(10));
    assert_eq!(outputs, [Output::Usable { generation: 1, proved: true, fresh: false }]);
}

#[test]
fn an_unknown_answer_is_asked_again_and_never_renews() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    session.handle(Input::Suspect { generation: 1 }, at(10));
    let unknown = |retry_after| Input::Checked { generation: 1, check: TokenCheck::Unknown, retry_after };
    let outputs = session.handle(unknown(Some(Duration::from_secs(7))), at(10));
    assert!(matches!(outputs[..], [Output::Waiting { until: Some(until), .. }] if until == Duration::from_secs(17)));
    assert!(session.handle(Input::Tick, at(16)).is_empty());
    assert_eq!(session.handle(Input::Tick, at(17)), [Output::Check { generation: 1 }]);
    session.handle(unknown(None), at(17));
    assert_eq!(session.handle(Input::Tick, at(19)), [Output::Check { generation: 1 }]);
    let outputs = session.handle(unknown(None), at(19));
    assert_eq!(outputs, [Output::Usable { generation: 1, proved: false, fresh: true }]);
}

#[test]
fn without_a_way_to_renew_a_dead_token_needs_a_sign_in() {
    let mut session = signed_in(Renewal::None, 0);
    assert!(is_sign_in_needed(&dead(&mut session, 10)));
    let outputs = session.handle(Input::Suspect { generation: 1 }, at(20));
    assert!(is_sign_in_needed(&outputs), "asked again, it says so again");
    let outputs = session.handle(Input::SignedIn { renewal: Renewal::None, secrets: 0, lifetime: HOUR }, at(30));
    assert!(outputs.contains(&Output::Usable { generation: 2, proved: false, fresh: true }));
}

#[test]
fn a_token_near_its_end_is_renewed_while_the_old_one_still_works() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    assert_eq!(session.deadline(), Some(Duration::from_secs(3600 - 600)));
    assert!(session.handle(Input::Tick, at(2999)).is_empty());
    let attempt = attempt_of(&session.handle(Input::Tick, at(3000)));
    let outputs = session.handle(Input::RenewFailed { attempt, error: refused(500, None, None) }, at(3001));
    assert!(outputs.is_empty(), "the old token works, so nobody is troubled: {outputs:?}");
    let retry = session.deadline().expect("a retry is due").as_secs() + 1;
    let attempt = attempt_of(&session.handle(Input::Tick, at(retry)));
    session.handle(Input::Renewed { attempt, lifetime: HOUR }, at(retry));
    assert_eq!(session.generation(), 2);
}

#[test]
fn a_short_lifetime_renews_at_its_last_fifth() {
    let mut session = Session::default();
    let short = Duration::from_secs(100);
    session.handle(Input::SignedIn { renewal: Renewal::RefreshToken, secrets: 1, lifetime: short }, at(0));
    assert_eq!(session.deadline(), Some(Duration::from_secs(80)));
}

#[test]
fn the_wall_clock_counts_too_because_timers_do_not_see_sleep() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let woken = Moment { wall: at(0).wall + millis(HOUR), ..at(5) };
    assert!(matches!(session.handle(Input::Tick, woken)[..], [Output::Renew { .. }, Output::Dead { .. }]));
}

#[test]
fn pkce_asks_for_a_sign_in_well_before_the_end_and_checks_at_the_end() {
    let mut session = signed_in(Renewal::None, 0);
    assert!(matches!(session.handle(Input::Tick, at(3000))[..], [Output::Expiring(Some(_))]));
    assert!(session.handle(Input::Tick, at(3100)).is_empty(), "said once");
    assert_eq!(session.handle(Input::Tick, at(3600)), [Output::Check { generation: 1 }]);
    let outputs =
        session.handle(Input::Checked { generation: 1, check: TokenCheck::Dead, retry_after: None }, at(3600));
    assert!(is_sign_in_needed(&outputs));
}

#[test]
fn retry_after_of_the_token_endpoint_is_not_cut_short() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let attempt = attempt_of(&dead(&mut session, 10));
    session.handle(Input::RenewFailed { attempt, error: refused(429, None, Some(7)) }, at(10));
    assert!(session.handle(Input::Retry, at(12)).is_empty());
    assert!(session.handle(Input::Tick, at(16)).is_empty());
    assert!(matches!(session.handle(Input::Tick, at(17))[..], [Output::Renew { .. }]));
}

#[test]
fn a_back_off_is_cut_short_by_a_click() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let attempt = attempt_of(&dead(&mut session, 10));
    let broken = ApiError::Transport(TransportError { kind: TransportKind::Broken, detail: String::new() });
    session.handle(Input::RenewFailed { attempt, error: broken }, at(10));
    assert!(matches!(session.handle(Input::Retry, at(10))[..], [Output::Renew { .. }]));
}

#[test]
fn secrets_are_tried_in_turn_and_then_slowly_again() {
    let mut session = signed_in(Renewal::ClientCredentials, 2);
    let outputs = dead(&mut session, 10);
    let Output::Renew { attempt, secret: 0 } = outputs[0] else { panic!("{outputs:?}") };
    let invalid = || refused(400, Some("invalid_client"), None);
    let outputs = session.handle(Input::RenewFailed { attempt, error: invalid() }, at(10));
    let Output::Renew { attempt, secret: 1 } = outputs[0] else { panic!("{outputs:?}") };
    let outputs = session.handle(Input::RenewFailed { attempt, error: invalid() }, at(10));
    assert!(is_sign_in_needed(&outputs));
    assert!(session.handle(Input::Tick, at(69)).is_empty());
    assert!(matches!(session.handle(Input::Tick, at(70))[..], [Output::Renew { secret: 0, .. }]));
}

#[test]
fn invalid_grant_re_reads_the_store_once_before_it_gives_up() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let invalid = || refused(400, Some("invalid_grant"), None);
    let attempt = attempt_of(&dead(&mut session, 10));
    let outputs = session.handle(Input::RenewFailed { attempt, error: invalid() }, at(10));
    assert!(matches!(outputs[..], [Output::RereadCredential { .. }]));
    let outputs = session.handle(Input::Reread { attempt: attempt_of(&outputs), changed: true }, at(10));
    let attempt = attempt_of(&outputs);
    assert!(is_sign_in_needed(&session.handle(Input::RenewFailed { attempt, error: invalid() }, at(10))));
}

#[test]
fn revoked_client_credentials_try_one_new_token() {
    let mut session = signed_in(Renewal::ClientCredentials, 1);
    let outputs = session.handle(Input::Revoked { generation: 1 }, at(5));
    let attempt = attempt_of(&outputs);
    session.handle(Input::Renewed { attempt, lifetime: HOUR }, at(6));
    let newer = Output::Usable { generation: 2, proved: false, fresh: false };
    assert_eq!(session.handle(Input::Revoked { generation: 1 }, at(7)), [newer], "whoever asks is waiting");
    assert!(!session.handle(Input::Revoked { generation: 2 }, at(8)).is_empty());
}

#[test]
fn a_result_of_an_older_renewal_is_dropped() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let attempt = attempt_of(&dead(&mut session, 10));
    session.handle(Input::SignedOut, at(11));
    assert!(session.handle(Input::Renewed { attempt, lifetime: HOUR }, at(12)).is_empty());
    assert!(!session.signed_in());
}

#[test]
fn retry_after_of_the_token_endpoint_outlasts_a_complaint() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let attempt = attempt_of(&session.handle(Input::Tick, at(3000)));
    session.handle(Input::RenewFailed { attempt, error: refused(429, None, Some(60)) }, at(3000));
    let outputs = dead(&mut session, 3001);
    assert!(matches!(outputs[..], [Output::Waiting { until: Some(until), .. }] if until == Duration::from_secs(3060)));
    assert!(session.handle(Input::Retry, at(3030)).is_empty());
    assert!(session.handle(Input::Tick, at(3059)).is_empty());
    assert!(matches!(session.handle(Input::Tick, at(3060))[..], [Output::Renew { .. }]));
}

#[test]
fn a_renewal_that_was_to_come_is_not_forgotten_over_a_check() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let attempt = attempt_of(&session.handle(Input::Tick, at(3000)));
    session.handle(Input::RenewFailed { attempt, error: refused(500, None, None) }, at(3000));
    session.handle(Input::Suspect { generation: 1 }, at(3000));
    session.handle(Input::Checked { generation: 1, check: TokenCheck::Alive, retry_after: None }, at(3000));
    let due = session.deadline().expect("a renewal is due").as_secs() + 1;
    assert!(due < 3600, "before the token ends");
    assert!(matches!(session.handle(Input::Tick, at(due))[..], [Output::Renew { .. }]));
}

#[test]
fn a_complaint_during_a_renewal_is_answered_when_the_renewal_fails() {
    for error in [refused(500, None, None), refused(400, Some("unauthorized_client"), None)] {
        let mut session = signed_in(Renewal::RefreshToken, 1);
        let attempt = attempt_of(&session.handle(Input::Tick, at(3000)));
        assert!(session.handle(Input::Suspect { generation: 1 }, at(3001)).is_empty(), "its end will tell");
        let outputs = session.handle(Input::RenewFailed { attempt, error }, at(3002));
        assert!(outputs.contains(&Output::Check { generation: 1 }), "{outputs:?}");
    }
}

#[test]
fn a_revocation_during_a_renewal_begins_no_second_one() {
    let mut session = signed_in(Renewal::ClientCredentials, 1);
    let attempt = attempt_of(&session.handle(Input::Tick, at(3000)));
    assert!(session.handle(Input::Revoked { generation: 1 }, at(3001)).is_empty());
    let outputs = session.handle(Input::Renewed { attempt, lifetime: HOUR }, at(3002));
    assert!(outputs.contains(&Output::Usable { generation: 2, proved: true, fresh: false }));
}

#[test]
fn a_lifetime_of_nothing_makes_no_storm() {
    let mut session = Session::default();
    let lifetime = Duration::from_secs(1);
    session.handle(Input::SignedIn { renewal: Renewal::RefreshToken, secrets: 1, lifetime }, at(0));
    assert!(session.handle(Input::Tick, at(0)).is_empty());
    let attempt = attempt_of(&session.handle(Input::Tick, at(1)));
    let outputs = session.handle(Input::Renewed { attempt, lifetime }, at(1));
    assert!(!outputs.iter().any(|output| matches!(output, Output::Renew { .. })), "{outputs:?}");
    assert!(session.handle(Input::Tick, at(1)).is_empty(), "a second apart at the least");
}

#[test]
fn retry_after_of_the_token_check_is_not_cut_short() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    session.handle(Input::Suspect { generation: 1 }, at(10));
    let retry_after = Some(Duration::from_secs(60));
    session.handle(Input::Checked { generation: 1, check: TokenCheck::Unknown, retry_after }, at(10));
    assert!(session.handle(Input::Retry, at(20)).is_empty());
    assert_eq!(session.handle(Input::Tick, at(70)), [Output::Check { generation: 1 }]);
}

fn resumed(renewal: Renewal, secrets: usize) -> (Session, u64) {
    let mut session = Session::default();
    let outputs = session.handle(Input::Resume { renewal, secrets }, at(0));
    assert!(outputs.iter().any(|output| matches!(output, Output::Waiting { .. })), "{outputs:?}");
    let attempt = attempt_of(&outputs);
    (session, attempt)
}

fn invalid(code: &str) -> ApiError {
    refused(400, Some(code), None)
}

#[test]
fn a_sign_in_without_a_token_fetches_one_at_once_and_is_fresh_with_it() {
    let (mut session, attempt) = resumed(Renewal::ClientCredentials, 1);
    assert!(session.signed_in());
    assert_eq!(session.first_token(), Some(Renewal::ClientCredentials));
    let outputs = session.handle(Input::Renewed { attempt, lifetime: HOUR }, at(1));
    assert!(outputs.contains(&Output::Usable { generation: 1, proved: false, fresh: true }), "{outputs:?}");
    assert_eq!(session.first_token(), None);
    let attempt = attempt_of(&session.handle(Input::Tick, at(3001)));
    let outputs = session.handle(Input::Renewed { attempt, lifetime: HOUR }, at(3002));
    assert!(outputs.contains(&Output::Usable { generation: 2, proved: true, fresh: false }), "{outputs:?}");
}

#[test]
fn a_first_token_that_does_not_come_is_waited_for_like_any_other() {
    let (mut session, attempt) = resumed(Renewal::RefreshToken, 1);
    let outputs = session.handle(Input::RenewFailed { attempt, error: refused(503, None, None) }, at(0));
    let Output::Waiting { until: Some(until), .. } = outputs[0] else { panic!("{outputs:?}") };
    assert!(until > Duration::ZERO, "never at once");
    let attempt = attempt_of(&session.handle(Input::Tick, at(until.as_secs() + 1)));
    let outputs = session.handle(Input::RenewFailed { attempt, error: refused(429, None, Some(7)) }, at(10));
    assert!(matches!(outputs[..], [Output::Waiting { until: Some(until), .. }] if until == Duration::from_secs(17)));
}

#[test]
fn unattended_secrets_that_are_all_refused_are_read_again_every_minute() {
    let (mut session, mut attempt) = resumed(Renewal::ClientCredentials, 2);
    for minute in 0..3 {
        session.handle(Input::RenewFailed { attempt, error: invalid("invalid_client") }, at(minute * 60));
        let outputs = session
            .handle(Input::RenewFailed { attempt: attempt + 1, error: invalid("invalid_client") }, at(minute * 60));
        assert!(is_sign_in_needed(&outputs), "{outputs:?}");
        assert!(session.handle(Input::Tick, at(minute * 60 + 59)).is_empty());
        attempt = attempt_of(&session.handle(Input::Tick, at(minute * 60 + 60)));
    }
    let outputs = session.handle(Input::Renewed { attempt, lifetime: HOUR }, at(180));
    assert!(outputs.iter().any(|output| matches!(output, Output::Usable { .. })));
}

#[test]
fn an_unattended_refresh_token_that_is_dead_is_not_sent_again_until_it_has_changed() {
    let (mut session, attempt) = resumed(Renewal::RefreshToken, 1);
    session.handle(Input::RenewFailed { attempt, error: invalid("invalid_grant") }, at(0));
    assert!(is_sign_in_needed(&session.handle(Input::Reread { attempt, changed: false }, at(0))));
    for minute in 1..4 {
        let outputs = session.handle(Input::Tick, at(minute * 60));
        let [Output::RereadCredential { attempt }] = outputs[..] else { panic!("{outputs:?}") };
        assert!(is_sign_in_needed(&session.handle(Input::Reread { attempt, changed: false }, at(minute * 60))));
    }
    let attempt = attempt_of(&session.handle(Input::Tick, at(240)));
    let outputs = session.handle(Input::Reread { attempt, changed: true }, at(240));
    assert!(matches!(outputs[..], [Output::Renew { .. }]), "{outputs:?}");
    session.handle(Input::Renewed { attempt: attempt_of(&outputs), lifetime: HOUR }, at(241));
    assert!(matches!(session.handle(Input::Tick, at(3241))[..], [Output::Renew { .. }]), "and then as ever");
}

#[test]
fn a_token_that_somebody_else_renews_is_looked_at_every_minute_and_troubles_nobody() {
    let (mut session, attempt) = resumed(Renewal::AccessToken, 0);
    let outputs = session.handle(Input::Renewed { attempt, lifetime: Duration::ZERO }, at(0));
    assert!(outputs.contains(&Output::Usable { generation: 1, proved: false, fresh: false }), "{outputs:?}");
    for minute in 1..4 {
        assert!(session.handle(Input::Tick, at(minute * 60 - 1)).is_empty());
        let attempt = attempt_of(&session.handle(Input::Tick, at(minute * 60)));
        assert!(session.handle(Input::Reread { attempt, changed: false }, at(minute * 60)).is_empty());
    }
    let attempt = attempt_of(&session.handle(Input::Tick, at(240)));
    session.handle(Input::Renewed { attempt, lifetime: Duration::ZERO }, at(240));
    assert_eq!(session.generation(), 2);
}

#[test]
fn a_refused_token_that_somebody_else_renews_is_read_again_at_once_and_then_every_minute() {
    let (mut session, attempt) = resumed(Renewal::AccessToken, 0);
    session.handle(Input::Renewed { attempt, lifetime: Duration::ZERO }, at(0));
    let attempt = attempt_of(&dead(&mut session, 10));
    assert!(is_sign_in_needed(&session.handle(Input::Reread { attempt, changed: false }, at(10))));
    let attempt = attempt_of(&session.handle(Input::Tick, at(70)));
    assert!(is_sign_in_needed(&session.handle(Input::Reread { attempt, changed: false }, at(70))));
    let attempt = attempt_of(&session.handle(Input::Tick, at(130)));
    let outputs = session.handle(Input::Renewed { attempt, lifetime: Duration::ZERO }, at(130));
    assert!(outputs.iter().any(|output| matches!(output, Output::Usable { generation: 2, .. })), "{outputs:?}");
}

#[test]
fn a_complaint_while_the_token_file_is_read_is_answered_by_a_check() {
    let (mut session, attempt) = resumed(Renewal::AccessToken, 0);
    session.handle(Input::Renewed { attempt, lifetime: Duration::ZERO }, at(0));
    let attempt = attempt_of(&session.handle(Input::Tick, at(60)));
    session.handle(Input::Suspect { generation: 1 }, at(60));
    let outputs = session.handle(Input::Reread { attempt, changed: false }, at(60));
    assert_eq!(outputs, [Output::Check { generation: 1 }]);
}

#[test]
fn an_idle_time_out_beyond_all_measure_does_no_harm() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    let (generation, timeout) = (session.generation(), Some(Duration::MAX));
    session.handle(Input::IdleTimeout { generation, timeout }, at(1));
    assert!(!session.quiet(at(3600)));
}

#[test]
fn retry_after_of_the_token_check_outlasts_the_suspicion_that_asked() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    session.handle(Input::Suspect { generation: 1 }, at(10));
    let limited = |seconds| Some(Duration::from_secs(seconds));
    for (now, retry_after) in [(10, None), (12, None), (14, limited(60))] {
        session.handle(Input::Checked { generation: 1, check: TokenCheck::Unknown, retry_after }, at(now));
        session.handle(Input::Tick, at(now + 2));
    }
    // The link has tried with what there is, and was refused again.
    let outputs = session.handle(Input::Suspect { generation: 1 }, at(20));
    assert!(!outputs.contains(&Output::Check { generation: 1 }), "{outputs:?}");
    assert_eq!(session.deadline(), Some(Duration::from_secs(74)));
    assert_eq!(session.handle(Input::Tick, at(74)), [Output::Check { generation: 1 }]);
}

#[test]
fn a_check_refused_with_retry_after_zero_makes_no_storm() {
    let mut session = signed_in(Renewal::RefreshToken, 1);
    session.handle(Input::Suspect { generation: 1 }, at(10));
    let retry_after = Some(Duration::ZERO);
    session.handle(Input::Checked { generation: 1, check: TokenCheck::Unknown, retry_after }, at(10));
    assert_eq!(session.deadline(), Some(Duration::from_secs(11)));
}
