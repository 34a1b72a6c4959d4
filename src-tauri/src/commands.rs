//! The one Tauri command: what a page sends, taken apart and handed to whoever does it.

use std::sync::Arc;

use earshot_engine::desk::io::Command;
use earshot_genesys::hosts::REGIONS;
use tauri::{Manager as _, State, WebviewWindow};

use crate::ipc::{AppView, PageCommand, RegionView, Reply, WireError};
use crate::logging::Logs;
use crate::owner::{Ask, Owner};
use crate::report::{self, Places};
use crate::ring::Ring;
use crate::windows::{Number, Popup, WindowAsk, Windows, popup_number};
use crate::{keeper, trouble};

/// What a command can reach.
pub(crate) struct Shell {
    pub(crate) owner: Owner,
    pub(crate) ring: Ring,
    pub(crate) windows: Windows,
}

impl Shell {
    /// The main window has nothing to say about pop-ups.
    fn popup_says(&self, popup: Option<Number>, what: Popup) -> Reply {
        if let Some(number) = popup {
            self.windows.ask(WindowAsk::Popup(number, what));
        }
        Reply::Done
    }
}

/// Takes every command of every page.
#[tauri::command]
pub(crate) async fn earshot(
    command: PageCommand,
    window: WebviewWindow,
    shell: State<'_, Shell>,
) -> Result<Reply, WireError> {
    let popup = popup_number(window.label());
    if popup.is_some() && !from_popup(&command) {
        return Err(WireError {
            code: "command.forbidden".to_owned(),
            message: "The pop-up may not do this.".to_owned(),
            retryable: false,
        });
    }
    let ask = match command {
        PageCommand::View => {
            shell.popup_says(popup, Popup::Ready);
            let view = shell.owner.view();
            return Ok(Reply::View(Box::new(if popup.is_some() { view.for_popup() } else { (*view).clone() })));
        }
        PageCommand::Regions => return Ok(Reply::Regions(regions())),
        PageCommand::TryRing => {
            shell.ring.try_once(shell.owner.view().sound.volume);
            return Ok(Reply::Done);
        }
        PageCommand::SaveReport => return save_report(&window, shell.owner.view()).await,
        PageCommand::OpenMain => {
            shell.windows.ask(WindowAsk::OpenMain);
            return Ok(Reply::Done);
        }
        PageCommand::PopupHeight { height } => return Ok(shell.popup_says(popup, Popup::Height(height))),
        PageCommand::Drawn { legs } => return Ok(shell.popup_says(popup, Popup::Drawn(legs))),
        PageCommand::Painted { legs } => return Ok(shell.popup_says(popup, Popup::Painted(legs))),
        PageCommand::SignIn { form } => Ask::SignIn(form),
        PageCommand::CancelSignIn => Ask::CancelSignIn,
        PageCommand::Practice => Ask::Practice,
        PageCommand::SignOut => Ask::SignOut,
        PageCommand::Answer { leg } => Ask::Desk(Command::Answer { leg }),
        PageCommand::Decline { leg } => Ask::Desk(Command::Decline { leg }),
        PageCommand::Dismiss { leg } => Ask::Desk(Command::Dismiss { leg }),
        PageCommand::SetPresence { id } => Ask::Desk(Command::SetPresence { id }),
        PageCommand::SetOnQueue { on } => Ask::Desk(Command::SetOnQueue { on }),
        PageCommand::BackOnQueue => Ask::Desk(Command::BackOnQueue),
        PageCommand::HideNotResponding => Ask::HideNotResponding,
        PageCommand::ForgetMissed { id } => Ask::Desk(Command::ForgetMissed { id }),
        PageCommand::ReconnectNow => Ask::ReconnectNow,
        PageCommand::ShowSettings { open } => Ask::ShowSettings(open),
        PageCommand::SetSound { ring, volume } => Ask::SetSound { ring, volume },
        PageCommand::SetStartAtLogin { on } => Ask::SetStartAtLogin(on),
    };
    shell.owner.ask(ask).await.map(|()| Reply::Done)
}

/// Writes a report where people look for files, or else where they can be led to.
async fn save_report(window: &WebviewWindow, view: Arc<AppView>) -> Result<Reply, WireError> {
    let logs = Arc::clone(&window.state::<Arc<Logs>>());
    let path = window.path();
    let folders = [path.download_dir(), path.document_dir(), path.home_dir(), path.app_data_dir()];
    let places = Places {
        journal: path.app_data_dir().ok().map(|folder| folder.join(keeper::FILE)),
        folders: folders.into_iter().flatten().collect(),
        web_view: tauri::webview_version().ok(),
    };
    let saved = tauri::async_runtime::spawn_blocking(move || report::save(&view, &logs, &places)).await;
    let path = saved.map_err(|_| trouble::ending())??;
    Ok(Reply::Saved(path.display().to_string()))
}

/// What the pop-up is for, and no more: it is the page that strangers' names and subjects reach first.
fn from_popup(command: &PageCommand) -> bool {
    matches!(
        command,
        PageCommand::View
            | PageCommand::Answer { .. }
            | PageCommand::Decline { .. }
            | PageCommand::Dismiss { .. }
            | PageCommand::BackOnQueue
            | PageCommand::HideNotResponding
            | PageCommand::ReconnectNow
            | PageCommand::OpenMain
            | PageCommand::PopupHeight { .. }
            | PageCommand::Drawn { .. }
            | PageCommand::Painted { .. }
    )
}

fn regions() -> Vec<RegionView> {
    REGIONS
        .iter()
        .map(|region| RegionView { label: region.label.to_owned(), domain: region.domain.to_owned() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pop_up_can_act_on_what_it_shows_and_nothing_else() {
        assert!(from_popup(&PageCommand::Answer { leg: String::new() }));
        assert!(from_popup(&PageCommand::View));
        assert!(from_popup(&PageCommand::BackOnQueue));
        assert!(from_popup(&PageCommand::HideNotResponding));
        assert!(!from_popup(&PageCommand::SignOut));
        assert!(!from_popup(&PageCommand::SetOnQueue { on: false }));
        assert!(!from_popup(&PageCommand::Practice));
        assert!(!from_popup(&PageCommand::SaveReport));
    }

    #[test]
    fn every_region_is_offered() {
        assert_eq!(regions().len(), REGIONS.len());
    }
}
