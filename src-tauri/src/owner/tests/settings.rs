//! What a person, or an administrator, sets on this computer, and what the keeper of the record has to show.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use earshot_engine::snapshot::Snapshot;
use tokio::sync::watch;

use super::world::{Login, begin, first_start, form, plain, signed_in, view};
use crate::ipc::DeafView;
use crate::keeper::Kept;
use crate::overrides::Overrides;
use crate::owner::{Ask, Save, Start};
use crate::trouble::trouble;

#[tokio::test]
async fn the_ring_is_set_saved_and_its_trouble_shown() {
    let (owner, _, saved) = first_start();
    owner.ask(Ask::SetSound { ring: false, volume: 255 }).await.expect("set");
    owner.ask(Ask::SoundTrouble(Some(trouble("sound.none", "No sound.", None, true)))).await.expect("noted");
    let view = view(&owner, |view| view.sound.trouble.is_some()).await;
    assert!(!view.sound.ring && view.sound.volume == 100);
    assert_eq!(saved.newest().volume, 100);
}

#[tokio::test]
async fn settings_that_cannot_be_saved_are_said() {
    let save: Save = Box::new(|_| Err(trouble("settings.unsaved", "No room.", None, true)));
    let (owner, _) = begin(Start { save, ..plain() });
    owner.ask(Ask::SetSound { ring: true, volume: 1 }).await.expect("set");
    let view = view(&owner, |view| view.settings.trouble.is_some()).await;
    assert_eq!(view.sound.volume, 1, "it holds until the end all the same");
}

#[tokio::test]
async fn starting_at_login_is_shown_as_it_is_written_and_not_as_it_is_wished() {
    let entry = Arc::new(AtomicBool::new(true));
    let (owner, _) = begin(Start { autostart: Box::new(Login(Arc::clone(&entry), false)), ..plain() });
    view(&owner, |view| view.start_at_login).await;
    owner.ask(Ask::SetStartAtLogin(false)).await.expect("written");
    view(&owner, |view| !view.start_at_login).await;
    assert!(!entry.load(Ordering::SeqCst));

    let (owner, _) = begin(Start { autostart: Box::new(Login(Arc::clone(&entry), true)), ..plain() });
    let error = owner.ask(Ask::SetStartAtLogin(true)).await.expect_err("it cannot be written");
    assert_eq!(error.code, "autostart.unwritten");
    assert!(!owner.view().start_at_login);
}

#[tokio::test]
async fn what_an_administrator_wants_at_login_is_seen_to_and_stays() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "autostart = true\n").expect("a managed file");
    let variable = |name: &str| (name == "EARSHOT_CONFIG").then(|| file.display().to_string());
    let entry = Arc::new(AtomicBool::new(false));
    let autostart = Box::new(Login(Arc::clone(&entry), false));
    let (owner, _) = begin(Start { overrides: Overrides::read(variable), autostart, ..plain() });
    assert!(owner.view().start_at_login && entry.load(Ordering::SeqCst));
    assert_eq!(owner.ask(Ask::SetStartAtLogin(false)).await.expect_err("not the person's").code, "command.not_now");
    assert!(entry.load(Ordering::SeqCst));
}

#[tokio::test]
async fn how_deaf_today_was_is_shown_as_it_changes() {
    let (keeper, kept) = watch::channel(Kept::default());
    let (owner, world) = begin(Start { kept, ..plain() });
    owner.ask(Ask::SignIn(form("a-client"))).await.expect("begun");
    world.sign_in_ends(Ok(1)).await;
    view(&owner, signed_in).await;
    let deaf = DeafView { day: 0, closed: 0, gaps: 1, missed: 0, settled: false, since: Some(5) };
    keeper.send_modify(|kept| kept.deaf = Some(deaf));
    view(&owner, |view| view.deaf_today == Some(deaf)).await;
    // A keeper that is gone is no news, again and again.
    drop(keeper);
    let revision = owner.view().revision;
    world.tell(Snapshot { revision: 9, ..Snapshot::default() });
    let view = view(&owner, |view| view.snapshot.as_ref().is_some_and(|snapshot| snapshot.revision == 9)).await;
    assert_eq!(view.revision, revision + 1);
}
