//! Everything that can go wrong, drawn at random and mended again: for days of it on end.

use std::time::Duration;

use earshot_simulator as sim;

use crate::chance::Chance;
use crate::lab::{Lab, ms, s};
use crate::reckoning::Terms;
use crate::wire::Trouble;

/// After any of these faults is mended, everybody hears again within this: the longest back-off, or the retry once a
/// minute of what looked like a person's business, or the comparison once a minute that finds what makes no noise; and
/// then requests on connections that are dead, and the attempt itself.
pub(crate) const RECOVERY: Duration = s(90);

/// What the books are balanced by after such days.
pub(crate) fn terms() -> Terms {
    Terms::deaf(RECOVERY)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Partition,
    HalfOpen,
    OneWay,
    Close,
    Drop,
    Deadlock,
    Offline,
    RefusedUpgrades,
    TokenEnds,
    SignInServerDown,
    Latency,
    Nap,
    NetworkChange,
    Announced,
    Evicted,
    RateLimited,
    ServerErrors,
    WebPages,
    NoName,
    NoNetwork,
    Duplicates,
    LateSubscription,
}

const ALL: [Fault; 22] = [
    Fault::Partition,
    Fault::HalfOpen,
    Fault::OneWay,
    Fault::Close,
    Fault::Drop,
    Fault::Deadlock,
    Fault::Offline,
    Fault::RefusedUpgrades,
    Fault::TokenEnds,
    Fault::SignInServerDown,
    Fault::Latency,
    Fault::Nap,
    Fault::NetworkChange,
    Fault::Announced,
    Fault::Evicted,
    Fault::RateLimited,
    Fault::ServerErrors,
    Fault::WebPages,
    Fault::NoName,
    Fault::NoNetwork,
    Fault::Duplicates,
    Fault::LateSubscription,
];

const SUDDEN: [Fault; 7] =
    [Fault::Close, Fault::Drop, Fault::Deadlock, Fault::TokenEnds, Fault::Nap, Fault::NetworkChange, Fault::Announced];

/// One fault, for some of the time up to `longest`, and its end. Says what it was.
pub(crate) fn strike(lab: &mut Lab, chance: &mut Chance, longest: Duration) -> String {
    let fault = chance.of(&ALL);
    let whole = u64::try_from(longest.as_millis()).expect("a span of this simulation");
    let span = chance.millis(500, whole);
    let begin = lab.now();
    match fault {
        Fault::Partition => {
            lab.partition();
            amid(lab, chance, span);
            lab.repair();
        }
        Fault::HalfOpen => {
            lab.hold();
            amid(lab, chance, span);
            lab.release();
        }
        Fault::OneWay => {
            lab.deafen();
            amid(lab, chance, span);
            lab.undeafen();
        }
        Fault::Offline => {
            lab.broken();
            lab.genesys(|control| control.offline(None));
            amid(lab, chance, span);
            lab.genesys(sim::Control::online);
            lab.mended();
        }
        Fault::RefusedUpgrades => {
            let status = chance.of(&[401, 403, 404, 429, 500, 502, 503]);
            let refusal = sim::RefuseUpgrades { status: Some(status), ..sim::RefuseUpgrades::default() };
            lab.broken();
            lab.genesys(move |control| control.refuse_upgrades(refusal)).expect("a fault");
            lab.genesys(sim::Control::drop_sockets);
            amid(lab, chance, span);
            clear(lab);
        }
        Fault::SignInServerDown => {
            let down = sim::FailTokenEndpoint { status: Some(503), ..sim::FailTokenEndpoint::default() };
            lab.broken();
            lab.genesys(|control| control.fail_token_endpoint(down)).expect("a fault");
            lab.genesys(|control| control.expire_tokens(sim::ExpireTokens::default())).expect("expired");
            amid(lab, chance, span);
            clear(lab);
        }
        Fault::Latency => {
            let slowest = chance.millis(500, 20_000);
            lab.broken();
            lab.latency(ms(1), slowest);
            amid(lab, chance, span);
            lab.usual_latency();
            lab.pass(slowest);
            lab.mended();
        }
        Fault::Evicted => {
            lab.broken();
            lab.genesys(|control| control.evict_channels(sim::Evict::default())).expect("evicted");
            // Evicted again soon after, it waits longer each time.
            lab.pass(s(125));
            lab.mended();
        }
        Fault::RateLimited => {
            let after = chance.between(1, 20);
            fails(lab, chance, sim::Fail { status: Some(429), retry_after: Some(after), ..sim::Fail::default() }, span);
            lab.pass(s(after));
            lab.jolt();
        }
        Fault::ServerErrors => {
            let status = chance.of(&[500, 502, 503, 504]);
            fails(lab, chance, sim::Fail { status: Some(status), ..sim::Fail::default() }, span);
        }
        Fault::WebPages => {
            let status = chance.of(&[200, 502]);
            let page = sim::Fail { status: Some(status), body: sim::FaultBody::Html, ..sim::Fail::default() };
            fails(lab, chance, page, span);
        }
        Fault::NoName => trouble(lab, chance, Trouble::NoName, span),
        Fault::NoNetwork => trouble(lab, chance, Trouble::NoNetwork, span),
        Fault::Duplicates => {
            let (duplicate, delay_ms) = (u32::try_from(chance.between(1, 3)).expect("small"), chance.between(0, 900));
            let delay_ms = i64::try_from(delay_ms).expect("small");
            lab.genesys(move |control| control.events(sim::Events { duplicate, delay_ms, ..sim::Events::default() }))
                .expect("a fault");
            amid(lab, chance, span);
            clear(lab);
        }
        Fault::LateSubscription => {
            let events = sim::Events { subscribe_delay_ms: 2_000, ..sim::Events::default() };
            lab.genesys(|control| control.events(events)).expect("a fault");
            lab.jolt();
            lab.genesys(sim::Control::drop_sockets);
            amid(lab, chance, span);
            clear(lab);
        }
        _ => sudden(lab, chance, fault, span),
    }
    format!("{begin:?} {fault:?}, {:?}", lab.now().saturating_sub(begin))
}

/// The time of a fault; in every third of them something else happens at a random moment.
fn amid(lab: &mut Lab, chance: &mut Chance, span: Duration) {
    let end = lab.now() + span;
    if chance.between(0, 2) == 0 {
        let whole = u64::try_from(span.as_millis()).expect("a span of this simulation");
        lab.pass(chance.millis(0, whole));
        let fault = chance.of(&SUDDEN);
        sudden(lab, chance, fault, span);
    }
    lab.pass(end.saturating_sub(lab.now()));
}

/// What happens at once, and may happen while something else is wrong.
fn sudden(lab: &mut Lab, chance: &mut Chance, fault: Fault, span: Duration) {
    match fault {
        Fault::Close => {
            let code = chance.of(&[1000, 1001, 1006, 1008, 1011, 1012, 1013, 4001, 4003, 4999]);
            lab.jolt();
            lab.genesys(move |control| control.close_sockets(code, ""));
        }
        Fault::Drop => {
            lab.jolt();
            lab.genesys(sim::Control::drop_sockets);
        }
        Fault::Deadlock => {
            lab.jolt();
            lab.genesys(sim::Control::half_open);
        }
        Fault::TokenEnds => {
            let sockets =
                chance.of(&[sim::SocketsOfExpired::Close, sim::SocketsOfExpired::Silent, sim::SocketsOfExpired::Leave]);
            lab.jolt();
            let how = sim::ExpireTokens { sockets, ..sim::ExpireTokens::default() };
            lab.genesys(|control| control.expire_tokens(how)).expect("expired");
        }
        Fault::Nap => {
            lab.jolt();
            lab.genesys(sim::Control::half_open);
            lab.pass(s(1));
            lab.wall_jumps(span * 60);
            lab.jolt();
        }
        Fault::NetworkChange => {
            lab.network_changes();
            if chance.between(0, 1) == 0 {
                lab.agent().engine().woke();
            }
        }
        Fault::Announced => {
            let after = i64::try_from(chance.between(0, 60_000)).expect("a minute");
            lab.jolt();
            lab.genesys(move |control| control.socket_closing(Some(after)));
            lab.pass(ms(after.unsigned_abs()) + s(1));
            lab.jolt();
        }
        _ => unreachable!("{fault:?} takes its time"),
    }
}

/// Every request of the API fails so, and a lost socket makes it felt.
fn fails(lab: &mut Lab, chance: &mut Chance, fail: sim::Fail, span: Duration) {
    let fail = sim::Fail { path: "/api/v2/".into(), ..fail };
    lab.broken();
    lab.genesys(move |control| control.fail(fail)).expect("a fault");
    lab.genesys(sim::Control::drop_sockets);
    amid(lab, chance, span);
    clear(lab);
}

fn clear(lab: &mut Lab) {
    lab.genesys(sim::Control::clear_faults);
    lab.mended();
}

fn trouble(lab: &mut Lab, chance: &mut Chance, trouble: Trouble, span: Duration) {
    lab.trouble(trouble);
    lab.genesys(sim::Control::drop_sockets);
    amid(lab, chance, span);
    lab.no_trouble();
}
