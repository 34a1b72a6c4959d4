//! What goes on record, and in which order.

use super::*;

/// Facts in short.
fn words(rig: &Rig) -> Vec<String> {
    let word = |fact: &Fact| match fact {
        Fact::SignedIn { renewal } => format!("signed in: {renewal}"),
        Fact::SignedOut => "signed out".into(),
        Fact::Link { state, .. } => format!("{state:?}"),
        Fact::Topic { topic, permitted, .. } => {
            format!("{} {permitted}", topic.rsplit('.').next().unwrap_or_default())
        }
        Fact::Event(event) => format!("event of {}", event.subject),
        Fact::GapOpened { cause, .. } => format!("gap: {}", cause.code),
        Fact::Gap(gap) => format!("gap closed, settled {}", gap.settled),
        Fact::Renewed { generation, .. } => format!("renewed {generation}"),
        Fact::OfferStarted { leg, .. } => format!("offer {leg}"),
        Fact::OfferEnded { end, .. } => format!("offer ended {end:?}"),
        Fact::ActionSent { what, .. } => format!("sent {what}"),
        Fact::ActionAnswered { trouble, .. } => format!("answered {}", trouble.is_none()),
        other => format!("{other:?}"),
    };
    rig.recorded.iter().map(|record| word(&record.fact)).collect()
}

#[test]
fn a_sign_in_an_offer_and_its_answer() {
    let mut rig = Rig::ringing();
    rig.command(Command::Answer { leg: "c1-leg".into() });
    rig.serve();
    rig.frame(frame_of("ada", "c1", "connected"));
    let words = words(&rig);
    assert!(words[0].starts_with("signed in"), "{words:?}");
    let at = |what: &str| words.iter().position(|word| word == what).unwrap_or_else(|| panic!("{what}: {words:?}"));
    assert!(at("conversations true") < at("event of c1"));
    assert!(at("event of c1") < at("offer c1-leg"), "the event goes on record before what it means");
    assert!(at("offer c1-leg") < at("sent answer") && at("sent answer") < at("answered true"));
    assert!(at("answered true") < at("offer ended Answered"));
    let repeated = words.iter().filter(|word| *word == "conversations true").count();
    assert_eq!(repeated, 1);
}

#[test]
fn a_gap_is_on_record_from_its_opening_to_its_settlement() {
    let mut rig = Rig::up();
    rig.recorded.clear();
    rig.close(Some(1006), "");
    rig.serve();
    rig.pass(s(10));
    let words = words(&rig);
    let gap: Vec<_> = words.iter().filter(|word| word.starts_with("gap")).collect();
    assert_eq!(gap, ["gap: socket.closed", "gap closed, settled false", "gap closed, settled true"]);
}

#[test]
fn until_when_we_heard_is_on_record_before_a_sleep() {
    let mut rig = Rig::up();
    rig.pass(s(7));
    rig.recorded.clear();
    rig.go(Input::GoingToSleep);
    rig.serve();
    let heard = |fact: &Fact| matches!(fact, Fact::Hearing { .. });
    let facts: Vec<_> = rig.recorded.iter().map(|record| (record.at, heard(&record.fact))).collect();
    assert_eq!(facts, [(rig.wall(), true)]);
    assert_eq!(rig.state(), LinkState::Connected, "a nap may leave the socket as good as it was");
    // In a gap there is nothing to be said for it.
    rig.close(Some(1006), "");
    rig.recorded.clear();
    rig.go(Input::GoingToSleep);
    assert!(!rig.recorded.iter().any(|record| heard(&record.fact)));
}

#[test]
fn the_time_between_two_runs_is_a_gap_like_any_other() {
    let mut rig = Rig::new();
    let from = rig.wall() - 60_000;
    rig.machine = Machine::new(Plan::agent(), Some(Owed { from, known: Vec::new() }));
    rig.sign_in(Renewal::RefreshToken);
    rig.serve();
    rig.pass(s(10));
    let gaps = rig.gaps();
    assert_eq!(gaps.len(), 2, "{gaps:?}");
    assert!(gaps.iter().all(|gap| gap.from == from && gap.causes[0].code == "not.running"));
    assert!(gaps[1].settled);
}

#[test]
fn a_listener_without_a_user_needs_none() {
    let topic = "v2.routing.queues.q1.users";
    let mut rig = Rig::new();
    rig.machine = Machine::new(Plan::listen([topic]), None);
    rig.server.no_user = true;
    rig.sign_in(Renewal::ClientCredentials);
    rig.serve();
    assert_eq!(rig.state(), LinkState::Connected);
    let body = json!({ "id": "m1", "joined": true });
    rig.frame(Frame::Text(json!({ "topicName": topic, "eventBody": body }).to_string()));
    rig.pass(s(3));
    assert!(words(&rig).contains(&"event of m1".to_owned()), "{:?}", words(&rig));

    let mut rig = Rig::new();
    rig.machine = Machine::new(Plan::listen(["v2.users.{me}.presence"]), None);
    rig.server.no_user = true;
    rig.sign_in(Renewal::ClientCredentials);
    rig.serve();
    assert_eq!(rig.state(), LinkState::Blocked, "{{me}} needs a user");
}

#[test]
fn that_we_hear_is_on_record_in_quiet_times_and_at_the_end() {
    let mut rig = Rig::up();
    rig.recorded.clear();
    for _ in 0..5 * 60 {
        rig.now += s(1);
        rig.frame(pong());
    }
    let proofs = |rig: &Rig| words(rig).iter().filter(|word| word.starts_with("Hearing")).count();
    assert_eq!(proofs(&rig), 5, "once a minute: {:?}", words(&rig));
    let last = rig.wall();
    rig.now += s(2);
    rig.go(Input::Closed);
    assert_eq!(words(&rig)[5], format!("Hearing {{ until: {last} }}"));
    assert_eq!(proofs(&rig), 6);
}

#[test]
fn a_sleep_that_the_connection_did_not_survive_is_in_the_gap() {
    let mut rig = Rig::up();
    rig.frame(pong());
    let heard = rig.wall();
    rig.slept += s(600);
    rig.pass_unanswered(s(5));
    assert_eq!(words(&rig).iter().filter(|word| word.starts_with("Slept")).count(), 1, "{:?}", words(&rig));
    let from = rig.told.iter().find_map(|event| match event {
        Event::GapOpened { from, .. } => Some(*from),
        _ => None,
    });
    assert_eq!(from, Some(heard), "not a moment ago, as the clock says that stood still meanwhile");
}
