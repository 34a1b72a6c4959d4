//! The icon in the tray: state by shape and colour, and a small menu. Touched only when what it shows changes; a desktop
//! without a tray is survived, and asked again now and then (at login the tray may come up after us).

mod face;

use std::sync::Arc;
use std::time::Duration;

use earshot_engine::desk::io::Command;
use earshot_engine::snapshot::{Notice, Severity};
use tauri::image::Image;
use tauri::menu::{CheckMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem};
use tauri::tray::{MouseButton, MouseButtonState, TrayIcon, TrayIconBuilder, TrayIconEvent};
use tauri::{AppHandle, Manager, include_image};
use tokio::sync::{oneshot, watch};

use crate::commands::Shell;
use crate::ipc::AppView;
use crate::owner::Ask;
use crate::trouble::trouble;
use crate::windows::WindowAsk;
use face::{Face, Icon, face};

/// How long to wait before the tray is looked for again; the last one repeats.
const LOOK_AGAIN: [Duration; 4] =
    [Duration::from_secs(2), Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(60)];

const SHOW: &str = "show";
const ON_QUEUE: &str = "on-queue";
const RECONNECT: &str = "reconnect";
const QUIT: &str = "quit";

/// The icon, and the menu items that change.
struct Tray {
    icon: TrayIcon,
    on_queue: CheckMenuItem<tauri::Wry>,
    reconnect: MenuItem<tauri::Wry>,
}

/// Keeps the tray true to the views, until Earshot ends.
pub(crate) async fn run(app: AppHandle, mut views: watch::Receiver<Arc<AppView>>) {
    let mut tray: Option<Tray> = None;
    let mut looked = 0;
    let mut shown: Option<Face> = None;
    loop {
        let wanted = face(&views.borrow_and_update());
        if tray.is_none() {
            tray = find(&app, &wanted, looked).await;
            if tray.is_some() || looked == 0 {
                let shell = app.state::<Shell>();
                shell.windows.ask(WindowAsk::Tray(tray.is_some()));
                shell.owner.tell(Ask::Remark { about: "tray", remark: tray.is_none().then(no_tray) });
            }
            // At login the tray comes up beside us; only when it is late is it missing.
            if tray.is_none() && looked == 2 {
                app.state::<Shell>().windows.ask(WindowAsk::StayReachable);
            }
            looked += 1;
            shown = None;
        }
        if let Some(tray) = &tray
            && shown.as_ref() != Some(&wanted)
        {
            match paint(tray, shown.as_ref(), &wanted) {
                Ok(()) => shown = Some(wanted),
                Err(error) => tracing::warn!(%error, "the tray icon did not change"),
            }
        }
        let wait = LOOK_AGAIN[looked.saturating_sub(1).min(LOOK_AGAIN.len() - 1)];
        tokio::select! {
            changed = views.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(wait), if tray.is_none() => {}
        }
    }
}

fn no_tray() -> Notice {
    let message = "This desktop shows no tray icons, so closing the window minimises it.";
    Notice { severity: Severity::Info, trouble: trouble("tray.none", message, None, true) }
}

/// Puts the icon into the tray, if there is one. What is missing is said once.
async fn find(app: &AppHandle, wanted: &Face, looked: usize) -> Option<Tray> {
    let (tell, told) = oneshot::channel();
    let (handle, wanted) = (app.clone(), wanted.clone());
    // Menus belong to the main thread.
    let asked = app.run_on_main_thread(move || {
        let _ = tell.send(build(&handle, &wanted));
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

fn build(app: &AppHandle, wanted: &Face) -> tauri::Result<Tray> {
    let show = MenuItem::with_id(app, SHOW, "Show Earshot", true, None::<&str>)?;
    let on_queue =
        CheckMenuItem::with_id(app, ON_QUEUE, "On queue", wanted.can_change_queue, wanted.on_queue, None::<&str>)?;
    let reconnect = MenuItem::with_id(app, RECONNECT, "Reconnect now", wanted.can_reconnect, None::<&str>)?;
    let quit = MenuItem::with_id(app, QUIT, "Quit Earshot", true, None::<&str>)?;
    let line = PredefinedMenuItem::separator(app)?;
    let other_line = PredefinedMenuItem::separator(app)?;
    let menu = Menu::with_items(app, &[&show, &line, &on_queue, &reconnect, &other_line, &quit])?;
    let check = on_queue.clone();
    let icon = TrayIconBuilder::with_id("earshot")
        .title("Earshot")
        .icon(image(wanted.icon))
        .tooltip(&wanted.tooltip)
        .menu(&menu)
        .show_menu_on_left_click(false)
        .on_menu_event(move |app, event| chosen(app, &event, &check))
        .on_tray_icon_event(|tray, event| {
            if let TrayIconEvent::Click { button: MouseButton::Left, button_state: MouseButtonState::Up, .. } = event {
                tray.app_handle().state::<Shell>().windows.ask(WindowAsk::OpenMain);
            }
        })
        .build(app)?;
    Ok(Tray { icon, on_queue, reconnect })
}

fn chosen(app: &AppHandle, event: &MenuEvent, check: &CheckMenuItem<tauri::Wry>) {
    let shell = app.state::<Shell>();
    match event.id().as_ref() {
        SHOW => shell.windows.ask(WindowAsk::OpenMain),
        ON_QUEUE => {
            let on = face(&shell.owner.view()).on_queue;
            // The menu ticks itself when pressed; the tick is to tell the truth, which has yet to change.
            if let Err(error) = check.set_checked(on) {
                tracing::warn!(%error, "the tray menu did not change");
            }
            shell.owner.tell(Ask::Desk(Command::SetOnQueue { on: !on }));
        }
        RECONNECT => {
            shell.owner.tell(Ask::ReconnectNow);
        }
        QUIT => crate::quit(app),
        _ => {}
    }
}

/// Changes what differs.
fn paint(tray: &Tray, before: Option<&Face>, wanted: &Face) -> tauri::Result<()> {
    if before.map(|face| face.icon) != Some(wanted.icon) {
        tray.icon.set_icon(Some(image(wanted.icon)))?;
    }
    if before.map(|face| &face.tooltip) != Some(&wanted.tooltip) {
        tray.icon.set_tooltip(Some(&wanted.tooltip))?;
    }
    if before.map(|face| face.on_queue) != Some(wanted.on_queue) {
        tray.on_queue.set_checked(wanted.on_queue)?;
    }
    if before.map(|face| face.can_change_queue) != Some(wanted.can_change_queue) {
        tray.on_queue.set_enabled(wanted.can_change_queue)?;
    }
    if before.map(|face| face.can_reconnect) != Some(wanted.can_reconnect) {
        tray.reconnect.set_enabled(wanted.can_reconnect)?;
    }
    Ok(())
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
