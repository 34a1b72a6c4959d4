//! S2: a compliance audit by a service. Its tokens live an hour (here: eighteen seconds, of which the last three or so are for
//! the hand-over); the server ends some of them early with close 1000 "Token expired or invalid" or with 1011. Hand-over comes
//! before the end, a re-list where the server was early, and each gap is on record.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use earshot_engine::plan::Plan;
use earshot_engine::sign_in::{Resume, ResumeFrom};
use earshot_engine::snapshot::Millis;
use earshot_genesys::socket_auth::SocketAuth;
use earshot_simulator as sim;
use earshot_simulator::{ADA, SERVICE_CLIENT_ID, SERVICE_SECRETS};
use futures_util::future::join_all;
use secrecy::SecretString;

use crate::ledger::Sums;
use crate::stage::Stage;

/// Where the server is early.
struct Early {
    /// Each so-manieth token.
    every: u64,
    code: u16,
    reason: &'static str,
}

/// One audit.
struct Audit {
    name: &'static str,
    auth: SocketAuth,
    early: Option<Early>,
    /// What `expires_in` says.
    lifetime: Duration,
    /// After so many it is over.
    expiries: usize,
    /// Begins this long after the others, so that they do not all renew at once.
    after: Duration,
}

pub(crate) const TOPICS: [&str; 2] = [
    "v2.users.3d0f6a52-8c1e-4a57-9a0b-ada000000001.conversations",
    "v2.routing.queues.b1110000-4c3d-4f0a-9b1e-00000000b111.conversations",
];

/// Client credentials with the service's first secrets.
pub(crate) fn service() -> Resume {
    Resume {
        client_id: SERVICE_CLIENT_ID.into(),
        from: ResumeFrom::ClientCredentials,
        secrets: SERVICE_SECRETS.iter().map(|s| Arc::new(SecretString::from(*s)) as _).collect(),
    }
}

/// How punctual this machine is: somebody in the same runtime who wants to be woken again and again, and notes when.
struct Pulse(Arc<Mutex<Vec<Millis>>>);

impl Pulse {
    const EVERY: Duration = Duration::from_millis(10);

    fn start() -> Self {
        let beats = Arc::<Mutex<Vec<Millis>>>::default();
        let kept = Arc::downgrade(&beats);
        tokio::spawn(async move {
            while let Some(beats) = kept.upgrade() {
                let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, millis);
                beats.lock().expect("not poisoned").push(now);
                drop(beats);
                tokio::time::sleep(Self::EVERY).await;
            }
        });
        Self(beats)
    }

    /// Whether it was woken less than a quarter as often as it wanted. What a hand-over waits for, one thing after the
    /// other, took that much longer, too.
    fn stood_still(&self, from: Millis, to: Millis) -> bool {
        let beats = self.0.lock().expect("not poisoned").iter().filter(|at| (from..=to).contains(*at)).count();
        let wanted = (to - from) / millis(Self::EVERY);
        Millis::try_from(beats).is_ok_and(|beats| beats * 4 < wanted)
    }
}

fn millis(span: Duration) -> Millis {
    Millis::try_from(span.as_millis()).expect("not so long")
}

/// Listens until so many tokens have expired, with a new conversation every second.
async fn audit(Audit { name, auth, early, lifetime, expiries, after }: Audit) -> Sums {
    tokio::time::sleep(after).await;
    let pulse = Pulse::start();
    let options = sim::Options { token_lifetime: lifetime, rate_limit: None, ..sim::Options::default() };
    let mut stage = Stage::listening(options, Plan::listen(TOPICS), auth).await;
    if let Some(Early { every, code, reason }) = &early {
        let life = sim::TokenLife {
            // Before Earshot begins to renew.
            early_seconds: Some(lifetime.as_secs_f64() * 0.65),
            early_every: Some(*every),
            code: Some(*code),
            reason: Some((*reason).to_owned()),
            ..Default::default()
        };
        stage.control.token_life(life).expect("set");
    }
    match auth {
        SocketAuth::None => {}
        SocketAuth::Header => stage.control.socket_auth(sim::Require::Header),
        SocketAuth::Query => stage.control.socket_auth(sim::Require::Query),
    }
    stage.engine.resume(service());
    stage.caught_up().await;
    let stream = sim::Stream {
        of: sim::StreamOf::Conversations,
        agent: Some(ADA.to_owned()),
        every_ms: Some(1_000),
        count: Some(100_000),
        patience_ms: Some(400),
        ..Default::default()
    };
    stage.control.stream(stream).expect("begun");
    stage.on_record("the expiries", |ledger| ledger.renewals() >= expiries).await;
    stage.control.run(sim::Command::Stream(sim::Stream { stop: true, ..Default::default() })).expect("stopped");
    let conversations = stage.control.state()["conversations"].clone();
    let id = |c: &serde_json::Value| c["id"].as_str().map(str::to_owned);
    stage.offered = conversations.as_array().expect("a list").iter().filter_map(id).collect();
    let sums = stage.prove(name).await;
    let losses = stage.ledger.losses();
    if early.is_some() {
        assert!(losses.len() >= 2, "{name}: the server was early");
        return sums;
    }
    // Nobody can be punctual on a machine that is not: there each loss is on record, as proved above.
    let (excused, losses): (Vec<Millis>, Vec<_>) =
        losses.into_iter().partition(|&at| pulse.stood_still(at - millis(lifetime / 5), at));
    assert_eq!(losses, [0; 0], "{name}: a planned change makes no gap\n{}", stage.ledger);
    if excused.is_empty() {
        // The comparison of a hand-over may be ahead of an event that is under way.
        let told = (sums.live + sums.recovered, sums.recovered <= 1);
        assert_eq!(told, (sums.offered, true), "{name}: all of it live, but for one at most: {sums}");
    } else {
        println!(
            "S2: this machine stood still while a token was handed over: {} losses, each on record",
            excused.len()
        );
    }
    // The last one may still be under way.
    let hand_overs = stage.ledger.hand_overs() + excused.len();
    assert!(hand_overs + 1 >= expiries, "{name}: {hand_overs} hand-overs");
    sums
}

/// Runs audits side by side, and adds up.
async fn audits(variant: &str, audits: Vec<Audit>) {
    let expiries: usize = audits.iter().map(|audit| audit.expiries).sum();
    let all = join_all(audits.into_iter().map(audit)).await;
    let total = |of: fn(&Sums) -> usize| all.iter().map(of).sum::<usize>();
    let sums = Sums {
        offered: total(|s| s.offered),
        live: total(|s| s.live),
        recovered: total(|s| s.recovered),
        missed: total(|s| s.missed),
        lost: Vec::new(),
    };
    assert_eq!(sums.live + sums.recovered + sums.missed, sums.offered, "{variant}");
    println!("S2: {sums} (all of {expiries} expiries, {variant})");
}

#[tokio::test(flavor = "multi_thread")]
async fn s2_a_hundred_expiries_are_handed_over_and_lose_nothing() {
    const LIFETIME: Duration = Duration::from_secs(18);
    let audit_at = |number: u32| {
        let (name, auth) = match number % 3 {
            0 => ("S2 (no token at the upgrade)", SocketAuth::None),
            1 => ("S2 (token in the header)", SocketAuth::Header),
            _ => ("S2 (token in the query)", SocketAuth::Query),
        };
        Audit { name, auth, early: None, lifetime: LIFETIME, expiries: 4, after: LIFETIME * number / 32 }
    };
    audits("the server is punctual", (0..25).map(audit_at).collect()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn s2_where_the_server_is_early_a_re_list_finds_the_rest_and_each_gap_is_on_record() {
    let early = |name, code, reason| Audit {
        name,
        auth: SocketAuth::None,
        early: Some(Early { every: 2, code, reason }),
        lifetime: Duration::from_secs(6),
        expiries: 6,
        after: Duration::ZERO,
    };
    let all = vec![
        early("S2 (early, 1000)", 1000, "Token expired or invalid"),
        early("S2 (early, 1011)", 1011, "internal error"),
    ];
    audits("the server is early with every second one", all).await;
}
