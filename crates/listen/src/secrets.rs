//! Secrets that live in files: read again each time they are needed, never printed, replaced in one step.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use earshot_engine::sign_in::{SecretSource, SourceError};
use earshot_engine::world::{CredentialStore, StoreError};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::spawn_blocking;

/// No secret of Genesys Cloud's is longer; a file that is holds something else.
const LONGEST: u64 = 64 * 1024;

/// A secret in a file. Once read it is known: a file that cannot be read later leaves it as it was.
#[derive(Debug, Clone)]
pub struct FileSecret {
    path: PathBuf,
    known: Arc<Mutex<SecretString>>,
}

/// A file that was to hold a secret, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{path} {problem}", path = path.display())]
pub struct Unreadable {
    path: PathBuf,
    problem: String,
}

impl FileSecret {
    /// Reads it for the first time.
    pub fn open(path: &Path) -> Result<Self, Unreadable> {
        let known = read(path).map_err(|problem| Unreadable { path: path.to_owned(), problem })?;
        Ok(Self { path: path.to_owned(), known: Arc::new(Mutex::new(known)) })
    }

    pub(crate) async fn now(&self) -> SecretString {
        let path = self.path.clone();
        let problem = match spawn_blocking(move || read(&path)).await {
            Ok(Ok(secret)) => {
                *self.known.lock().unwrap_or_else(PoisonError::into_inner) = secret.clone();
                return secret;
            }
            Ok(Err(problem)) => problem,
            Err(_) => "was not read".into(),
        };
        tracing::warn!("{} {problem}; what it held before is used", self.path.display());
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl SecretSource for FileSecret {
    async fn read(&self) -> Result<SecretString, SourceError> {
        Ok(self.now().await)
    }
}

/// A refresh token in a file, which is replaced when Genesys Cloud gives another one.
#[derive(Debug)]
pub struct FileStore(pub FileSecret);

#[async_trait]
impl CredentialStore for FileStore {
    async fn save(&self, refresh_token: &SecretString) -> Result<(), StoreError> {
        let same = |known: &SecretString| known.expose_secret() == refresh_token.expose_secret();
        if same(&self.0.known.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        let (path, secret) = (self.0.path.clone(), refresh_token.clone());
        let written = spawn_blocking(move || replace(&path, &secret)).await;
        let written = written.unwrap_or_else(|_| Err(io::Error::other("the task failed")));
        written.map_err(|error| StoreError::Failed(format!("{}: {error}", self.0.path.display())))?;
        *self.0.known.lock().unwrap_or_else(PoisonError::into_inner) = refresh_token.clone();
        Ok(())
    }

    async fn load(&self) -> Result<Option<SecretString>, StoreError> {
        Ok(Some(self.0.now().await))
    }

    async fn clear(&self) -> Result<(), StoreError> {
        // It belongs to whoever wrote it, and a listener never signs out.
        Err(StoreError::Failed("the file is kept".into()))
    }
}

/// What the file holds, or what is wrong with it; never a word of its content.
fn read(path: &Path) -> Result<SecretString, String> {
    let cannot = |error: io::Error| format!("cannot be read: {error}");
    let mut text = String::new();
    let file = File::open(path).map_err(cannot)?;
    file.take(LONGEST + 1).read_to_string(&mut text).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => "holds no text".into(),
        _ => cannot(error),
    })?;
    let secret = text.trim();
    if secret.is_empty() {
        Err("is empty".into())
    } else if text.len() as u64 > LONGEST {
        Err("is too long for a secret".into())
    } else if secret.contains(|c: char| c.is_control()) {
        Err("holds more than one line".into())
    } else {
        Ok(secret.into())
    }
}

/// Writes a new file beside the old one and puts it in its place: whoever reads sees the old secret or the new one.
fn replace(path: &Path, secret: &SecretString) -> io::Result<()> {
    // A link stays one, and what it leads to is replaced.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let written = write_new(&beside, secret).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        // Half a secret is of no use to anybody.
        let _ = fs::remove_file(&beside);
        return written;
    }
    // The name itself reaches the disk with its directory, where a directory can be asked for that.
    if let Some(directory) = path.parent().and_then(|parent| File::open(parent).ok()) {
        let _ = directory.sync_all();
    }
    Ok(())
}

fn write_new(path: &Path, secret: &SecretString) -> io::Result<()> {
    // Of an earlier program with our number, which was killed.
    let _ = fs::remove_file(path);
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", secret.expose_secret())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("earshot-listen-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn file(&self, content: &[u8]) -> PathBuf {
            let path = self.0.join("secret");
            fs::write(&path, content).unwrap();
            path
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn what_is_no_secret_is_named_without_a_word_of_it() {
        let folder = Folder::new("no-secret");
        for (content, says) in [
            (&b""[..], "is empty"),
            (b" \n \n", "is empty"),
            (b"canary\nother", "more than one line"),
            (b"\xff\xfecanary", "holds no text"),
            (&vec![b'c'; 70_000], "too long"),
        ] {
            let path = folder.file(content);
            let error = FileSecret::open(&path).unwrap_err().to_string();
            assert!(error.contains(says) && error.contains("secret"), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
        let error = FileSecret::open(&folder.0.join("missing")).unwrap_err().to_string();
        assert!(error.contains("missing") && error.contains("cannot be read"), "{error}");
    }

    #[tokio::test]
    async fn a_file_that_cannot_be_read_any_more_leaves_the_secret_as_it_was() {
        let folder = Folder::new("as-it-was");
        let path = folder.file(b"first\n");
        let secret = FileSecret::open(&path).unwrap();
        folder.file(b"second");
        assert_eq!(secret.read().await.unwrap().expose_secret(), "second");
        fs::remove_file(&path).unwrap();
        assert_eq!(secret.read().await.unwrap().expose_secret(), "second");
        folder.file(b"third");
        assert_eq!(secret.read().await.unwrap().expose_secret(), "third");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_rotated_token_replaces_the_file_in_one_step_behind_a_link() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = Folder::new("rotated");
        let path = folder.file(b"first");
        let link = folder.0.join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        let store = FileStore(FileSecret::open(&link).unwrap());
        store.save(&"second".into()).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2, "nothing is left beside it");
        assert_eq!(store.load().await.unwrap().unwrap().expose_secret(), "second");
    }
}
