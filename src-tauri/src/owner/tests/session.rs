//! A session under way: what reaches it, what it says, and how it ends.

use std::sync::Arc;

use earshot_engine::desk::io::Command;
use earshot_engine::snapshot::{LinkState, Snapshot};

use super::world::{first_start, form, on_the_desk, signed_in, signed_out, view};
use crate::ipc::{AppView, Stage};
use crate::owner::Ask;
use crate::testing::routing;

#[tokio::test]
async fn commands_reach_the_session_and_nobody_else() {
    let (owner, world) = on_the_desk().await;
    let answer = Command::Answer { leg: "a".to_owned() };
    owner.ask(Ask::Desk(answer.clone())).await.expect("sent");
    owner.ask(Ask::ReconnectNow).await.expect("sent");
    assert_eq!(world.log()[2..], [format!("{answer:?}"), "reconnect now".to_owned()]);
    owner.ask(Ask::SignOut).await.expect("signed out");
    let error = owner.ask(Ask::Desk(answer)).await.expect_err("nobody is signed in");
    assert_eq!(error.code, "command.not_now");
}

#[tokio::test]
async fn each_snapshot_becomes_a_newer_view() {
    let (owner, world) = on_the_desk().await;
    let before = owner.view().revision;
    let mut snapshot = Snapshot::default();
    snapshot.link.state = LinkState::Connected;
    world.tell(snapshot);
    let connected = |view: &Arc<AppView>| view.snapshot.as_ref().is_some_and(|s| s.link.state == LinkState::Connected);
    assert!(view(&owner, connected).await.revision > before);
}

#[tokio::test]
async fn not_responding_is_hidden_until_the_next_time() {
    let (owner, world) = on_the_desk().await;
    let told = |view: &Arc<AppView>, hidden| view.not_responding.is_some_and(|told| told.hidden == hidden);
    world.tell(routing("NOT_RESPONDING", Some(1_000)));
    view(&owner, |view| told(view, false)).await;
    owner.ask(Ask::HideNotResponding).await.expect("hidden");
    assert!(view(&owner, |view| told(view, true)).await.snapshot.is_some());
    world.tell(routing("IDLE", Some(2_000)));
    view(&owner, |view| view.not_responding.is_none()).await;
    world.tell(routing("NOT_RESPONDING", Some(3_000)));
    view(&owner, |view| told(view, false)).await;
}

#[tokio::test]
async fn what_the_computer_does_reaches_the_session_and_the_next_one() {
    let (owner, world, _) = first_start();
    // With nobody signed in all of it is allowed, and none of it holds up a sleep.
    owner.ask(Ask::GoingToSleep).await.expect("nothing to be written");
    owner.ask(Ask::Woke).await.expect("nothing to be woken");
    owner.ask(Ask::PersonHere(true)).await.expect("noted");
    assert!(world.log().is_empty());
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(1)).await;
    view(&owner, signed_in).await;
    owner.ask(Ask::GoingToSleep).await.expect("written");
    owner.ask(Ask::Woke).await.expect("woken");
    owner.ask(Ask::PersonHere(false)).await.expect("noted");
    assert_eq!(world.log()[2..], ["somebody is here", "sleep is on record", "woke", "nobody is here"]);
}

#[tokio::test]
async fn a_session_that_dies_is_said() {
    let (owner, world) = on_the_desk().await;
    world.session_dies();
    let view = view(&owner, signed_out).await;
    assert!(matches!(&view.stage, Stage::SignedOut { trouble: Some(why), .. } if why.code == "session.ended"));
}

#[tokio::test]
async fn quitting_closes_the_session_without_signing_out() {
    let (owner, world) = on_the_desk().await;
    owner.ask(Ask::Quit).await.expect("quit");
    assert_eq!(world.log().last().map(String::as_str), Some("closed"));
    let error = owner.ask(Ask::ReconnectNow).await.expect_err("nobody is there");
    assert_eq!(error.code, "app.ending");
}
