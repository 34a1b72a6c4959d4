//! Autostart on Linux desktops: <https://specifications.freedesktop.org/autostart-spec/latest/>.

use std::ffi::OsString;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use earshot_engine::snapshot::Trouble;

use super::{ARGUMENT, Autostart, not_written};

/// A package's entry for everybody has the same name, so that the person's own stands above it.
const FILE: &str = "earshot.desktop";
const FOLDER: &str = "autostart";

/// The entries of this person and of this computer.
#[derive(Debug)]
pub(crate) struct Xdg {
    /// The person's own; none without a home.
    own: Option<PathBuf>,
    /// Those for everybody, the most important first.
    common: Vec<PathBuf>,
    program: PathBuf,
}

impl Xdg {
    /// As the environment says.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<OsString>, program: PathBuf) -> Self {
        // What is not absolute is to be ignored, says the specification.
        let folder = |name| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let own = folder("XDG_CONFIG_HOME").or_else(|| folder("HOME").map(|home| home.join(".config")));
        let common = variable("XDG_CONFIG_DIRS").filter(|list| !list.is_empty());
        let common = common.unwrap_or_else(|| "/etc/xdg".into());
        let entry = |folder: PathBuf| folder.join(FOLDER).join(FILE);
        Self {
            own: own.map(entry),
            common: std::env::split_paths(&common).filter(|path| path.is_absolute()).map(entry).collect(),
            // An AppImage is mounted elsewhere at each start; this is the file that a person started.
            program: folder("APPIMAGE").unwrap_or(program),
        }
    }

    /// Whether the entry for everybody starts Earshot.
    fn is_on_for_all(&self) -> bool {
        self.common.iter().find_map(|path| fs::read_to_string(path).ok()).is_some_and(|entry| starts(&entry))
    }
}

impl Autostart for Xdg {
    fn is_on(&self) -> bool {
        match self.own.as_ref().map(fs::read_to_string) {
            Some(Ok(entry)) => starts(&entry),
            // An entry that cannot be read: the desktop cannot read it either.
            Some(Err(error)) if error.kind() != ErrorKind::NotFound => false,
            _ => self.is_on_for_all(),
        }
    }

    fn set(&self, on: bool) -> Result<(), Trouble> {
        let Some(path) = &self.own else {
            return Err(not_written("you have no home folder", "the folder that HOME names"));
        };
        let done = if on || self.is_on_for_all() {
            write(path, &entry(&self.program, on))
        } else {
            fs::remove_file(path).or_else(|error| if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) })
        };
        done.map_err(|error| {
            tracing::warn!(%error, "the autostart entry was not changed");
            not_written(&error.kind().to_string(), &path.display().to_string())
        })
    }
}

/// Never half of it: a desktop may read it at any time.
fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let new = path.with_extension("desktop.new");
    fs::write(&new, text)?;
    fs::rename(&new, path)
}

/// Whether a desktop starts the program of this entry. `Hidden=true` means: as if there were no entry at all. The second
/// key is not in the specification; GNOME's and XFCE's own settings write it.
fn starts(entry: &str) -> bool {
    let says = |name: &str, value: &str| {
        let of_entry = entry.lines().skip_while(|line| line.trim() != "[Desktop Entry]").skip(1);
        let mut keys = of_entry.take_while(|line| !line.trim_start().starts_with('['));
        keys.any(|line| line.split_once('=').is_some_and(|(key, said)| key.trim() == name && said.trim() == value))
    };
    !says("Hidden", "true") && !says("X-GNOME-Autostart-enabled", "false")
}

fn entry(program: &Path, on: bool) -> String {
    let program = exec_word(&program.to_string_lossy());
    format!(
        "[Desktop Entry]\nType=Application\nVersion=1.5\nName=Earshot\nComment=Hears every conversation offered to you\n\
         Exec={program} {ARGUMENT}\nIcon=earshot\nTerminal=false\nStartupNotify=false\nHidden={}\n",
        !on
    )
}

/// One word of an `Exec` line, quoted as the desktop entry specification wants it: first for the line, then as a string.
fn exec_word(word: &str) -> String {
    let mut quoted = String::from("\"");
    for character in word.chars() {
        match character {
            '"' | '`' | '$' => quoted.extend(['\\', '\\', character]),
            '\\' => quoted.push_str(r"\\\\"),
            '%' => quoted.push_str("%%"),
            '\n' => quoted.push_str("\\n"),
            _ => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use tempfile::TempDir;

    use super::*;

    struct Desktop {
        folder: TempDir,
        xdg: Xdg,
    }

    impl Desktop {
        fn new() -> Self {
            let folder = TempDir::new().expect("a folder");
            let place = |name: &str| Some(folder.path().join(name).into_os_string());
            let xdg = Xdg::read(
                |name| match name {
                    "XDG_CONFIG_HOME" => place("own"),
                    "XDG_CONFIG_DIRS" => {
                        std::env::join_paths([place("first"), place("second")].into_iter().flatten()).ok()
                    }
                    _ => None,
                },
                "/opt/earshot/earshot".into(),
            );
            Self { folder, xdg }
        }

        fn path(&self, of: &str) -> PathBuf {
            self.folder.path().join(of).join("autostart/earshot.desktop")
        }

        fn put(&self, of: &str, text: &str) {
            write(&self.path(of), text).expect("written");
        }
    }

    #[test]
    fn it_is_off_until_somebody_says_otherwise_and_leaves_nothing_behind() {
        let desktop = Desktop::new();
        assert!(!desktop.xdg.is_on());
        desktop.xdg.set(true).expect("on");
        assert!(desktop.xdg.is_on());
        let written = fs::read_to_string(desktop.path("own")).expect("an entry");
        assert!(written.contains("\nExec=\"/opt/earshot/earshot\" --hidden\n"), "{written}");
        desktop.xdg.set(false).expect("off");
        assert!(!desktop.xdg.is_on());
        let left: Vec<_> = fs::read_dir(desktop.folder.path().join("own/autostart")).expect("the folder").collect();
        assert!(left.is_empty(), "{left:?}");
        desktop.xdg.set(false).expect("off twice is off");
    }

    #[test]
    fn a_person_stands_above_the_package() {
        let desktop = Desktop::new();
        desktop.put("second", "[Desktop Entry]\nExec=earshot --hidden\n");
        assert!(desktop.xdg.is_on(), "the package starts it");
        desktop.xdg.set(false).expect("off");
        assert!(!desktop.xdg.is_on(), "off although the package says on");
        assert!(fs::read_to_string(desktop.path("own")).expect("an entry").contains("\nHidden=true\n"));
        desktop.xdg.set(true).expect("on again");
        assert!(desktop.xdg.is_on());
        desktop.put("first", "[Desktop Entry]\nHidden=true\n");
        desktop.xdg.set(false).expect("off");
        assert!(!desktop.path("own").exists(), "nobody else starts it: there is nothing to stand above");
    }

    #[test]
    fn an_entry_is_read_as_a_desktop_reads_it() {
        let rows = [
            ("[Desktop Entry]\nExec=earshot\n", true),
            ("[Desktop Entry]\nHidden=false\n", true),
            ("[Desktop Entry]\nHidden = true\n", false),
            ("[Desktop Entry]\nX-GNOME-Autostart-enabled=false\n", false),
            ("[Desktop Entry]\nExec=earshot\n[Desktop Action x]\nHidden=true\n", true),
            ("#Hidden=true\n[Desktop Entry]\n#Hidden=true\n", true),
        ];
        for (text, on) in rows {
            assert_eq!(starts(text), on, "{text:?}");
        }
    }

    #[test]
    fn a_path_is_quoted_for_the_exec_line() {
        let rows = [
            ("/usr/bin/earshot", r#""/usr/bin/earshot""#),
            ("/home/ana maria/earshot", r#""/home/ana maria/earshot""#),
            (r"/a$b`c\d", r#""/a\\$b\\`c\\\\d""#),
            ("/100%/earshot", r#""/100%%/earshot""#),
        ];
        for (path, word) in rows {
            assert_eq!(exec_word(path), word);
        }
    }

    #[test]
    fn an_appimage_is_started_and_not_what_is_mounted_of_it() {
        let variable = |name: &str| match name {
            "APPIMAGE" => Some("/home/ana/Earshot.AppImage".into()),
            "HOME" => Some("/home/ana".into()),
            "XDG_CONFIG_HOME" => Some("not/absolute".into()),
            _ => None,
        };
        let xdg = Xdg::read(variable, "/tmp/.mount_x/earshot".into());
        assert_eq!(xdg.program, Path::new("/home/ana/Earshot.AppImage"));
        assert_eq!(xdg.own.as_deref(), Some(Path::new("/home/ana/.config/autostart/earshot.desktop")));
        assert_eq!(xdg.common, [Path::new("/etc/xdg/autostart/earshot.desktop")]);
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let desktop = Desktop::new();
        fs::write(desktop.folder.path().join("own"), "in the way").expect("a file");
        let trouble = desktop.xdg.set(true).expect_err("no folder can be made");
        assert_eq!(trouble.code, "autostart.unwritten");
        assert!(!desktop.xdg.is_on());
        let homeless = Xdg::read(|_| None, "/usr/bin/earshot".into());
        assert_eq!(homeless.set(true).expect_err("no home").code, "autostart.unwritten");
    }
}
