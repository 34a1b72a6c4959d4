//! What Earshot remembers between starts (no secrets).
//!
//! The file is `settings.json` in Earshot's data folder, written by tauri-plugin-store. A file that cannot be read is
//! kept beside it as `settings.json.broken` and said so; Earshot then starts with what it can understand.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use earshot_engine::snapshot::Trouble;
use earshot_genesys::hosts::Environment;
use serde_json::{Map, Value};

use crate::backend::Target;
use crate::ipc::SignInForm;
use crate::trouble::trouble;

/// Code of the trouble that settings could not be saved.
pub(crate) const UNSAVED: &str = "settings.unsaved";

/// Name of the settings file.
pub(crate) const FILE: &str = "settings.json";
/// The value of `region` that means: the two addresses.
pub(crate) const CUSTOM: &str = "custom";

/// What is remembered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) region: String,
    pub(crate) login_url: String,
    pub(crate) api_url: String,
    pub(crate) client_id: String,
    pub(crate) ring: bool,
    pub(crate) volume: u8,
    /// The person has signed out, and has not signed in since: nothing that was left behind may sign them in.
    pub(crate) signed_out: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            region: "mypurecloud.com".to_owned(),
            login_url: String::new(),
            api_url: String::new(),
            client_id: String::new(),
            ring: true,
            volume: 70,
            signed_out: false,
        }
    }
}

impl Settings {
    /// What `fields` says, and the names of those that make no sense.
    fn from_json(fields: &Map<String, Value>) -> (Self, Vec<&'static str>) {
        let mut settings = Self::default();
        let mut bad = Vec::new();
        let mut text = |name: &'static str, field: &mut String| match fields.get(name) {
            None => {}
            Some(Value::String(value)) => value.clone_into(field),
            Some(_) => bad.push(name),
        };
        text("region", &mut settings.region);
        text("loginUrl", &mut settings.login_url);
        text("apiUrl", &mut settings.api_url);
        text("clientId", &mut settings.client_id);
        for (name, field) in [("ring", &mut settings.ring), ("signedOut", &mut settings.signed_out)] {
            match fields.get(name) {
                None => {}
                Some(Value::Bool(value)) => *field = *value,
                Some(_) => bad.push(name),
            }
        }
        match fields.get("volume") {
            None => {}
            Some(value) => {
                match value.as_u64().and_then(|value| u8::try_from(value).ok()).filter(|value| *value <= 100) {
                    Some(value) => settings.volume = value,
                    None => bad.push("volume"),
                }
            }
        }
        (settings, bad)
    }

    /// As it is stored, field by field.
    pub(crate) fn fields(&self) -> [(&'static str, Value); 7] {
        [
            ("region", self.region.clone().into()),
            ("loginUrl", self.login_url.clone().into()),
            ("apiUrl", self.api_url.clone().into()),
            ("clientId", self.client_id.clone().into()),
            ("ring", self.ring.into()),
            ("volume", self.volume.into()),
            ("signedOut", self.signed_out.into()),
        ]
    }

    /// The sign-in form with these settings.
    pub(crate) fn form(&self) -> SignInForm {
        SignInForm {
            region: self.region.clone(),
            login_url: self.login_url.clone(),
            api_url: self.api_url.clone(),
            client_id: self.client_id.clone(),
        }
    }
}

/// Reads the settings file, before anybody writes it. A broken file is moved aside.
pub(crate) fn read(path: &Path) -> (Settings, Option<Trouble>) {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => return (Settings::default(), None),
        Err(error) => {
            let message = format!("Your settings could not be read ({}). Earshot started with defaults.", error.kind());
            let cure = format!("Check who may read {}.", path.display());
            return (Settings::default(), Some(trouble("settings.unreadable", message, Some(&cure), false)));
        }
    };
    match serde_json::from_slice::<Map<String, Value>>(&bytes) {
        Ok(fields) => {
            let (settings, bad) = Settings::from_json(&fields);
            let said = (!bad.is_empty()).then(|| {
                let message =
                    format!("Some of your settings made no sense and are back at their defaults: {}.", bad.join(", "));
                trouble("settings.odd", message, Some("Check them here and under Settings."), false)
            });
            (settings, said)
        }
        Err(_) => (Settings::default(), Some(set_aside(path))),
    }
}

fn set_aside(path: &Path) -> Trouble {
    let aside = path.with_extension("json.broken");
    let kept = match fs::rename(path, &aside) {
        Ok(()) => format!("The old file is kept as {}.", aside.display()),
        Err(error) => format!("The old file could not be kept ({}).", error.kind()),
    };
    let message = format!("Your settings file was damaged, so Earshot started with defaults. {kept}");
    trouble("settings.broken", message, Some("Choose your region and enter your client ID again."), false)
}

/// Where a form leads to, or the sentence that says what is wrong with it.
pub(crate) fn target(form: &SignInForm) -> Result<Target, Trouble> {
    let environment = if form.region == CUSTOM {
        Environment::custom(&form.login_url, &form.api_url)
    } else {
        Environment::region(&form.region)
    };
    let environment = environment.map_err(|error| trouble("address.invalid", error.to_string(), None, false))?;
    let client_id = form.client_id.trim();
    if client_id.is_empty() {
        let message = "The OAuth client ID is missing.";
        return Err(trouble(
            "client_id.missing",
            message,
            Some("Your administrator can tell you which one to use."),
            false,
        ));
    }
    Ok(Target::new(environment, client_id.to_owned()))
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
