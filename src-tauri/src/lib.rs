//! Earshot's desktop shell: windows, tray, ring and sign-in around the engine. This file only wires the rooms together;
//! each says in its first lines what it is for.

mod arguments;
mod autostart;
mod backend;
#[cfg(test)]
mod bindings;
mod browser;
#[cfg(test)]
mod capabilities;
mod commands;
mod credentials;
mod doctor;
pub mod ipc;
mod keeper;
mod logging;
mod managed;
#[cfg(test)]
mod manual;
#[cfg_attr(not(target_os = "linux"), allow(dead_code))]
mod notify;
mod overrides;
mod owner;
mod report;
mod ring;
mod secret_file;
mod settings;
mod system;
#[cfg(test)]
mod testing;
mod thrift;
mod tray;
mod trouble;
mod view;
mod windows;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tauri::{App, AppHandle, Manager, RunEvent, WindowEvent};
use tauri_plugin_store::{StoreBuilder, resolve_store_path};
use tokio::sync::watch;

pub use arguments::Arguments;
use backend::real::RealBackend;
use commands::Shell;
use credentials::KeyStore;
use earshot_engine::snapshot::{Notice, Severity};
use keeper::{Keeper, Kept};
use logging::Logs;
use overrides::Overrides;
use owner::{Ask, Owner, Start};
use ring::Ring;
use system::second_start;
use windows::{Popup, WindowAsk, Windows, popup_number};

/// A notification server that hangs must not keep Earshot from ending.
const WITHDRAW_WAIT: Duration = Duration::from_secs(1);

/// Set once, when a person or the system ends Earshot; until then, having no window is no reason to end.
struct Quitting(AtomicBool);

/// Ends when the notifications have been taken off the screen.
struct Withdrawn(watch::Receiver<()>);

/// Set, it lets a web driver run scripts in the pages. Tauri heeds it in every build.
const AUTOMATION: &str = "TAURI_WEBVIEW_AUTOMATION";

/// Whether a driver may have the pages: in a debug build, for the tests, and nowhere else.
fn undriven(debug: bool, wanted: bool) -> Result<(), &'static str> {
    if wanted && !debug {
        return Err(
            "Earshot does not start with TAURI_WEBVIEW_AUTOMATION set: another program could answer and decline \
             conversations in your name. Unset it and start Earshot again.",
        );
    }
    Ok(())
}

/// Runs the desktop program until a person quits it.
pub fn run(arguments: &Arguments) -> ExitCode {
    if arguments.doctor {
        return doctor::run(arguments, display().is_ok());
    }
    thrift::begin();
    let overrides = Overrides::read(environment);
    let logs = Arc::new(logging::start(environment, overrides.log_level()));
    let outcome = run_logged(arguments, overrides, &logs);
    logs.close();
    outcome
}

fn run_logged(arguments: &Arguments, overrides: Overrides, logs: &Arc<Logs>) -> ExitCode {
    if let Err(message) = display() {
        eprintln_once(&message);
        return ExitCode::FAILURE;
    }
    if let Err(message) = undriven(cfg!(debug_assertions), std::env::var_os(AUTOMATION).is_some()) {
        eprintln_once(message);
        return ExitCode::FAILURE;
    }
    let wanted = arguments.clone();
    let kept_logs = Arc::clone(logs);
    let builder = tauri::Builder::default()
        // First of all: a second start is to end before it has done anything.
        .plugin(tauri_plugin_single_instance::init(|app, command_line, _| started_again(app, &command_line)))
        .plugin(tauri_plugin_store::Builder::default().build());
    #[cfg(not(target_os = "linux"))]
    let builder = builder.plugin(autostart::Plugin::plugin());
    let built = builder
        .invoke_handler(tauri::generate_handler![commands::earshot])
        .on_window_event(|window, event| on_window_event(window.app_handle(), window.label(), event))
        .setup(move |app| {
            app.manage(kept_logs);
            set_up(app, &wanted, overrides);
            Ok(())
        })
        .build(tauri::generate_context!());
    match built {
        Ok(app) => {
            app.run(on_run_event);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln_once(&format!("Earshot could not start: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn set_up(app: &mut App, arguments: &Arguments, overrides: Overrides) {
    let handle = app.handle().clone();
    app.manage(Quitting(AtomicBool::new(false)));
    let folder = handle.path().app_data_dir().map_err(|error| keeper::no_folder(&error.to_string()));
    let keeper = Keeper::start(folder.map(|folder| folder.join(keeper::FILE)));
    app.manage(Arc::clone(&keeper));
    let backend = RealBackend::new(Arc::clone(&keeper), KeyStore::system());
    let start = begin(&handle, overrides, keeper.kept(), !arguments.practice);
    let (owner, life) = Owner::new(backend, start);
    tauri::async_runtime::spawn(life);

    let reporter = owner.clone();
    let ring = Ring::start(move |trouble| {
        reporter.tell(Ask::SoundTrouble(trouble));
    });
    tauri::async_runtime::spawn(ring.clone().follow(owner.views()));

    let (windows, asks) = Windows::new();
    app.manage(Shell { owner: owner.clone(), ring, windows: windows.clone() });
    tauri::async_runtime::spawn(windows::run(handle.clone(), owner.clone(), windows.clone(), asks));
    let quitting = handle.clone();
    let quit = Box::new(move || quit(&quitting));
    let menu = tray::Line { owner: owner.clone(), windows: windows.clone(), quit };
    tauri::async_runtime::spawn(tray::run(handle.clone(), menu));
    let signals = owner.clone();
    tauri::async_runtime::spawn(async move { system::follow(system::Sources::listen(), signals).await });
    notifications(&handle, &owner, &windows);
    end_with_signals(&handle);

    if let Some(trouble) = app.state::<Arc<Logs>>().trouble.clone() {
        let remark = Some(Notice { severity: Severity::Info, trouble });
        owner.tell(Ask::Remark { about: "logs", remark });
    }
    if arguments.practice {
        owner.tell(Ask::Practice);
    }
    if !arguments.hidden {
        windows.ask(WindowAsk::OpenMain);
    }
}

/// Somebody has started Earshot while it runs.
fn started_again(app: &AppHandle, command_line: &[String]) {
    // Nothing is there to be asked in the first moments; what is being started shows itself.
    let Some(shell) = app.try_state::<Shell>() else { return };
    let wanted = second_start::wanted(command_line, &shell.owner.view().stage);
    tracing::info!(?wanted, "Earshot was started again");
    if wanted.practice {
        shell.owner.tell(Ask::Practice);
    }
    if wanted.show {
        shell.windows.ask(WindowAsk::OpenMain);
    }
}

/// Native notifications, where they can be shown and taken back.
fn notifications(app: &AppHandle, owner: &Owner, windows: &Windows) {
    let (alive, withdrawn) = watch::channel(());
    app.manage(Withdrawn(withdrawn));
    #[cfg(target_os = "linux")]
    {
        let shell = notify::Line { owner: owner.clone(), windows: windows.clone() };
        let notifications = notify::run(notify::xdg::Xdg::default(), shell, owner.views());
        tauri::async_runtime::spawn(async move {
            notifications.await;
            drop(alive);
        });
    }
    #[cfg(not(target_os = "linux"))]
    drop((alive, owner, windows));
}

/// The settings as they are stored, and the way to store them.
fn begin(app: &AppHandle, overrides: Overrides, kept: watch::Receiver<Kept>, resume: bool) -> Start {
    if let Some(trouble) = overrides.trouble() {
        tracing::error!(code = trouble.code, "{}", trouble.message);
    }
    let path = resolve_store_path(app, settings::FILE);
    // Before the store opens the file: what the store cannot read, it would overwrite.
    let (settings, settings_trouble) = match &path {
        Ok(path) => settings::read(path),
        Err(_) => (settings::Settings::default(), None),
    };
    let store = StoreBuilder::new(app, settings::FILE).disable_auto_save().build();
    let save = move |settings: &settings::Settings| {
        let store = store.as_ref().map_err(|error| unsaved(&error.to_string()))?;
        for (name, value) in settings.fields() {
            store.set(name, value);
        }
        store.save().map_err(|error| unsaved(&error.to_string()))
    };
    Start { settings, settings_trouble, overrides, save: Box::new(save), autostart: autostart(app), kept, resume }
}

#[cfg(target_os = "linux")]
fn autostart(_app: &AppHandle) -> Box<dyn autostart::Autostart> {
    // Without a path of its own, the name; the desktop then finds what the person would.
    let program = std::env::current_exe().unwrap_or_else(|_| "earshot".into());
    Box::new(autostart::Xdg::read(|name| std::env::var_os(name), program))
}

#[cfg(not(target_os = "linux"))]
fn autostart(app: &AppHandle) -> Box<dyn autostart::Autostart> {
    Box::new(autostart::Plugin(app.clone()))
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn unsaved(why: &str) -> earshot_engine::snapshot::Trouble {
    let message = format!("Your settings could not be saved ({why}).");
    trouble::trouble(
        settings::UNSAVED,
        message,
        Some("They hold until you quit. Check the free space of your disk."),
        true,
    )
}

/// Ends Earshot in order: the session first, then the program.
fn quit(app: &AppHandle) {
    if app.state::<Quitting>().0.swap(true, Ordering::SeqCst) {
        return;
    }
    windows::remember_place(app);
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let owner = app.state::<Shell>().owner.clone();
        // An owner that has ended has nothing left to end.
        let _ = owner.ask(Ask::Quit).await;
        let mut withdrawn = app.state::<Withdrawn>().0.clone();
        // Its sender only ever goes away.
        let _ = tokio::time::timeout(WITHDRAW_WAIT, withdrawn.changed()).await;
        let keeper = Arc::clone(&app.state::<Arc<Keeper>>());
        let _ = tauri::async_runtime::spawn_blocking(move || keeper.close()).await;
        app.exit(0);
    });
}

fn on_window_event(app: &AppHandle, label: &str, event: &WindowEvent) {
    let shell = app.state::<Shell>();
    match event {
        WindowEvent::CloseRequested { api, .. } => {
            api.prevent_close();
            match popup_number(label) {
                Some(_) => dismiss_all(&shell.owner),
                None => shell.windows.ask(WindowAsk::CloseMain),
            }
        }
        WindowEvent::Destroyed => match popup_number(label) {
            Some(number) => shell.windows.ask(WindowAsk::Popup(number, Popup::Gone)),
            None => shell.windows.ask(WindowAsk::MainGone),
        },
        _ => {}
    }
}

/// Closing the pop-up hides what it shows, as its own buttons would.
fn dismiss_all(owner: &Owner) {
    let view = owner.view();
    if view.not_responding.is_some() {
        owner.tell(Ask::HideNotResponding);
    }
    for offer in view.snapshot.iter().flat_map(|snapshot| &snapshot.offers).filter(|offer| !offer.dismissed) {
        let leg = offer.leg.clone();
        owner.tell(Ask::Desk(earshot_engine::desk::io::Command::Dismiss { leg }));
    }
}

fn on_run_event(app: &AppHandle, event: RunEvent) {
    // The event loop ends the process itself: nothing after it would be run.
    if matches!(event, RunEvent::Exit) {
        app.state::<Arc<Logs>>().close();
    }
    // Having no window is a state like any other. Ending by ourselves goes through `quit`.
    if let RunEvent::ExitRequested { api, .. } = event
        && !app.state::<Quitting>().0.load(Ordering::SeqCst)
    {
        api.prevent_exit();
    }
}

#[cfg(unix)]
fn end_with_signals(app: &AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
        else {
            return tracing::warn!("signals cannot be heard; Earshot ends with them at once");
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        quit(&app);
    });
}

#[cfg(not(unix))]
fn end_with_signals(_app: &AppHandle) {}

/// Whether there is a screen to show anything on; if not, the sentence that says so.
#[cfg(target_os = "linux")]
fn display() -> Result<(), String> {
    gtk::init().map_err(|_| {
        "Earshot needs a graphical desktop and found none. Start it in your desktop session \
         (DISPLAY or WAYLAND_DISPLAY must lead to one)."
            .to_owned()
    })
}

#[cfg(not(target_os = "linux"))]
fn display() -> Result<(), String> {
    Ok(())
}

/// For failures before there is a window: the one place where a person can still read them.
#[allow(clippy::print_stderr)]
fn eprintln_once(message: &str) {
    eprintln!("{message}");
}

#[cfg(test)]
mod tests {
    use super::undriven;

    #[test]
    fn only_a_debug_build_lets_itself_be_driven() {
        assert!(undriven(false, true).is_err_and(|said| said.contains("TAURI_WEBVIEW_AUTOMATION")));
        for (debug, wanted) in [(true, true), (true, false), (false, false)] {
            assert!(undriven(debug, wanted).is_ok());
        }
    }
}
