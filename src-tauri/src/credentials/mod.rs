//! The key store of this computer: where a sign-in stays from one start of Earshot to the next, and nowhere else. What is
//! stored is the refresh token alone, under the sign-in address and the client ID; without a key store it stays in memory.

mod farewell;
mod store;
mod system;

use earshot_engine::snapshot::Trouble;
use earshot_engine::world::StoreError;
use earshot_genesys::hosts::Environment;

pub(crate) use farewell::farewell;
pub(crate) use store::{KeyStore, Place};

use crate::trouble::trouble;

/// The name of a sign-in's entry. It says where and through which client, and nothing of who.
pub(crate) fn account(environment: &Environment, client_id: &str) -> String {
    let login = environment.login();
    let host = login.host_str().unwrap_or_default();
    match login.port() {
        Some(port) => format!("{host}:{port} {client_id}"),
        None => format!("{host} {client_id}"),
    }
}

/// Why Earshot does not go on with the sign-in from before, at its start.
pub(crate) fn not_found(error: &StoreError) -> Trouble {
    let (code, message, cure) = match error {
        StoreError::Locked => (
            "store.locked",
            "Your computer's key store is locked, so Earshot cannot see whether you are still signed in.",
            "Unlock it and start Earshot again, or sign in.",
        ),
        StoreError::Absent => {
            ("store.absent", "This computer has no key store.", "Sign in. You sign in again after each restart.")
        }
        StoreError::Slow => (
            "store.slow",
            "Your computer's key store does not answer. It may be waiting for your password.",
            "Look for its window, and Earshot goes on by itself. Or sign in.",
        ),
        StoreError::Ambiguous => (
            "store.ambiguous",
            "Your computer's key store holds more than one sign-in of Earshot's.",
            "Sign in. Only the new one is kept.",
        ),
        StoreError::TooLong | StoreError::Failed(_) => (
            "store.failed",
            "Your computer's key store failed, so Earshot cannot see whether you are still signed in.",
            "Sign in. If this comes back, tell your administrator.",
        ),
    };
    trouble(code, message, Some(cure), true)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use super::*;

    #[test]
    fn an_entry_is_named_after_the_place_and_the_client_and_nobody() {
        let region = Environment::region("mypurecloud.de").expect("a region");
        assert_eq!(account(&region, "a-client"), "login.mypurecloud.de a-client");
        let local = Environment::custom("http://127.0.0.1:8090", "http://127.0.0.1:8090").expect("an environment");
        assert_eq!(account(&local, "b"), "127.0.0.1:8090 b");
    }

    #[test]
    fn each_error_of_the_store_has_a_sentence_and_a_cure_of_its_own() {
        let errors = [
            StoreError::Locked,
            StoreError::Absent,
            StoreError::Slow,
            StoreError::Ambiguous,
            StoreError::Failed("secret-canary".to_owned()),
        ];
        let mut seen = std::collections::BTreeSet::new();
        for error in &errors {
            let trouble = not_found(error);
            let cure = trouble.cure.expect("a cure");
            assert!(!trouble.message.contains("canary"), "the library's words are for the log");
            assert!(seen.insert((trouble.code, trouble.message, cure)));
        }
    }
}
