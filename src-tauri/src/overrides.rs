//! What the environment and the administrator say instead of the settings, in that order, and who locked which field.

use std::path::PathBuf;

use earshot_engine::snapshot::Trouble;
use earshot_genesys::hosts::Environment;

use crate::backend::Target;
use crate::ipc::{LockedBy, LockedView, SettingsView, SignInForm};
use crate::managed::{self, Level, Managed, Place};
use crate::secret_file::SecretFile;
use crate::settings::{self, CUSTOM, Settings};

const LOGIN_URL: &str = "EARSHOT_LOGIN_URL";
const API_URL: &str = "EARSHOT_API_URL";
const CLIENT_ID: &str = "EARSHOT_CLIENT_ID";

/// What is said instead of the settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Overrides {
    login_url: Option<String>,
    api_url: Option<String>,
    client_id: Option<String>,
    managed: Managed,
    /// The managed file cannot be used.
    trouble: Option<Trouble>,
}

impl Overrides {
    /// Reads `EARSHOT_LOGIN_URL`, `EARSHOT_API_URL` and `EARSHOT_CLIENT_ID` (empty means absent), and the managed file.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let read = |name| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let (managed, trouble) = managed::read(&variable);
        Self { login_url: read(LOGIN_URL), api_url: read(API_URL), client_id: read(CLIENT_ID), managed, trouble }
    }

    /// How much is to be logged, as an administrator set it.
    pub(crate) fn log_level(&self) -> Option<Level> {
        self.managed.log_level
    }

    /// Why what an administrator set is not used.
    pub(crate) fn trouble(&self) -> Option<&Trouble> {
        self.trouble.as_ref()
    }

    /// The form as it counts. An address from the environment makes the region `custom`; where only one is given and
    /// the form names a region, the region gives the other.
    pub(crate) fn apply(&self, mut form: SignInForm) -> SignInForm {
        match &self.managed.place {
            Some(Place::Region(region)) => region.clone_into(&mut form.region),
            Some(Place::Addresses { login, api }) => {
                CUSTOM.clone_into(&mut form.region);
                (form.login_url, form.api_url) = (login.clone(), api.clone());
            }
            None => {}
        }
        if self.login_url.is_some() || self.api_url.is_some() {
            if form.region != CUSTOM
                && let Ok(region) = Environment::region(&form.region)
            {
                form.login_url = region.login().to_string();
                form.api_url = region.api().to_string();
            }
            CUSTOM.clone_into(&mut form.region);
        }
        form.login_url = self.login_url.clone().unwrap_or(form.login_url);
        form.api_url = self.api_url.clone().unwrap_or(form.api_url);
        let client_id = self.client_id.clone().or_else(|| self.managed.client_id.clone());
        form.client_id = client_id.unwrap_or(form.client_id);
        form
    }

    /// Takes over what a person chose, but not what was forced on the form.
    pub(crate) fn remember(&self, settings: &mut Settings, form: &SignInForm) {
        if self.login_url.is_none() && self.api_url.is_none() && self.managed.place.is_none() {
            form.region.clone_into(&mut settings.region);
            form.login_url.clone_into(&mut settings.login_url);
            form.api_url.clone_into(&mut settings.api_url);
        }
        if self.client_id.is_none() && self.managed.client_id.is_none() {
            form.client_id.clone_into(&mut settings.client_id);
        }
    }

    /// Where a form leads to and how to sign in there, or the sentence that says what is wrong with it. `form` is one that
    /// was applied.
    pub(crate) fn target(&self, form: &SignInForm) -> Result<Target, Trouble> {
        let mut target = settings::target(form)?;
        // A secret is that of the client it was given out with, and of no other.
        if self.managed.client_id.as_ref() == Some(&target.client_id) {
            target.secret = self.managed.secret_file.clone().map(SecretFile::new);
        }
        if let Some(port) = self.managed.redirect_port {
            target.ports = vec![port];
        }
        target.keep_signed_in = self.managed.keep_signed_in.unwrap_or(true);
        Ok(target)
    }

    /// Whether Earshot is to start at login, where that is not the person's to say.
    pub(crate) fn autostart(&self) -> Option<bool> {
        self.managed.autostart
    }

    /// What cannot be changed here, and who set it.
    pub(crate) fn locked(&self) -> Vec<LockedView> {
        let environment = |field: &str, label: &str, variable: &str, value: &Option<String>| {
            value.as_ref().map(|value| LockedView {
                field: field.to_owned(),
                by: LockedBy::Environment,
                reason: format!("Set by your environment ({variable})"),
                shown: format!("{label}: {value}"),
            })
        };
        let mut locked: Vec<LockedView> = [
            environment("loginUrl", "Sign-in address", LOGIN_URL, &self.login_url),
            environment("apiUrl", "API address", API_URL, &self.api_url),
            environment("clientId", "OAuth client ID", CLIENT_ID, &self.client_id),
        ]
        .into_iter()
        .flatten()
        .collect();
        if let Some(address) = locked.iter().find(|one| one.field != "clientId").cloned() {
            locked.push(LockedView { field: "region".to_owned(), shown: "Region: custom".to_owned(), ..address });
        }
        for (field, shown) in self.managed_fields() {
            if !locked.iter().any(|one| one.field == field) {
                let reason = format!("Set by your administrator in {}", self.managed.path.display());
                locked.push(LockedView { field: field.to_owned(), by: LockedBy::Administrator, reason, shown });
            }
        }
        locked
    }

    fn managed_fields(&self) -> Vec<(&'static str, String)> {
        let Managed { place, client_id, redirect_port, secret_file, log_level, keep_signed_in, autostart, path: _ } =
            &self.managed;
        let mut fields = Vec::new();
        match place {
            Some(Place::Region(region)) => fields.push(("region", format!("Region: {region}"))),
            Some(Place::Addresses { login, api }) => {
                fields.push(("region", "Region: custom".to_owned()));
                fields.push(("loginUrl", format!("Sign-in address: {login}")));
                fields.push(("apiUrl", format!("API address: {api}")));
            }
            None => {}
        }
        let yes = |yes: &bool| if *yes { "yes" } else { "no" };
        let file = |path: &PathBuf| format!("OAuth client secret: in {}", path.display());
        fields.extend(client_id.as_ref().map(|id| ("clientId", format!("OAuth client ID: {id}"))));
        fields.extend(redirect_port.as_ref().map(|port| ("redirectPort", format!("Sign-in port: {port}"))));
        fields.extend(secret_file.as_ref().map(|path| ("clientSecretFile", file(path))));
        fields.extend(log_level.map(Level::name).map(|level| ("logLevel", format!("Log level: {level}"))));
        fields.extend(keep_signed_in.as_ref().map(|on| ("keepSignedIn", format!("Kept signed in: {}", yes(on)))));
        fields.extend(autostart.as_ref().map(|on| ("autostart", format!("Starts when you log in: {}", yes(on)))));
        fields
    }

    /// The settings as the page shows them.
    pub(crate) fn view(&self, settings: &Settings, trouble: Option<Trouble>) -> SettingsView {
        let form = self.apply(settings.form());
        SettingsView {
            region: form.region,
            login_url: form.login_url,
            api_url: form.api_url,
            client_id: form.client_id,
            locked: self.locked(),
            trouble,
            managed_trouble: self.trouble.clone(),
        }
    }
}

#[cfg(test)]
#[path = "overrides_tests.rs"]
mod tests;
