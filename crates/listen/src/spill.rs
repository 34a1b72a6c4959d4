//! Lines that a slow reader has not read yet, on disk: some files in a row, each deleted once it is read.

use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// A new file is begun after this many bytes, so that what is read does not stay on disk for long.
const FILE_SIZE: u64 = 16 * 1024 * 1024;
const PREFIX: &str = "earshot-listen-";
const SUFFIX: &str = ".spill";

/// The lines on disk.
#[derive(Debug)]
pub struct Spill {
    directory: PathBuf,
    files: VecDeque<Part>,
    named: u64,
    unread: u64,
}

#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: File,
    written: u64,
    read: u64,
}

impl Drop for Part {
    fn drop(&mut self) {
        // If it cannot be removed now, the next start removes it.
        let _ = fs::remove_file(&self.path);
    }
}

impl Spill {
    /// Lines will wait in this directory. Removes what a killed program left there.
    pub fn new(directory: PathBuf) -> Self {
        remove_left(&directory);
        Self { directory, files: VecDeque::new(), named: 0, unread: 0 }
    }

    /// Bytes that wait.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    /// Adds bytes at the end: all of them, or none.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.files.back().is_none_or(|part| part.written >= FILE_SIZE) {
            let part = self.begin()?;
            self.files.push_back(part);
        }
        let Some(part) = self.files.back_mut() else { return Ok(()) };
        let written = part.file.seek(SeekFrom::Start(part.written)).and_then(|_| part.file.write_all(bytes));
        if let Err(error) = written {
            // Half a line must not stay there.
            part.file.set_len(part.written)?;
            return Err(error);
        }
        part.written += bytes.len() as u64;
        self.unread += bytes.len() as u64;
        Ok(())
    }

    /// Takes bytes from the beginning; 0 when there are none.
    pub fn take(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let Some(part) = self.files.front_mut() else { return Ok(0) };
        let left = usize::try_from(part.written - part.read).unwrap_or(usize::MAX).min(into.len());
        part.file.seek(SeekFrom::Start(part.read))?;
        part.file.read_exact(&mut into[..left])?;
        part.read += left as u64;
        self.unread -= left as u64;
        if part.read == part.written {
            self.files.pop_front();
        }
        Ok(left)
    }

    /// Forgets everything that waits.
    pub fn discard(&mut self) {
        self.files.clear();
        self.unread = 0;
    }

    fn begin(&mut self) -> io::Result<Part> {
        self.named += 1;
        let path = self.directory.join(format!("{PREFIX}{}-{}{SUFFIX}", std::process::id(), self.named));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        // Whoever starts later sees by the lock that it is in use.
        file.try_lock().map_err(io::Error::from)?;
        Ok(Part { path, file, written: 0, read: 0 })
    }
}

/// Removes files that nobody has locked: of a program that was killed.
fn remove_left(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(PREFIX)
            && name.ends_with(SUFFIX)
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("earshot-spill-{}-{name}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        path
    }

    fn files(directory: &Path) -> usize {
        fs::read_dir(directory).unwrap().count()
    }

    #[test]
    fn what_goes_in_comes_out_in_order_and_nothing_stays() {
        let directory = directory("order");
        let mut spill = Spill::new(directory.clone());
        let line = vec![b'x'; 1024 * 1024];
        let mut buffer = vec![0; 300_000];
        let (mut put, mut got) = (0_u64, 0_u64);
        for number in 0..60_u8 {
            let mut line = line.clone();
            line[0] = number;
            spill.append(&line).unwrap();
            put += line.len() as u64;
            got += spill.take(&mut buffer).unwrap() as u64;
            assert_eq!(spill.unread(), put - got);
        }
        assert!(files(&directory) >= 2, "several files");
        loop {
            let count = spill.take(&mut buffer).unwrap();
            if count == 0 {
                break;
            }
            got += count as u64;
        }
        assert_eq!((got, spill.unread(), files(&directory)), (put, 0, 0));
        fs::remove_dir(&directory).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone_and_what_a_killed_program_left_is_removed() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = directory("owner");
        let mut spill = Spill::new(directory.clone());
        spill.append(b"customer\n").unwrap();
        let path = spill.files[0].path.clone();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::write(directory.join("earshot-listen-1-1.spill"), "left").unwrap();
        fs::write(directory.join("other.spill"), "somebody's").unwrap();
        drop(Spill::new(directory.clone()));
        assert!(path.exists(), "what is in use stays");
        assert_eq!(files(&directory), 2);
        drop(spill);
        assert_eq!(files(&directory), 1);
        fs::remove_dir_all(&directory).unwrap();
    }
}
