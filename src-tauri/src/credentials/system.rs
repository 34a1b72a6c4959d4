//! The operating system's key store, and what its errors mean to an agent. On Linux it is the Secret Service (GNOME Keyring,
//! KWallet), on Windows the Credential Manager, on macOS the Keychain; the last two are untested.
//!
//! It is connected to for each call: calls are hours apart, and a store that was started or unlocked in between is then
//! found as it is. For the same reason the platforms' stores are used themselves, and not `keyring`'s own `Entry`, which
//! keeps what it found at the first call until the program ends.

#[cfg(target_os = "linux")]
use std::collections::HashMap;

use earshot_engine::world::StoreError;
use keyring_core::api::CredentialStoreApi as _;
use keyring_core::{Entry, Error};

/// The name under which all of Earshot's entries stand.
const SERVICE: &str = "cloud.earshot.desktop";

/// The entry of one sign-in, whether it is there or not.
#[cfg(target_os = "linux")]
pub(super) fn open(account: &str) -> keyring_core::Result<Entry> {
    // What a person reads in the key store's own window.
    let label = format!("Earshot: {account}");
    let store = zbus_secret_service_keyring_store::Store::new()?;
    store.build(SERVICE, account, Some(&HashMap::from([("label", label.as_str())])))
}

/// The entry of one sign-in, whether it is there or not.
#[cfg(target_os = "windows")]
pub(super) fn open(account: &str) -> keyring_core::Result<Entry> {
    windows_native_keyring_store::Store::new()?.build(SERVICE, account, None)
}

/// The entry of one sign-in, whether it is there or not.
#[cfg(target_os = "macos")]
pub(super) fn open(account: &str) -> keyring_core::Result<Entry> {
    apple_native_keyring_store::keychain::Store::new()?.build(SERVICE, account, None)
}

/// What an error of the store's means. Only words go on from here: some errors carry what was stored.
pub(super) fn meaning(error: &Error) -> StoreError {
    match error {
        Error::NoStorageAccess(_) => StoreError::Locked,
        Error::NoDefaultStore => StoreError::Absent,
        Error::Ambiguous(_) => StoreError::Ambiguous,
        Error::TooLong(..) => StoreError::TooLong,
        Error::PlatformFailure(cause) => platform(&**cause),
        Error::BadEncoding(_) | Error::BadDataFormat(..) => StoreError::Failed("what it holds is no sign-in".into()),
        other => StoreError::Failed(other.to_string()),
    }
}

#[cfg(target_os = "linux")]
fn platform(cause: &(dyn std::error::Error + 'static)) -> StoreError {
    use secret_service::Error as Service;

    match cause.downcast_ref::<Service>() {
        Some(Service::Locked | Service::Prompt | Service::PromptDisconnected) => StoreError::Locked,
        Some(Service::Unavailable | Service::NoResult) => StoreError::Absent,
        Some(Service::Zbus(error)) if nobody_there(error) => StoreError::Absent,
        Some(Service::ZbusFdo(zbus::fdo::Error::ServiceUnknown(_) | zbus::fdo::Error::NameHasNoOwner(_))) => {
            StoreError::Absent
        }
        _ => StoreError::Failed(cause.to_string()),
    }
}

#[cfg(not(target_os = "linux"))]
fn platform(cause: &(dyn std::error::Error + 'static)) -> StoreError {
    StoreError::Failed(cause.to_string())
}

/// No session bus, or nobody on it who keeps secrets or could be started to.
#[cfg(target_os = "linux")]
fn nobody_there(error: &zbus::Error) -> bool {
    match error {
        zbus::Error::Address(_)
        | zbus::Error::Connection(..)
        | zbus::Error::InputOutput(_)
        | zbus::Error::InterfaceNotFound => true,
        zbus::Error::MethodError(name, _, _) => {
            let name = name.as_str();
            name == "org.freedesktop.DBus.Error.ServiceUnknown"
                || name == "org.freedesktop.DBus.Error.NameHasNoOwner"
                || name.starts_with("org.freedesktop.DBus.Error.Spawn.")
        }
        zbus::Error::FDO(error) => {
            matches!(**error, zbus::fdo::Error::ServiceUnknown(_) | zbus::fdo::Error::NameHasNoOwner(_))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str) -> Box<dyn std::error::Error + Send + Sync> {
        Box::new(std::io::Error::other(text.to_owned()))
    }

    #[test]
    fn each_error_has_its_meaning() {
        let failed = |text: &str| StoreError::Failed(text.to_owned());
        let table = [
            (Error::NoStorageAccess(broken("x")), StoreError::Locked),
            (Error::NoDefaultStore, StoreError::Absent),
            (Error::Ambiguous(Vec::new()), StoreError::Ambiguous),
            (Error::TooLong("password".to_owned(), 2560), StoreError::TooLong),
            (Error::PlatformFailure(broken("out of order")), failed("out of order")),
            (Error::NotSupportedByStore("no".to_owned()), failed("Unsupported: no")),
        ];
        for (error, wanted) in table {
            assert_eq!(meaning(&error), wanted);
        }
    }

    #[test]
    fn an_error_that_carries_what_was_stored_does_not_repeat_it() {
        let bytes = b"canary\xff".to_vec();
        for error in [Error::BadEncoding(bytes.clone()), Error::BadDataFormat(bytes, broken("canary"))] {
            assert!(!meaning(&error).to_string().contains("canary"));
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn on_linux_a_missing_service_and_a_dismissed_prompt_are_told_apart() {
        use secret_service::Error as Service;
        let of = |error: Service| meaning(&Error::PlatformFailure(Box::new(error)));
        assert_eq!(of(Service::Unavailable), StoreError::Absent);
        let unknown = zbus::fdo::Error::ServiceUnknown("org.freedesktop.secrets".to_owned());
        assert_eq!(of(Service::ZbusFdo(unknown.clone())), StoreError::Absent);
        assert_eq!(of(Service::Zbus(zbus::Error::FDO(Box::new(unknown)))), StoreError::Absent);
        let no_bus = std::io::Error::from(std::io::ErrorKind::NotFound);
        assert_eq!(of(Service::Zbus(zbus::Error::InputOutput(no_bus.into()))), StoreError::Absent);
        assert_eq!(of(Service::Prompt), StoreError::Locked);
        assert!(matches!(of(Service::Crypto("bad padding")), StoreError::Failed(_)));
    }
}
