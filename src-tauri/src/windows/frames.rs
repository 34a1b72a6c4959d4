//! Builds, moves and shows the two windows: the only code that touches them.

use tauri::{AppHandle, Manager, Monitor, UserAttentionType, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use super::geometry::{self, Rect};
use super::place;
use super::{MAIN, Number, Popup, WindowAsk, Windows, popup_label};

const MAIN_SIZE: (f64, f64) = (360.0, 620.0);
const MAIN_LEAST: (f64, f64) = (320.0, 420.0);

/// The main window, to the front and with the focus: a person asked for it.
pub(super) fn show_main(app: &AppHandle, windows: &Windows) -> tauri::Result<()> {
    let window = main_window(app, windows, true)?;
    window.unminimize()?;
    window.show()?;
    window.set_focus()
}

/// The main window, in the task bar, without the focus: nobody asked for it.
pub(super) fn minimise_main(app: &AppHandle, windows: &Windows) -> tauri::Result<()> {
    place::remember(app);
    let window = main_window(app, windows, false)?;
    window.minimize()?;
    // One that was hidden is in no task bar.
    if window.is_visible()? { Ok(()) } else { window.show() }
}

/// The main window, asking for attention from the task bar, without the focus.
pub(super) fn call_main(app: &AppHandle, windows: &Windows) -> tauri::Result<()> {
    let there = app.get_webview_window(MAIN);
    let built = there.is_none();
    let window = there.map_or_else(|| main_window(app, windows, false), Ok)?;
    if built {
        window.minimize()?;
    }
    window.request_user_attention(Some(UserAttentionType::Critical))
}

fn main_window(app: &AppHandle, windows: &Windows, focused: bool) -> tauri::Result<WebviewWindow> {
    if let Some(window) = app.get_webview_window(MAIN) {
        return Ok(window);
    }
    let remembered = place::remembered(app);
    let stood = remembered.and_then(|place| geometry::on_screen(&work_areas(app), place.rect()));
    let size = stood.map_or(MAIN_SIZE, |place| (f64::from(place.width), f64::from(place.height)));
    let mut builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App("index.html".into()))
        .title("Earshot")
        .inner_size(size.0, size.1)
        .maximized(remembered.is_some_and(|place| place.maximised))
        .min_inner_size(MAIN_LEAST.0, MAIN_LEAST.1)
        .focused(focused)
        .on_navigation(stays_at_home)
        .disable_drag_drop_handler();
    if let Some(place) = stood {
        builder = builder.position(f64::from(place.x), f64::from(place.y));
    }
    let window = builder.build()?;
    spare_memory(&window)?;
    tell_of_its_end(&window, windows, WindowAsk::MainDied)?;
    Ok(window)
}

/// The pop-up, hidden: its page loads and waits.
pub(super) fn build_popup(app: &AppHandle, windows: &Windows, number: Number) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, popup_label(number), WebviewUrl::App("popup.html".into()))
        .title("Earshot offers")
        .inner_size(f64::from(geometry::WIDTH), 1.0)
        .visible(false)
        .focused(false)
        .decorations(false)
        .shadow(false)
        .minimizable(false)
        .maximizable(false)
        .always_on_top(true)
        .visible_on_all_workspaces(true)
        .skip_taskbar(true)
        .transparent(true)
        .on_navigation(stays_at_home)
        .disable_drag_drop_handler()
        .build()?;
    spare_memory(&window)?;
    tell_of_its_end(&window, windows, WindowAsk::Popup(number, Popup::Died))?;
    never_focus_on_show(app, &window)
}

/// Shows the pop-up at its place, above everything, without the focus.
pub(super) fn show_popup(app: &AppHandle, number: Number, height: u32) -> tauri::Result<()> {
    let Some(window) = app.get_webview_window(&popup_label(number)) else { return Ok(()) };
    put(app, &window, height)?;
    window.show()?;
    // A window manager that has moved it on mapping is put right; one that forbids placing does as it likes.
    put(app, &window, height)
}

/// Gives the pop-up, where it stands, the height of its cards.
pub(super) fn resize_popup(app: &AppHandle, number: Number, height: u32) -> tauri::Result<()> {
    app.get_webview_window(&popup_label(number)).map_or(Ok(()), |window| put(app, &window, height))
}

pub(super) fn hide_main(app: &AppHandle) -> tauri::Result<()> {
    place::remember(app);
    hide(app, MAIN)
}

pub(super) fn hide(app: &AppHandle, label: &str) -> tauri::Result<()> {
    app.get_webview_window(label).map_or(Ok(()), |window| window.hide())
}

pub(super) fn destroy(app: &AppHandle, label: &str) -> tauri::Result<()> {
    app.get_webview_window(label).map_or(Ok(()), |window| window.destroy())
}

/// `hangs`: its process may take no notice of its window's end.
pub(super) fn destroy_popup(app: &AppHandle, number: Number, hangs: bool) -> tauri::Result<()> {
    let Some(window) = app.get_webview_window(&popup_label(number)) else { return Ok(()) };
    if hangs {
        end_process(&window)?;
    }
    window.destroy()
}

/// Loads a window's page anew; one whose process has ended gets a new one.
pub(super) fn reload(app: &AppHandle, label: &str) -> tauri::Result<()> {
    app.get_webview_window(label).map_or(Ok(()), |window| window.reload())
}

/// A page of text and buttons that never leaves home needs neither a graphics card nor a browser's caches. What can be
/// wished only for a whole process is in `thrift`.
#[cfg(target_os = "linux")]
fn spare_memory(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{CacheModel, HardwareAccelerationPolicy, SettingsExt, WebContextExt, WebViewExt};

    window.with_webview(|view| {
        let view = view.inner();
        if let Some(settings) = view.settings() {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
        if let Some(context) = view.context() {
            context.set_cache_model(CacheModel::DocumentViewer);
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn spare_memory(window: &WebviewWindow) -> tauri::Result<()> {
    let _ = window;
    Ok(())
}

/// Asks this of the windows when the process that draws this one ends by itself. Elsewhere nobody says so, and the
/// missing acknowledgement tells.
#[cfg(target_os = "linux")]
fn tell_of_its_end(window: &WebviewWindow, windows: &Windows, ask: WindowAsk) -> tauri::Result<()> {
    use webkit2gtk::{WebProcessTerminationReason, WebViewExt};

    let windows = windows.clone();
    window.with_webview(move |view| {
        view.inner().connect_web_process_terminated(move |_, reason| {
            if reason != WebProcessTerminationReason::TerminatedByApi {
                windows.ask(ask.clone());
            }
        });
    })
}

#[cfg(not(target_os = "linux"))]
fn tell_of_its_end(window: &WebviewWindow, windows: &Windows, ask: WindowAsk) -> tauri::Result<()> {
    let _ = (window, windows, ask);
    Ok(())
}

/// A process that is stopped or spins would outlive its window.
#[cfg(target_os = "linux")]
fn end_process(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::WebViewExt;

    window.with_webview(|view| view.inner().terminate_web_process())
}

#[cfg(not(target_os = "linux"))]
fn end_process(window: &WebviewWindow) -> tauri::Result<()> {
    let _ = window;
    Ok(())
}

/// A page shows what is built into the program and never leaves it.
fn stays_at_home(url: &tauri::Url) -> bool {
    let home = match url.scheme() {
        "tauri" => true,
        // Where web views cannot have a scheme of their own, Tauri serves the page under this name.
        "http" | "https" => url.host_str() == Some("tauri.localhost"),
        _ => false,
    };
    if !home {
        tracing::warn!("a page tried to leave Earshot and was stopped");
    }
    home
}

/// The work area of the screen that the pop-up belongs on.
fn work_area(app: &AppHandle) -> Rect {
    work_areas(app).first().copied().unwrap_or(Rect { x: 0, y: 0, width: 1280, height: 720 })
}

/// The work areas of all screens, the primary one first.
fn work_areas(app: &AppHandle) -> Vec<Rect> {
    let primary = app.primary_monitor().ok().flatten();
    let all = app.available_monitors().unwrap_or_default();
    primary.iter().chain(&all).map(area).collect()
}

fn area(monitor: &Monitor) -> Rect {
    let area = monitor.work_area();
    let position = area.position.to_logical::<i32>(monitor.scale_factor());
    let size = area.size.to_logical::<u32>(monitor.scale_factor());
    Rect { x: position.x, y: position.y, width: size.width, height: size.height }
}

#[cfg(target_os = "linux")]
fn hang() -> geometry::Hang {
    geometry::hang(&std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default())
}

#[cfg(not(target_os = "linux"))]
fn hang() -> geometry::Hang {
    geometry::Hang::Right
}

#[cfg(target_os = "linux")]
fn put(app: &AppHandle, window: &WebviewWindow, height: u32) -> tauri::Result<()> {
    use gtk::prelude::{GtkWindowExt, WidgetExt};

    let place = geometry::place(work_area(app), height, hang());
    let window = window.clone();
    app.run_on_main_thread(move || {
        let Ok(window) = window.gtk_window() else { return };
        let size = |length: u32| i32::try_from(length).unwrap_or(i32::MAX);
        let (width, height) = (size(place.width), size(place.height));
        // Fixed by hints and not by "not resizable": GTK would then give it the height its content likes best.
        let fixed =
            gtk::gdk::Geometry::new(width, height, width, height, 0, 0, 0, 0, 0.0, 0.0, gtk::gdk::Gravity::NorthWest);
        let hints = gtk::gdk::WindowHints::MIN_SIZE | gtk::gdk::WindowHints::MAX_SIZE;
        window.set_geometry_hints(None::<&gtk::Window>, Some(&fixed), hints);
        window.resize(width, height);
        window.move_(place.x, place.y);
        // Without a compositor nothing is transparent: what lies outside the rounded panel is cut off instead.
        let composited = gtk::gdk::Screen::default().is_some_and(|screen| screen.is_composited());
        let outline = (!composited).then(|| outline(width, height));
        window.shape_combine_region(outline.as_ref());
    })
}

/// A rectangle with rounded corners, row by row.
#[cfg(target_os = "linux")]
fn outline(width: i32, height: i32) -> gtk::cairo::Region {
    use gtk::cairo::{RectangleInt, Region};

    let corners = geometry::corner_insets();
    let rounded = i32::try_from(corners.len()).unwrap_or(0);
    let body = RectangleInt::new(0, rounded, width, (height - 2 * rounded).max(0));
    let mut rows = vec![body];
    for (row, &inset) in (0..).zip(&corners) {
        for y in [row, height - 1 - row] {
            rows.push(RectangleInt::new(inset, y, width - 2 * inset, 1));
        }
    }
    Region::create_rectangles(&rows)
}

#[cfg(not(target_os = "linux"))]
fn put(app: &AppHandle, window: &WebviewWindow, height: u32) -> tauri::Result<()> {
    let place = geometry::place(work_area(app), height, hang());
    window.set_size(tauri::LogicalSize::new(place.width, place.height))?;
    window.set_position(tauri::LogicalPosition::new(place.x, place.y))
}

/// GTK gives a window the focus each time it is mapped, unless it is told not to; `focused(false)` covers the first
/// time only. Clicking into the pop-up still focuses it.
#[cfg(target_os = "linux")]
fn never_focus_on_show(app: &AppHandle, window: &WebviewWindow) -> tauri::Result<()> {
    use gtk::prelude::GtkWindowExt;

    let window = window.clone();
    app.run_on_main_thread(move || match window.gtk_window() {
        Ok(window) => window.set_focus_on_map(false),
        Err(error) => tracing::error!(%error, "the pop-up may take the focus"),
    })
}

#[cfg(not(target_os = "linux"))]
fn never_focus_on_show(_app: &AppHandle, window: &WebviewWindow) -> tauri::Result<()> {
    let _ = window;
    Ok(())
}
