//! What an administrator sets for every user of a computer: a read-only file in a place that only administrators can
//! write. For the shell, which asks it before the settings, and for whoever packages or rolls out Earshot.
//!
//! It holds defaults that people cannot change by accident, and is no security: whoever may start programs may set the
//! variables that come first, one of which (`EARSHOT_CONFIG`) names another file. A file that is wrong anywhere is not
//! used at all, since half of it could lead to the wrong place.

mod keys;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use earshot_engine::snapshot::Trouble;

use crate::trouble::trouble;

pub(crate) use keys::Level;

/// Names another file.
pub(crate) const VARIABLE: &str = "EARSHOT_CONFIG";
/// Bytes; beyond this it is no such file.
const LONGEST: u64 = 256 * 1024;

/// What is set; nothing, where there is no file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Managed {
    /// The file.
    pub(crate) path: PathBuf,
    pub(crate) place: Option<Place>,
    pub(crate) client_id: Option<String>,
    /// The only port that the browser may come back to.
    pub(crate) redirect_port: Option<u16>,
    /// Where the secret of a confidential client is: the code grant. None: PKCE.
    pub(crate) secret_file: Option<PathBuf>,
    pub(crate) log_level: Option<Level>,
    /// Whether the token of somebody who works is kept from ending as unused.
    pub(crate) keep_signed_in: Option<bool>,
    /// Whether Earshot starts when people log in.
    pub(crate) autostart: Option<bool>,
}

/// Which Genesys Cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Region(String),
    Addresses { login: String, api: String },
}

/// Reads the file of this computer, or the one that the environment names.
pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> (Managed, Option<Trouble>) {
    let named = variable(VARIABLE).filter(|path| !path.trim().is_empty()).map(PathBuf::from);
    let must_exist = named.is_some();
    let Some(path) = named.or_else(|| usual_place(variable)) else { return (Managed::default(), None) };
    match text(&path) {
        Ok(text) => match keys::parse(&text, std::env::home_dir().as_deref()) {
            Ok(managed) => (Managed { path, ..managed }, None),
            Err(why) => (Managed::default(), Some(broken(&path, &why))),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => (Managed::default(), None),
        Err(error) => (Managed::default(), Some(broken(&path, &error.kind().to_string()))),
    }
}

#[cfg(target_os = "windows")]
fn usual_place(variable: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    variable("ProgramData").map(|folder| Path::new(&folder).join("Earshot").join("config.toml"))
}

#[cfg(target_os = "macos")]
#[allow(clippy::unnecessary_wraps)] // the same face as elsewhere
fn usual_place(_: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    Some("/Library/Application Support/Earshot/config.toml".into())
}

#[cfg(not(any(target_os = "windows", target_os = "macos")))]
#[allow(clippy::unnecessary_wraps)] // the same face as elsewhere
fn usual_place(_: impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    Some("/etc/earshot/config.toml".into())
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

fn broken(path: &Path, why: &str) -> Trouble {
    trouble(
        "managed.broken",
        format!(
            "Your administrator's settings in {} cannot be used ({why}). Earshot uses none of them.",
            path.display()
        ),
        Some("Tell your administrator. Until then you can enter the settings yourself."),
        false,
    )
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use super::*;

    fn read_at(path: &Path) -> (Managed, Option<Trouble>) {
        read(|name| (name == VARIABLE).then(|| path.display().to_string()))
    }

    #[test]
    fn the_file_that_the_environment_names_is_read_and_must_be_there() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        let (managed, trouble) = read_at(&path);
        assert_eq!(managed, Managed::default());
        assert!(trouble.expect("said").message.contains(&path.display().to_string()));
        std::fs::write(&path, "region = 'mypurecloud.de'\n").expect("written");
        let (managed, trouble) = read_at(&path);
        assert_eq!((managed.place, trouble), (Some(Place::Region("mypurecloud.de".into())), None));
        assert_eq!(managed.path, path);
    }

    #[test]
    fn a_file_that_is_wrong_anywhere_is_not_used_at_all_and_says_where() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("config.toml");
        std::fs::write(&path, "client_id = 'abc'\n\nregoin = 'mypurecloud.de'\n").expect("written");
        let (managed, trouble) = read_at(&path);
        assert_eq!(managed, Managed::default());
        let said = trouble.expect("said");
        assert_eq!(said.code, "managed.broken");
        assert!(said.message.contains("line 3") && said.message.contains("regoin"), "{}", said.message);
        std::fs::write(&path, b"\xff\xfe").expect("written");
        assert!(read_at(&path).1.is_some());
    }

    #[test]
    fn nothing_named_means_the_usual_place() {
        let place = usual_place(|name| (name == "ProgramData").then(|| "C:\\ProgramData".to_owned()));
        assert!(place.expect("a place").ends_with("config.toml"));
    }
}
