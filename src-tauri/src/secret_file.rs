//! The secret of a confidential OAuth client, in a file that only the user can read. It is read at sign-in and again at
//! every renewal, so that an administrator can replace it, and it is checked each time.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use earshot_engine::sign_in::{SecretSource, SourceError};
use earshot_engine::snapshot::Trouble;
use secrecy::SecretString;
use tokio::task::spawn_blocking;

use crate::trouble::trouble;

/// Bytes. No secret of Genesys Cloud's is longer; a file that is holds something else.
const LONGEST: u64 = 64 * 1024;

/// Where the secret is; never what it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SecretFile(PathBuf);

/// Why a file is not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unusable {
    #[error("there is no such file")]
    Missing,
    #[error("it may not be read by you")]
    Forbidden,
    #[error("others can read it (mode {mode:04o})")]
    Exposed { mode: u32 },
    #[error("it belongs to another user")]
    Foreign,
    #[error("it is no file")]
    NoFile,
    #[error("it is empty")]
    Empty,
    #[error("it holds more than one line")]
    ManyLines,
    #[error("it is too long for a secret")]
    TooLong,
    #[error("it holds no text")]
    NoText,
    #[error("{0}")]
    Broken(io::ErrorKind),
}

impl SecretFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// For whoever renews with it.
    pub(crate) fn source(&self) -> Arc<dyn SecretSource> {
        Arc::new(self.clone())
    }

    /// What it holds now.
    pub(crate) async fn secret(&self) -> Result<SecretString, Trouble> {
        self.get().await.map_err(|why| self.trouble(&why))
    }

    async fn get(&self) -> Result<SecretString, Unusable> {
        let path = self.0.clone();
        spawn_blocking(move || read(&path)).await.unwrap_or(Err(Unusable::Broken(io::ErrorKind::Other)))
    }

    fn trouble(&self, why: &Unusable) -> Trouble {
        let path = self.0.display();
        let (code, cure) = match why {
            Unusable::Missing => ("secret_file.missing", "Ask your administrator to put the file there.".to_owned()),
            Unusable::Exposed { .. } => (
                "secret_file.exposed",
                format!("Make it readable for you alone: chmod 600 \"{path}\". Then sign in again."),
            ),
            Unusable::Forbidden | Unusable::Foreign => (
                "secret_file.foreign",
                "Ask your administrator to give the file to your user, with mode 0600.".to_owned(),
            ),
            _ => (
                "secret_file.unusable",
                "Ask your administrator for a file with the client's secret, in one line.".to_owned(),
            ),
        };
        let message = format!("Earshot does not use the file that holds the OAuth client's secret, {path}: {why}.");
        trouble(code, message, Some(&cure), true)
    }
}

impl fmt::Display for SecretFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.display())
    }
}

#[async_trait]
impl SecretSource for SecretFile {
    async fn read(&self) -> Result<SecretString, SourceError> {
        self.get().await.map_err(|why| {
            tracing::warn!(file = %self, %why, "the OAuth client's secret cannot be read");
            SourceError(format!("{self}: {why}"))
        })
    }
}

/// Opens first and looks then: what is checked is what is read.
fn read(path: &Path) -> Result<SecretString, Unusable> {
    let file = File::open(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Unusable::Missing,
        io::ErrorKind::PermissionDenied => Unusable::Forbidden,
        kind => Unusable::Broken(kind),
    })?;
    check(&file)?;
    let mut text = String::new();
    file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => Unusable::NoText,
        kind => Unusable::Broken(kind),
    })?;
    let secret = text.trim();
    if text.len() as u64 > LONGEST {
        Err(Unusable::TooLong)
    } else if secret.is_empty() {
        Err(Unusable::Empty)
    } else if secret.contains(char::is_control) {
        Err(Unusable::ManyLines)
    } else {
        Ok(secret.into())
    }
}

#[cfg(unix)]
fn check(file: &File) -> Result<(), Unusable> {
    use std::os::unix::fs::MetadataExt as _;

    let about = file.metadata().map_err(|error| Unusable::Broken(error.kind()))?;
    let mode = about.mode() & 0o7777;
    if !about.is_file() {
        Err(Unusable::NoFile)
    } else if mode & 0o077 != 0 {
        Err(Unusable::Exposed { mode })
    } else if about.uid() != rustix::process::geteuid().as_raw() {
        Err(Unusable::Foreign)
    } else {
        Ok(())
    }
}

/// Elsewhere the rights of a file are lists, which are not looked at: not tested there.
#[cfg(not(unix))]
fn check(file: &File) -> Result<(), Unusable> {
    let about = file.metadata().map_err(|error| Unusable::Broken(error.kind()))?;
    if about.is_file() { Ok(()) } else { Err(Unusable::NoFile) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use secrecy::ExposeSecret as _;

    use super::*;

    fn file(content: &[u8], mode: u32) -> (tempfile::TempDir, SecretFile) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("secret");
        std::fs::write(&path, content).expect("written");
        set_mode(&path, mode);
        (folder, SecretFile::new(path))
    }

    fn set_mode(path: &Path, mode: u32) {
        #[cfg(unix)]
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).expect("a mode");
    }

    #[tokio::test]
    async fn a_secret_is_read_anew_each_time() {
        for mode in [0o600, 0o400] {
            let (_folder, file) = file(b" first\r\n", mode);
            assert_eq!(file.secret().await.expect("read").expose_secret(), "first");
            set_mode(&file.0, 0o600);
            std::fs::write(&file.0, "second\n").expect("written");
            assert_eq!(file.source().read().await.expect("read").expose_secret(), "second");
        }
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_file_that_others_can_read_is_refused_with_the_cure() {
        for mode in [0o640, 0o604, 0o660, 0o777, 0o610] {
            let (_folder, file) = file(b"canary", mode);
            let trouble = file.secret().await.expect_err("refused");
            assert_eq!(trouble.code, "secret_file.exposed", "{mode:o}");
            let said = format!("{} {}", trouble.message, trouble.cure.as_deref().unwrap_or_default());
            assert!(said.contains(&format!("{mode:04o}")) && said.contains("chmod 600"), "{said}");
            assert!(file.source().read().await.is_err(), "not at a renewal either");
        }
    }

    #[tokio::test]
    async fn what_is_no_secret_is_refused_without_a_word_of_it() {
        let long = b"x".repeat(70_000);
        let cases: [(&[u8], Unusable); 5] = [
            (b"", Unusable::Empty),
            (b" \n", Unusable::Empty),
            (b"canary\nother", Unusable::ManyLines),
            (b"canary\xff", Unusable::NoText),
            (&long, Unusable::TooLong),
        ];
        for (content, why) in cases {
            let (_folder, file) = file(content, 0o600);
            assert_eq!(file.get().await.expect_err("refused"), why);
            let said = format!("{:?} {file:?}", file.secret().await.expect_err("refused"));
            assert!(!said.contains("canary") && said.contains("secret_file.unusable"), "{said}");
        }
        let (folder, _) = file(b"x", 0o600);
        let missing = SecretFile::new(folder.path().join("none"));
        assert_eq!(missing.secret().await.expect_err("refused").code, "secret_file.missing");
        let no_file = SecretFile::new(folder.path().to_owned()).get().await.expect_err("refused");
        assert!(matches!(no_file, Unusable::NoFile | Unusable::Forbidden), "{no_file:?}");
    }
}
