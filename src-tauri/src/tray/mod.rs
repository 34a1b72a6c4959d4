//! The icon in the tray: state by shape and colour, and a small menu. Touched only when what it shows changes; a desktop
//! without a tray is survived, and asked again now and then (at login the tray may come up after us), and one whose
//! panel ends is noticed.

#[cfg(not(target_os = "linux"))]
mod elsewhere;
mod face;
mod host;
#[cfg(target_os = "linux")]
mod item;
mod menu;
mod pictures;
#[cfg(any(test, not(target_os = "linux")))]
mod touches;

use std::time::Duration;

use earshot_engine::desk::io::Command;
use earshot_engine::snapshot::{Notice, Severity};
use jiff::tz::TimeZone;
use tauri::AppHandle;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::owner::{Ask, Owner};
use crate::trouble::trouble;
use crate::windows::{WindowAsk, Windows};
#[cfg(not(target_os = "linux"))]
use elsewhere::{Error, Tray};
use face::{Face, face};
#[cfg(target_os = "linux")]
use item::{Error, Tray};
use menu::Chosen;

/// How long to wait before the tray is looked for again; the last one repeats.
const LOOK_AGAIN: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)];

/// A panel that has crashed is begun anew within this; only then is a window without an icon out of reach.
const PANEL_BACK: Duration = Duration::from_secs(10);

/// The rest of the shell, as far as the menu leads to it.
pub(crate) struct Line {
    pub(crate) owner: Owner,
    pub(crate) windows: Windows,
    pub(crate) quit: Box<dyn Fn() + Send>,
}

/// Keeps the tray true to the views, until Earshot ends.
pub(crate) async fn run(app: AppHandle, line: Line) {
    let mut views = line.owner.views();
    let (choose, mut choices) = mpsc::unbounded_channel();
    let mut tray: Option<Tray> = None;
    let mut looked = 0;
    let mut look_at = Instant::now();
    let mut shown: Option<Face> = None;
    let (tell_host, mut host) = watch::channel(true);
    let follow = host::follow(tell_host);
    tokio::pin!(follow);
    let mut lost_at: Option<Instant> = None;
    loop {
        // Asked each time: people travel.
        let wanted = face(&views.borrow_and_update(), &TimeZone::system());
        if tray.is_none() && Instant::now() >= look_at {
            tray = found(Tray::appear(&app, &wanted, choose.clone()).await, looked);
            if tray.is_some() || looked == 0 {
                tell(&line, tray.is_some());
            }
            // At login the tray comes up beside us; only when it is late is it missing.
            if tray.is_none() && looked == 2 {
                line.windows.ask(WindowAsk::StayReachable);
            }
            look_at = Instant::now() + LOOK_AGAIN[looked.min(LOOK_AGAIN.len() - 1)];
            looked += 1;
            shown = tray.is_some().then(|| wanted.clone());
        }
        if let Some(tray) = &mut tray
            && shown.as_ref() != Some(&wanted)
        {
            match tray.show(&wanted).await {
                Ok(()) => shown = Some(wanted),
                Err(error) => tracing::warn!(%error, "the tray icon did not change"),
            }
        }
        tokio::select! {
            changed = views.changed() => if changed.is_err() { return },
            Some(chosen) = choices.recv() => {
                // What was pressed may have ticked itself.
                shown = None;
                obey(&line, chosen);
            }
            () = tokio::time::sleep_until(look_at), if tray.is_none() => {}
            Ok(()) = host.changed() => {
                let there = *host.borrow_and_update();
                if tray.is_some() {
                    tracing::info!(there, "what shows tray icons has come or gone");
                    tell(&line, there);
                    lost_at = (!there).then(Instant::now);
                } else if there {
                    look_at = Instant::now();
                }
            }
            () = until(lost_at.map(|at| at + PANEL_BACK)) => {
                lost_at = None;
                line.windows.ask(WindowAsk::StayReachable);
            }
            () = &mut follow => {}
        }
    }
}

async fn until(moment: Option<Instant>) {
    match moment {
        Some(moment) => tokio::time::sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Tells the windows and the agent whether the icon can be seen.
fn tell(line: &Line, there: bool) {
    line.windows.ask(WindowAsk::Tray(there));
    line.owner.tell(Ask::Remark { about: "tray", remark: (!there).then(no_tray) });
}

fn no_tray() -> Notice {
    let message = "This desktop shows no tray icons, so closing the window minimises it.";
    Notice { severity: Severity::Info, trouble: trouble("tray.none", message, None, true) }
}

/// The icon, if there is a tray. What is missing is said once.
fn found(appeared: Result<Tray, Error>, looked: usize) -> Option<Tray> {
    match appeared {
        Ok(tray) => {
            if looked > 0 {
                tracing::info!("the tray has appeared");
            }
            Some(tray)
        }
        Err(error) => {
            if looked == 0 {
                tracing::warn!(%error, "this desktop shows no tray icons; closing the window minimises it instead");
            }
            None
        }
    }
}

fn obey(line: &Line, chosen: Chosen) {
    let tell = |ask| {
        line.owner.tell(ask);
    };
    match chosen {
        Chosen::Show => line.windows.ask(WindowAsk::OpenMain),
        Chosen::BackOnQueue => tell(Ask::Desk(Command::BackOnQueue)),
        Chosen::Presence(id) => tell(Ask::Desk(Command::SetPresence { id })),
        Chosen::OnQueue => {
            let view = line.owner.view();
            let agent = view.snapshot.as_ref().and_then(|snapshot| snapshot.agent.as_ref());
            tell(Ask::Desk(Command::SetOnQueue { on: !agent.is_some_and(|agent| agent.on_queue) }));
        }
        Chosen::Reconnect => tell(Ask::ReconnectNow),
        Chosen::Practice => {
            tell(Ask::Practice);
            line.windows.ask(WindowAsk::OpenMain);
        }
        Chosen::EndPractice => tell(Ask::SignOut),
        Chosen::Settings => {
            tell(Ask::ShowSettings(true));
            line.windows.ask(WindowAsk::OpenMain);
        }
        Chosen::Quit => (line.quit)(),
    }
}
