//! The rows of the failure table, one by one, under the names of `design.md`'s left column.

use std::time::Duration;

use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::transport::{DialError, TransportError, TransportKind};
use rstest::rstest;

use super::*;

const CALM: Memory = Memory { refused_though_proved: false, fresh: false, quiet: false };
const AGAIN: Memory = Memory { refused_though_proved: true, fresh: false, quiet: false };
const FRESH: Memory = Memory { refused_though_proved: false, fresh: true, quiet: false };

fn status(status: u16) -> StatusError {
    StatusError { status, code: None, message: None, context_id: None, retry_after: None, html: false }
}

fn rest(call: Call, code: u16) -> Signal {
    Signal::Rest { call, error: ApiError::Status(status(code)) }
}

fn token(code: u16, error: Option<&str>) -> Signal {
    Signal::TokenEndpoint(ApiError::Status(StatusError { code: error.map(str::to_owned), ..status(code) }))
}

fn html(code: u16) -> ApiError {
    ApiError::Status(StatusError { html: true, ..status(code) })
}

fn refused(status: u16) -> Signal {
    Signal::Upgrade(DialError::Refused { status, retry_after: None })
}

fn closed(code: u16, reason: &str) -> Signal {
    Signal::Closed { code: Some(code), reason: reason.into() }
}

fn cut(kind: TransportKind) -> TransportError {
    TransportError { kind, detail: String::new() }
}

#[rstest]
#[case::rest_401(rest(Call::Me, 401))]
#[case::rest_401_channel(rest(Call::CreateChannel, 401))]
#[case::rest_401_subscribe(rest(Call::Subscribe, 401))]
#[case::rest_401_read(rest(Call::Read, 401))]
#[case::upgrade_401(refused(401))]
#[case::in_band_401(Signal::InBand(401))]
#[case::close_1008(closed(1008, ""))]
#[case::close_4001(closed(4001, ""))]
#[case::close_4003(closed(4003, ""))]
#[case::close_1000_token(closed(1000, "Token expired or invalid"))]
#[case::close_1000_auth(closed(1000, "Authentication lapsed"))]
#[case::close_1000_unauthorized(closed(1000, "UNAUTHORIZED"))]
#[case::close_1000_credentials(closed(1000, "bad.credentials"))]
fn row_token_suspect_check_then_renew_if_dead(#[case] signal: Signal) {
    assert_eq!(verdict(&signal, CALM), Verdict::TokenSuspect);
}

#[rstest]
#[case::upgrade_403(refused(403))]
#[case::upgrade_404(refused(404))]
#[case::upgrade_410(refused(410))]
#[case::subscribe_404(rest(Call::Subscribe, 404))]
#[case::subscribe_410(rest(Call::Subscribe, 410))]
#[case::in_band_404(Signal::InBand(404))]
fn row_stale_channel_or_token_never_the_same_url(#[case] signal: Signal) {
    assert_eq!(verdict(&signal, CALM), Verdict::Stale);
}

#[rstest]
#[case::rest_401(rest(Call::CreateChannel, 401))]
#[case::upgrade_401(refused(401))]
#[case::upgrade_403(refused(403))]
#[case::upgrade_404(refused(404))]
#[case::subscribe_404(rest(Call::Subscribe, 404))]
#[case::in_band_404(Signal::InBand(404))]
#[case::close_1008(closed(1008, ""))]
#[case::close_1000_token(closed(1000, "token"))]
fn row_same_refusal_twice_with_a_proved_token_is_blocked(#[case] signal: Signal) {
    assert_eq!(verdict(&signal, AGAIN), Verdict::Blocked(Block::RefusedThoughProved));
}

#[rstest]
fn row_401_from_a_token_fresh_from_sign_in_is_blocked_as_wrong_region() {
    assert_eq!(verdict(&rest(Call::Me, 401), FRESH), Verdict::Blocked(Block::WrongRegion));
    assert_eq!(verdict(&refused(403), FRESH), Verdict::Stale, "a stale channel says nothing about the region");
}

#[rstest]
#[case::by_its_error(token(400, Some("invalid_client")))]
#[case::by_its_status(token(401, None))]
fn row_invalid_client_takes_the_next_secret(#[case] signal: Signal) {
    assert_eq!(verdict(&signal, CALM), Verdict::NextSecret);
}

#[rstest]
#[case::invalid_grant(token(400, Some("invalid_grant")))]
#[case::invalid_grant_401(token(401, Some("invalid_grant")))]
#[case::token_revoked(Signal::TokenRevoked)]
fn row_invalid_grant_and_revoked_re_read_the_credential(#[case] signal: Signal) {
    assert_eq!(verdict(&signal, CALM), Verdict::CredentialDead);
}

#[rstest]
#[case::unauthorized_client(token(400, Some("unauthorized_client")))]
#[case::forbidden(token(403, None))]
fn token_endpoint_other_refusals_are_for_the_administrator(#[case] signal: Signal) {
    assert_eq!(verdict(&signal, CALM), Verdict::Blocked(Block::OAuthClient));
}

#[rstest]
#[case::me(Call::Me)]
#[case::channel(Call::CreateChannel)]
#[case::subscribe(Call::Subscribe)]
#[case::read(Call::Read)]
fn row_rest_403_is_never_a_token_problem(#[case] call: Call) {
    assert_eq!(verdict(&rest(call, 403), CALM), Verdict::Blocked(Block::Forbidden));
    assert_eq!(verdict(&rest(call, 403), AGAIN), Verdict::Blocked(Block::Forbidden));
}

#[rstest]
#[case::not_a_user(rest(Call::Me, 400))]
#[case::gone_api(rest(Call::CreateChannel, 404))]
#[case::gone_me(rest(Call::Me, 410))]
fn a_refused_request_is_blocked_not_repeated_fast(#[case] signal: Signal) {
    assert_eq!(verdict(&signal, CALM), Verdict::Blocked(Block::BadRequest));
}

#[test]
fn row_topic_rejected_goes_on_unless_it_is_essential() {
    assert_eq!(verdict(&Signal::TopicRejected, CALM), Verdict::GoOn);
    assert_eq!(verdict(&Signal::EssentialTopicRejected, CALM), Verdict::Blocked(Block::EssentialTopic));
}

#[test]
fn row_429_waits_retry_after_for_that_kind() {
    let seven = Some(Duration::from_secs(7));
    let limited = |retry_after| ApiError::Status(StatusError { retry_after, ..status(429) });
    for signal in [
        Signal::Rest { call: Call::CreateChannel, error: limited(seven) },
        Signal::TokenEndpoint(limited(seven)),
        Signal::Upgrade(DialError::Refused { status: 429, retry_after: seven }),
    ] {
        assert_eq!(verdict(&signal, CALM), Verdict::Wait(Duration::from_secs(7)), "{signal:?}");
    }
    let without = Signal::Rest { call: Call::Read, error: limited(None) };
    assert_eq!(verdict(&without, CALM), Verdict::Wait(RETRY_AFTER_DEFAULT));
    let absurd = Signal::Rest { call: Call::Read, error: limited(Some(Duration::from_secs(10_000_000))) };
    assert_eq!(verdict(&absurd, CALM), Verdict::Wait(RETRY_AFTER_CAP));
    let none = Signal::Rest { call: Call::Read, error: limited(Some(Duration::ZERO)) };
    assert_eq!(verdict(&none, CALM), Verdict::Wait(RETRY_AFTER_FLOOR), "no storm by permission");
}

#[rstest]
#[case::rest_500(rest(Call::CreateChannel, 500), Spread::Everybody)]
#[case::rest_503(rest(Call::Subscribe, 503), Spread::Everybody)]
#[case::rest_408(rest(Call::Me, 408), Spread::Alone)]
#[case::rest_407(rest(Call::Me, 407), Spread::Alone)]
#[case::token_500(token(500, None), Spread::Everybody)]
#[case::token_408(token(408, None), Spread::Alone)]
#[case::upgrade_502(refused(502), Spread::Everybody)]
#[case::upgrade_200(refused(200), Spread::Everybody)]
#[case::upgrade_407(refused(407), Spread::Alone)]
#[case::in_band_500(Signal::InBand(500), Spread::Alone)]
#[case::html_502(Signal::Rest { call: Call::Me, error: html(502) }, Spread::Everybody)]
#[case::html_403(Signal::Rest { call: Call::Me, error: html(403) }, Spread::Everybody)]
#[case::html_401(Signal::Rest { call: Call::Me, error: html(401) }, Spread::Everybody)]
#[case::html_token_400(Signal::TokenEndpoint(html(400)), Spread::Everybody)]
#[case::portal(Signal::Rest { call: Call::Me, error: ApiError::Malformed { call: "me", html: true } }, Spread::Alone)]
#[case::portal_token(Signal::TokenEndpoint(ApiError::Malformed { call: "token", html: true }), Spread::Alone)]
#[case::time_out(Signal::Upgrade(DialError::Transport(cut(TransportKind::Timeout))), Spread::Everybody)]
#[case::refused(Signal::Upgrade(DialError::Transport(cut(TransportKind::Refused))), Spread::Everybody)]
#[case::dns(Signal::Upgrade(DialError::Transport(cut(TransportKind::Dns))), Spread::Alone)]
#[case::tls(Signal::Upgrade(DialError::Transport(cut(TransportKind::Tls))), Spread::Alone)]
#[case::proxy(Signal::Upgrade(DialError::Transport(cut(TransportKind::Proxy))), Spread::Alone)]
#[case::offline(Signal::Rest { call: Call::Me, error: ApiError::Transport(cut(TransportKind::Offline)) }, Spread::Alone)]
#[case::token_offline(Signal::TokenEndpoint(ApiError::Transport(cut(TransportKind::Offline))), Spread::Alone)]
fn row_passing_trouble_backs_off(#[case] signal: Signal, #[case] spread: Spread) {
    assert_eq!(verdict(&signal, CALM), Verdict::Transient(spread));
    assert_eq!(verdict(&signal, AGAIN), Verdict::Transient(spread), "passing trouble is never a refusal");
}

#[rstest]
#[case::normal(Some(1000), Spread::Alone)]
#[case::going_away(Some(1001), Spread::Everybody)]
#[case::no_status(Some(1005), Spread::Alone)]
#[case::abnormal(Some(1006), Spread::Alone)]
#[case::cut_off(None, Spread::Alone)]
#[case::internal_error(Some(1011), Spread::Alone)]
#[case::restart(Some(1012), Spread::Everybody)]
#[case::try_again_later(Some(1013), Spread::Everybody)]
#[case::unknown(Some(4999), Spread::Alone)]
#[case::guest_chat(Some(4100), Spread::Alone)]
fn row_transport_closes_reconnect(#[case] code: Option<u16>, #[case] spread: Spread) {
    let signal = Signal::Closed { code, reason: "idle timeout".into() };
    assert_eq!(verdict(&signal, CALM), Verdict::Reconnect(spread));
}

#[test]
fn a_close_reason_that_speaks_of_a_token_counts_for_1000_alone() {
    assert_eq!(verdict(&closed(1001, "token"), CALM), Verdict::Reconnect(Spread::Everybody));
}

#[test]
fn row_planned_changes_hand_over() {
    assert_eq!(verdict(&Signal::SocketClosing, CALM), Verdict::HandOver(Spread::Announced));
    assert_eq!(verdict(&Signal::TokenChanges, CALM), Verdict::HandOver(Spread::Alone));
    assert_eq!(verdict(&Signal::ChannelNotExtended, CALM), Verdict::HandOver(Spread::Alone));
}

#[test]
fn row_close_1001_after_quiet_is_about_an_idle_token() {
    let quiet = Memory { quiet: true, ..CALM };
    assert_eq!(verdict(&closed(1001, "idle timeout"), quiet), Verdict::TokenSuspect);
    assert_eq!(verdict(&closed(1001, "idle timeout"), CALM), Verdict::Reconnect(Spread::Everybody));
    assert_eq!(verdict(&closed(1012, ""), quiet), Verdict::Reconnect(Spread::Everybody));
}

#[test]
fn row_channel_near_its_end_is_extended() {
    assert_eq!(verdict(&Signal::ChannelHalfLife, CALM), Verdict::Extend);
}

#[test]
fn row_no_longer_subscribed_is_an_eviction() {
    assert_eq!(verdict(&Signal::Evicted, CALM), Verdict::Evicted);
}

#[test]
fn row_silence_is_half_open() {
    assert_eq!(verdict(&Signal::Silence, CALM), Verdict::HalfOpen);
    assert_eq!(verdict(&Signal::Deaf, CALM), Verdict::HalfOpen, "alive, and delivers nothing");
}

#[rstest]
#[case::ok(Ok(()), TokenCheck::Alive)]
#[case::forbidden(Err(ApiError::Status(status(403))), TokenCheck::Alive)]
#[case::unauthorized(Err(ApiError::Status(status(401))), TokenCheck::Dead)]
#[case::not_found(Err(ApiError::Status(status(404))), TokenCheck::Dead)]
#[case::limited(Err(ApiError::Status(status(429))), TokenCheck::Unknown)]
#[case::overloaded(Err(ApiError::Status(status(503))), TokenCheck::Unknown)]
#[case::portal(Err(html(401)), TokenCheck::Unknown)]
#[case::offline(Err(ApiError::Transport(cut(TransportKind::Offline))), TokenCheck::Unknown)]
fn token_check_429_and_5xx_mean_unknown_not_dead(#[case] result: Result<(), ApiError>, #[case] expected: TokenCheck) {
    assert_eq!(token_check(&result), expected);
}

#[test]
fn row_a_socket_that_may_not_have_the_token_is_for_a_person_to_mend() {
    let refused = earshot_genesys::socket_auth::Refusal::AnotherDomain;
    let signal = Signal::Upgrade(DialError::Untrusted(refused));
    assert_eq!(verdict(&signal, CALM), Verdict::Blocked(Block::UntrustedSocket));
}
