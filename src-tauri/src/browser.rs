//! Opens the sign-in page in the system's own browser, which the agent trusts and in which a password manager works.

use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::time::Duration;

use earshot_engine::snapshot::Trouble;
use tokio::sync::oneshot;
use url::Url;

use crate::thrift;
use crate::trouble::trouble;

/// Programs that open an address, the most usual first.
#[cfg(target_os = "linux")]
const OPENERS: &[&[&str]] = &[&["xdg-open"], &["gio", "open"], &["sensible-browser"], &["x-www-browser"]];
#[cfg(target_os = "macos")]
const OPENERS: &[&[&str]] = &[&["open"]];
#[cfg(target_os = "windows")]
const OPENERS: &[&[&str]] = &[&["rundll32", "url.dll,FileProtocolHandler"]];

/// An opener that fails does so at once; one that runs on has opened a browser, or has become it.
const FAILS_WITHIN: Duration = Duration::from_secs(3);

/// Opens `url`, and returns when a browser is on its way or none can be had.
pub(crate) async fn open(url: &Url) -> Result<(), Trouble> {
    for opener in OPENERS {
        match run(opener, url).await {
            Outcome::Opened => return Ok(()),
            Outcome::Missing => {}
            Outcome::Failed => tracing::warn!(opener = opener[0], "could not open the browser"),
        }
    }
    Err(trouble(
        "browser.none",
        "No web browser could be opened, and signing in needs one.",
        Some("Install a browser or choose a default one in your system settings, then try again."),
        true,
    ))
}

enum Outcome {
    Opened,
    Missing,
    Failed,
}

async fn run(opener: &[&str], url: &Url) -> Outcome {
    let mut command = Command::new(opener[0]);
    command.args(&opener[1..]).arg(url.as_str());
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, value)| is_ours(name, value)) {
        command.env_remove(name);
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        // Detached: Ctrl-C in our terminal, or our end, is not the browser's.
        command.process_group(0);
    }
    let Ok(mut child) = command.spawn() else { return Outcome::Missing };
    let (tell, told) = oneshot::channel();
    // A thread of its own waits for the child, however long the browser lives, so that no zombie remains.
    let waiter = std::thread::Builder::new().name("earshot-browser".to_owned()).spawn(move || {
        let _ = tell.send(child.wait().is_ok_and(|status| status.success()));
    });
    if waiter.is_err() {
        return Outcome::Opened;
    }
    match tokio::time::timeout(FAILS_WITHIN, told).await {
        Ok(Ok(false)) => Outcome::Failed,
        Ok(_) | Err(_) => Outcome::Opened,
    }
}

/// Variables that are about this process and would mislead a browser.
fn is_ours(name: &OsStr, value: &OsStr) -> bool {
    let Some(name) = name.to_str() else { return false };
    let in_a_bundle = [
        "APPDIR",
        "APPIMAGE",
        "ARGV0",
        "LD_LIBRARY_PATH",
        "LD_PRELOAD",
        "GDK_BACKEND",
        "GTK_PATH",
        "GTK_EXE_PREFIX",
        "GTK_DATA_PREFIX",
        "GIO_MODULE_DIR",
        "GIO_EXTRA_MODULES",
        "GDK_PIXBUF_MODULE_FILE",
    ];
    ["EARSHOT_", "TAURI_", "WEBKIT_"].iter().any(|prefix| name.starts_with(prefix))
        || thrift::is_wish(name, value)
        || (std::env::var_os("APPDIR").is_some() && in_a_bundle.contains(&name))
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::expect_used)]

    use super::*;

    fn url() -> Url {
        Url::parse("https://login.example.org/oauth/authorize?state=x").expect("a url")
    }

    #[tokio::test]
    async fn what_an_opener_does_is_told_apart() {
        assert!(matches!(run(&["true"], &url()).await, Outcome::Opened));
        assert!(matches!(run(&["false"], &url()).await, Outcome::Failed));
        assert!(matches!(run(&["earshot-has-no-such-program"], &url()).await, Outcome::Missing));
    }

    #[test]
    fn our_own_variables_stay_with_us() {
        let ours = |name, value| is_ours(OsStr::new(name), OsStr::new(value));
        assert!(ours("EARSHOT_CLIENT_ID", "id"));
        assert!(ours("WEBKIT_DISABLE_COMPOSITING_MODE", "1"));
        assert!(ours("MALLOC_ARENA_MAX", "1"));
        assert!(!ours("MALLOC_ARENA_MAX", "8"));
        assert!(!ours("PATH", "/usr/bin"));
        assert!(!ours("DISPLAY", ":0"));
    }
}
