//! Where each setting comes from, and where they lead.

use std::fs;
use std::path::Path;

use earshot_doctor::{Check, Row};
use serde_json::{Map, Value};

use crate::backend::Target;
use crate::overrides::Overrides;
use crate::settings::{self, CUSTOM, FILE, Settings};

/// What is set.
pub(super) struct Found {
    pub(super) row: Row,
    pub(super) target: Option<Target>,
}

/// Reads what the app would read, and changes nothing: a damaged file stays where it is for the app to say so.
pub(super) fn read(data: Option<&Path>) -> Found {
    let path = data.map(|data| data.join(FILE));
    let (stored, damaged) = match &path {
        Some(path) if is_damaged(path) => (Settings::default(), true),
        Some(path) => (settings::read(path).0, false),
        None => (Settings::default(), false),
    };
    let overrides = Overrides::read(|name| std::env::var(name).ok());
    if let Some(trouble) = overrides.trouble() {
        let cure = "Correct the file; an error anywhere makes all of it void.";
        return Found { row: Row::failed(Check::Settings, trouble.message.clone(), cure), target: None };
    }
    let file = path.as_ref().map_or_else(|| FILE.to_owned(), |path| path.display().to_string());
    if damaged {
        let found = format!("The settings file {file} is damaged.");
        let cure = "Start Earshot: it puts the file aside and asks for the settings again.";
        return Found { row: Row::failed(Check::Settings, found, cure), target: None };
    }
    let form = overrides.apply(stored.form());
    let target = match overrides.target(&form) {
        Ok(target) => target,
        Err(trouble) => {
            let cure = "Enter it in the window, or set it for all users in the managed file.";
            return Found { row: Row::failed(Check::Settings, trouble.message, cure), target: None };
        }
    };
    let locked = overrides.locked();
    let mut said: Vec<String> = Vec::new();
    let own = [
        ("region", "Region", &form.region, form.region != CUSTOM),
        ("loginUrl", "Sign-in address", &form.login_url, form.region == CUSTOM),
        ("apiUrl", "API address", &form.api_url, form.region == CUSTOM),
        ("clientId", "OAuth client ID", &form.client_id, true),
    ];
    for (field, label, value, _) in own.into_iter().filter(|(.., counts)| *counts) {
        if !locked.iter().any(|one| one.field == field) {
            said.push(format!("{label}: {value}, from {file}"));
        }
    }
    let shown = locked.iter().filter(|one| !(one.field == "region" && form.region == CUSTOM));
    said.extend(shown.map(|one| format!("{}, {}", one.shown, lower(&one.reason))));
    Found { row: Row::ok(Check::Settings, format!("{}.", said.join("; "))), target: Some(target) }
}

fn is_damaged(path: &Path) -> bool {
    fs::read(path).is_ok_and(|bytes| serde_json::from_slice::<Map<String, Value>>(&bytes).is_err())
}

fn lower(reason: &str) -> String {
    let mut letters = reason.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use earshot_doctor::Outcome;

    use super::*;

    #[test]
    fn a_damaged_file_is_named_and_left_where_it_is() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(FILE);
        fs::write(&path, "{").expect("written");
        let found = read(Some(folder.path()));
        assert_eq!(found.row.result, Outcome::Failed);
        assert!(found.row.found.contains(&path.display().to_string()) && found.target.is_none());
        assert_eq!(fs::read_to_string(&path).expect("it is still there"), "{");
    }

    #[test]
    fn a_setting_says_where_it_comes_from() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), r#"{"region":"mypurecloud.de","clientId":"abc"}"#).expect("written");
        let found = read(Some(folder.path()));
        assert_eq!(found.row.result, Outcome::Ok);
        assert!(found.row.found.contains("Region: mypurecloud.de, from "), "{}", found.row.found);
        assert_eq!(found.target.expect("a target").client_id, "abc");
        let nothing = read(None);
        assert_eq!(nothing.row.result, Outcome::Failed, "{}", nothing.row.found);
        assert!(nothing.row.found.contains("client ID is missing"));
    }
}
