//! Signing in: what leads to a session, to none, or to another one. And practice, which begins the same way.

use super::world::{first_start, form, on_the_desk, signed_in, signed_out, until, view};
use crate::ipc::Stage;
use crate::owner::Ask;
use crate::trouble::trouble;

#[tokio::test]
async fn signing_in_leads_to_the_desk_and_is_remembered() {
    let (owner, world, saved) = first_start();
    assert!(signed_out(&owner.view()));
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    view(&owner, |view| matches!(view.stage, Stage::SigningIn { .. })).await;
    world.sign_in_ends(Ok(1)).await;
    let desk = view(&owner, signed_in).await;
    assert!(desk.snapshot.is_some() && !desk.practice);
    let last = saved.newest();
    assert_eq!((last.region.as_str(), last.client_id.as_str()), ("mypurecloud.de", "abc"));
}

#[tokio::test]
async fn a_form_without_client_id_opens_no_browser() {
    let (owner, world, saved) = first_start();
    let error = owner.ask(Ask::SignIn(form(""))).await.expect_err("no client id");
    assert_eq!(error.code, "client_id.missing");
    assert!(signed_out(&owner.view()));
    assert!(world.log().is_empty() && saved.all().is_empty());
}

#[tokio::test]
async fn a_failed_sign_in_says_why_and_can_be_tried_again() {
    let (owner, world, _) = first_start();
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Err(trouble("sign_in.denied", "You said no.", None, true))).await;
    let view_of_failure = view(&owner, |view| matches!(view.stage, Stage::SignedOut { trouble: Some(_), .. })).await;
    assert!(
        matches!(&view_of_failure.stage, Stage::SignedOut { trouble: Some(why), .. } if why.code == "sign_in.denied")
    );
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(2)).await;
    view(&owner, signed_in).await;
}

#[tokio::test]
async fn only_the_newest_sign_in_counts() {
    let (owner, world, _) = first_start();
    owner.ask(Ask::SignIn(form("old"))).await.expect("a sound form");
    let old = world.sign_in_begins().await;
    owner.ask(Ask::SignIn(form("new"))).await.expect("a sound form");
    // The old one was dropped, so its browser can come back as it likes.
    until(|| old.is_closed().then_some(())).await;
    world.sign_in_ends(Ok(2)).await;
    view(&owner, signed_in).await;
    assert_eq!(world.log(), ["browser for old", "browser for new", "session 2 for new"]);
}

#[tokio::test]
async fn cancelling_leads_back() {
    let (owner, world, _) = first_start();
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    let lever = world.sign_in_begins().await;
    owner.ask(Ask::CancelSignIn).await.expect("cancelled");
    view(&owner, signed_out).await;
    until(|| lever.is_closed().then_some(())).await;
}

#[tokio::test]
async fn signing_in_again_to_the_same_place_keeps_the_session() {
    let (owner, world) = on_the_desk().await;
    owner.ask(Ask::SignIn(form("abc"))).await.expect("a sound form");
    world.sign_in_ends(Ok(2)).await;
    world.has_logged("renewed with 2").await;
    assert!(!world.log().iter().any(|line| line == "signed out" || line.starts_with("session 2")), "{:?}", world.log());
}

#[tokio::test]
async fn signing_in_elsewhere_ends_the_old_session() {
    let (owner, world) = on_the_desk().await;
    owner.ask(Ask::SignIn(form("other"))).await.expect("a sound form");
    world.sign_in_ends(Ok(2)).await;
    world.has_logged("session 2 for other").await;
    world.has_logged("signed out").await;
}

#[tokio::test]
async fn practice_is_marked_and_not_mixed_with_the_real_thing() {
    let (owner, world, saved) = first_start();
    owner.ask(Ask::Practice).await.expect("practice begins");
    assert!(view(&owner, signed_in).await.practice);
    assert!(saved.all().is_empty(), "practice is no setting");
    let error = owner.ask(Ask::Practice).await.expect_err("already there");
    assert_eq!(error.code, "command.not_now");
    owner.ask(Ask::SignOut).await.expect("signed out");
    assert!(!view(&owner, signed_out).await.practice);
    world.has_logged("signed out").await;
}
