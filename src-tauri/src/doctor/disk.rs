//! Whether Earshot can write what it keeps: the log and the journal.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use earshot_doctor::{Check, Row};

use crate::logging::IDENTIFIER;

/// Earshot's own folder for data.
pub(super) fn data() -> Option<PathBuf> {
    dirs::data_dir().map(|folder| folder.join(IDENTIFIER))
}

/// The rows, for the folder of the logs and that for data.
pub(super) fn rows(logs: Option<PathBuf>, data: Option<&Path>) -> [Row; 2] {
    [row(Check::Logs, logs), row(Check::Journal, data.map(|data| data.join("journal")))]
}

fn row(check: Check, folder: Option<PathBuf>) -> Row {
    let what = if check == Check::Logs { "The log" } else { "The journal" };
    let Some(folder) = folder else {
        return Row::warning(check, format!("{what} has no place: this computer names no folder for it."), "Set HOME.");
    };
    match writable(&folder) {
        Ok(()) => Row::ok(check, format!("{} can be written.", folder.display())),
        Err(error) => Row::warning(
            check,
            format!("{what} cannot be kept in {} ({}). Earshot rings all the same.", folder.display(), error.kind()),
            "Check who owns the folder, and the free space of the disk.",
        ),
    }
}

/// Whether a file could be written there. What is missing is not made: its first parent that is there is asked.
fn writable(folder: &Path) -> io::Result<()> {
    let there = folder.ancestors().find(|folder| folder.exists()).unwrap_or(folder);
    let probe = there.join(format!(".earshot-doctor-{}", std::process::id()));
    fs::write(&probe, "probe")?;
    fs::remove_file(&probe)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use earshot_doctor::Outcome;

    use super::*;

    #[test]
    fn the_identifier_is_that_of_the_app() {
        let config: serde_json::Value = serde_json::from_str(include_str!("../../../tauri.conf.json")).expect("JSON");
        assert_eq!(config["identifier"], IDENTIFIER);
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named_and_nothing_is_left_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("not").join("yet");
        assert!(rows(Some(data.join("logs")), Some(&data)).iter().all(|row| row.result == Outcome::Ok));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
        let file = folder.path().join("file");
        fs::write(&file, "").expect("written");
        let [logs, journal] = rows(Some(file.join("logs")), Some(&file));
        assert_eq!((logs.result, journal.result), (Outcome::Warning, Outcome::Warning));
        assert!(journal.found.contains(&file.display().to_string()), "{}", journal.found);
    }
}
