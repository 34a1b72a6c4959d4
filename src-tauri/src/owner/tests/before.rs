//! Coming back to a sign-in from before, and leaving it for good.

use std::sync::Arc;

use earshot_engine::limits::STORE_PATIENCE;
use earshot_engine::sign_in::{Revocation, SignedOut};
use earshot_engine::snapshot::{LinkState, LinkView, Severity, Snapshot, Trouble};
use earshot_engine::world::StoreError;

use super::world::{Paper, World, begin_with, first_start, form, on_the_desk, signed_in, signed_out, until, view};
use crate::ipc::{AppView, Stage};
use crate::owner::{Ask, Owner};
use crate::settings::Settings;
use crate::trouble::trouble;

/// The owner after a start of the program on a computer where somebody has signed in to `abc` before.
fn restarted(signed_out: bool) -> (Owner, Arc<World>, Paper) {
    let settings = Settings {
        region: "mypurecloud.de".to_owned(),
        client_id: "abc".to_owned(),
        signed_out,
        ..Settings::default()
    };
    begin_with(settings, true)
}

impl World {
    fn link(&self, state: LinkState, trouble: Option<Trouble>) {
        let link = LinkView { state, trouble, ..LinkView::default() };
        self.tell(Snapshot { link, ..Snapshot::default() });
    }
}

fn why(view: &AppView) -> Option<&str> {
    match &view.stage {
        Stage::SignedOut { trouble, .. } => trouble.as_ref().map(|trouble| trouble.code.as_str()),
        _ => None,
    }
}

fn farewell(view: &AppView) -> Option<(&str, Severity)> {
    match &view.stage {
        Stage::SignedOut { farewell, .. } => farewell.as_ref().map(|each| (each.trouble.code.as_str(), each.severity)),
        _ => None,
    }
}

fn refusal() -> Trouble {
    trouble("sign_in.needed", "The stored sign-in is no longer valid.", Some("Sign in again."), false)
}

#[tokio::test]
async fn a_restart_goes_on_with_the_sign_in_from_before_and_opens_no_browser() {
    let (owner, world, _) = restarted(false);
    assert!(matches!(owner.view().stage, Stage::Resuming), "no form flashes by");
    world.key_store_answers(Ok(Some("token"))).await;
    view(&owner, signed_in).await;
    world.link(LinkState::Connected, None);
    view(&owner, |view| view.snapshot.as_ref().is_some_and(|s| s.link.state == LinkState::Connected)).await;
    assert_eq!(world.log(), ["key store for abc", "resumed token for abc"]);
    // From here on it is a session like any other.
    world.link(LinkState::SignInNeeded, Some(refusal()));
    view(&owner, |view| view.snapshot.as_ref().is_some_and(|s| s.link.state == LinkState::SignInNeeded)).await;
    assert!(matches!(owner.view().stage, Stage::Desk));
}

#[tokio::test]
async fn where_nothing_is_stored_there_is_the_form_and_no_complaint() {
    let (owner, world, _) = restarted(false);
    world.key_store_answers(Ok(None)).await;
    assert_eq!(why(&*view(&owner, signed_out).await), None);
}

#[tokio::test]
async fn without_a_client_id_nobody_is_looked_for() {
    let (owner, world, _) = begin_with(Settings::default(), true);
    assert!(signed_out(&owner.view()));
    owner.ask(Ask::SetSound { ring: true, volume: 1 }).await.expect("set");
    assert!(world.log().is_empty());
}

#[tokio::test]
async fn each_failure_of_the_key_store_leads_to_the_form_with_its_reason() {
    for (error, code) in [
        (StoreError::Locked, "store.locked"),
        (StoreError::Absent, "store.absent"),
        (StoreError::Ambiguous, "store.ambiguous"),
        (StoreError::Failed("x".to_owned()), "store.failed"),
    ] {
        let (owner, world, _) = restarted(false);
        world.key_store_answers(Err(error)).await;
        assert_eq!(why(&*view(&owner, signed_out).await), Some(code));
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_key_store_is_not_waited_for_and_used_when_it_answers() {
    let began = tokio::time::Instant::now();
    let (owner, world, _) = restarted(false);
    let form = view(&owner, |view| why(view) == Some("store.slow")).await;
    assert!(began.elapsed() >= STORE_PATIENCE && began.elapsed() < STORE_PATIENCE * 2, "{:?}", began.elapsed());
    assert!(matches!(form.stage, Stage::SignedOut { .. }));
    world.key_store_answers(Ok(Some("token"))).await;
    view(&owner, signed_in).await;
}

#[tokio::test]
async fn a_slow_key_store_that_has_nothing_takes_its_complaint_back() {
    let (owner, world, _) = restarted(false);
    view(&owner, |view| why(view) == Some("store.slow")).await;
    world.key_store_answers(Ok(None)).await;
    view(&owner, |view| signed_out(view) && why(view).is_none()).await;
}

#[tokio::test]
async fn a_key_store_that_answers_after_the_person_began_to_sign_in_is_not_heard() {
    let (owner, world, _) = restarted(false);
    view(&owner, |view| why(view) == Some("store.slow")).await;
    let lever = world.key_store_is_asked().await;
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    until(|| lever.is_closed().then_some(())).await;
    world.sign_in_ends(Ok(7)).await;
    view(&owner, signed_in).await;
    assert_eq!(world.log().last().map(String::as_str), Some("session 7 for abc"));
}

#[tokio::test]
async fn a_sign_in_from_before_that_is_refused_is_removed_and_the_form_says_why() {
    let (owner, world, saved) = restarted(false);
    world.key_store_answers(Ok(Some("old"))).await;
    view(&owner, signed_in).await;
    world.link(LinkState::SignInNeeded, Some(refusal()));
    let form = view(&owner, signed_out).await;
    assert_eq!((why(&form), farewell(&form)), (Some("sign_in.needed"), None));
    world.has_logged("signed out").await;
    assert!(saved.all().is_empty(), "the person has not signed out");
}

#[tokio::test]
async fn a_client_whose_secret_is_refused_keeps_its_sign_in() {
    let (owner, world, _) = restarted(false);
    world.key_store_answers(Ok(Some("good"))).await;
    view(&owner, signed_in).await;
    world.link(LinkState::SignInNeeded, Some(trouble("client.refused", "No.", Some("Ask."), false)));
    view(&owner, |view| view.snapshot.as_ref().is_some_and(|s| s.link.state == LinkState::SignInNeeded)).await;
    assert!(matches!(owner.view().stage, Stage::Desk));
    assert!(!world.log().contains(&"signed out".to_owned()), "{:?}", world.log());
}

#[tokio::test]
async fn signing_out_says_what_came_of_it_and_is_remembered() {
    let (owner, world) = on_the_desk().await;
    let done = SignedOut { revoked: Revocation::Revoked, cleared: Ok(()) };
    world.signing_out_leads_to(done);
    owner.ask(Ask::SignOut).await.expect("signed out");
    view(&owner, |view| farewell(view) == Some(("signed_out.done", Severity::Info))).await;
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Err(trouble("sign_in.denied", "You said no.", None, true))).await;
    let form = view(&owner, |view| why(view) == Some("sign_in.denied")).await;
    assert_eq!(farewell(&form), None, "said once");
}

#[tokio::test]
async fn what_signing_out_left_behind_signs_nobody_in_and_is_removed_at_the_next_start() {
    let (owner, world, saved) = first_start();
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(1)).await;
    view(&owner, signed_in).await;
    let left = Revocation::Failed { ends_within: None };
    world.signing_out_leads_to(SignedOut { revoked: left, cleared: Err(StoreError::Locked) });
    owner.ask(Ask::SignOut).await.expect("signed out");
    view(&owner, |view| farewell(view) == Some(("signed_out.kept", Severity::Warning))).await;
    let settings = saved.newest();
    assert!(settings.signed_out);

    let (owner, world, saved) = begin_with(settings, true);
    assert!(signed_out(&owner.view()), "the form at once");
    until(|| (world.log() == ["forget abc"]).then_some(())).await;
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(2)).await;
    view(&owner, signed_in).await;
    let settings = saved.newest();
    assert!(!settings.signed_out, "from now on a restart stays signed in");
}

#[tokio::test]
async fn practice_ends_without_a_word_about_tokens() {
    let (owner, world, saved) = first_start();
    world.signing_out_leads_to(SignedOut { revoked: Revocation::Revoked, cleared: Ok(()) });
    owner.ask(Ask::Practice).await.expect("practice begins");
    view(&owner, signed_in).await;
    owner.ask(Ask::SignOut).await.expect("ended");
    world.has_logged("signed out").await;
    owner.ask(Ask::SetSound { ring: true, volume: 1 }).await.expect("set");
    assert_eq!(farewell(&owner.view()), None);
    assert!(!saved.all().iter().any(|settings| settings.signed_out));
}
