//! The icon in the tray: state by shape and colour, and a small menu. Touched only when what it shows changes; a desktop
//! without a tray is survived, and asked again now and then (at login the tray may come up after us), and one whose
//! panel ends is noticed.

mod face;
mod host;
mod menu;

use std::time::Duration;

use earshot_engine::desk::io::Command;
use earshot_engine::snapshot::{Notice, Severity};
use jiff::tz::TimeZone;
use tauri::image::Image;
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, include_image};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::Instant;

use crate::owner::{Ask, Owner};
use crate::trouble::trouble;
use crate::windows::{WindowAsk, Windows};
use face::{Face, Icon, Touch, face, touches};
use menu::{Chosen, Entry, Item, Items};

/// How long to wait before the tray is looked for again; the last one repeats.
const LOOK_AGAIN: [Duration; 3] = [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15)];

/// A panel that has crashed is begun anew within this; only then is a window without an icon out of reach.
const PANEL_BACK: Duration = Duration::from_secs(10);

/// The icon, and the menu items that change.
struct Tray {
    icon: TrayIcon,
    items: Items,
}

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
            tray = find(&app, &wanted, looked, choose.clone()).await;
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
        if let Some(tray) = &mut tray {
            let touched = touches(shown.as_ref(), &wanted).into_iter().try_for_each(|touch| take(&app, tray, touch));
            match touched {
                Ok(()) => shown = Some(wanted),
                Err(error) => tracing::warn!(%error, "the tray icon did not change"),
            }
        }
        tokio::select! {
            changed = views.changed() => if changed.is_err() { return },
            Some(chosen) = choices.recv() => {
                // An entry ticks itself when it is pressed; the tick is to tell the truth, which has yet to change.
                if let (Some(tray), Some(shown)) = (&tray, &shown)
                    && let Some(ticked) = ticked(&shown.menu, &chosen)
                    && let Err(error) = tray.items.tick(&chosen, ticked)
                {
                    tracing::warn!(%error, "the tray menu did not change");
                }
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

/// Puts the icon into the tray, if there is one. What is missing is said once.
async fn find(app: &AppHandle, wanted: &Face, looked: usize, choices: mpsc::UnboundedSender<Chosen>) -> Option<Tray> {
    let (tell, told) = oneshot::channel();
    let (handle, wanted) = (app.clone(), wanted.clone());
    // Menus belong to the main thread.
    let asked = app.run_on_main_thread(move || {
        let _ = tell.send(build(&handle, &wanted, choices));
    });
    match (asked, told.await) {
        (Ok(()), Ok(Ok(tray))) => {
            if looked > 0 {
                tracing::info!("the tray has appeared");
            }
            Some(tray)
        }
        (Ok(()), Ok(Err(error))) if looked == 0 => {
            tracing::warn!(%error, "this desktop shows no tray icons; closing the window minimises it instead");
            None
        }
        _ => None,
    }
}

fn build(app: &AppHandle, wanted: &Face, choices: mpsc::UnboundedSender<Chosen>) -> tauri::Result<Tray> {
    let (menu, items) = menu::build(app, &wanted.menu)?;
    let clicks = choices.clone();
    let icon = TrayIconBuilder::with_id("earshot")
        .title("Earshot")
        .icon(image(wanted.icon))
        .tooltip(&wanted.tooltip)
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(move |_, event| {
            if let Some(chosen) = Chosen::of(event.id().as_ref()) {
                let _ = choices.send(chosen);
            }
        })
        .on_tray_icon_event(move |_, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                let _ = clicks.send(Chosen::Show);
            }
        })
        .build(app)?;
    Ok(Tray { icon, items })
}

/// Whether this entry is ticked; none for one that never is.
fn ticked(menu: &[Entry], chosen: &Chosen) -> Option<bool> {
    menu.iter().find_map(|entry| match entry {
        Entry::Item(Item { does, ticked, .. }) if does == chosen => *ticked,
        Entry::Presences { entries, .. } => ticked(entries, chosen),
        Entry::Item(_) | Entry::Line => None,
    })
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

fn take(app: &AppHandle, tray: &mut Tray, touch: Touch) -> tauri::Result<()> {
    match touch {
        Touch::Icon(icon) => tray.icon.set_icon(Some(image(icon))),
        Touch::Tooltip(words) => tray.icon.set_tooltip(Some(words)),
        Touch::Menu(entries) => {
            let (menu, items) = menu::build(app, &entries)?;
            tray.items = items;
            tray.icon.set_menu(Some(menu))
        }
        Touch::Enable(item, enabled) => tray.items.enable(&item, enabled),
        Touch::Tick(item, ticked) => tray.items.tick(&item, ticked),
    }
}

fn image(icon: Icon) -> Image<'static> {
    match icon {
        Icon::Closed => include_image!("icons/tray/closed.png"),
        Icon::Connected => include_image!("icons/tray/connected.png"),
        Icon::OnQueue => include_image!("icons/tray/on-queue.png"),
        Icon::Offer => include_image!("icons/tray/offer.png"),
        Icon::Reconnecting => include_image!("icons/tray/reconnecting.png"),
        Icon::Offline => include_image!("icons/tray/offline.png"),
        Icon::Attention => include_image!("icons/tray/attention.png"),
    }
}
