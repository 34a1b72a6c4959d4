//! Signing in with the system browser.

mod grant;

pub use grant::Grant;
