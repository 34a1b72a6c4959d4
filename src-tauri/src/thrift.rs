//! What keeps the waiting pop-up small on Linux. WebKit and the C library's memory take these wishes from the environment
//! alone, when a process begins, and the pages' processes inherit it. So Earshot begins once more in the same process,
//! before it has done anything. Measured by `make bench-desktop`.

use std::ffi::OsStr;

/// What each is for. One that a person has set stays as they have set it.
const WISHES: [(&str, &str); 6] = [
    // Text and buttons need no graphics card, nor buffers shared with one. (`WEBKIT_WEB_RENDER_DEVICE_FILE` would spare this
    // process the card's driver, too; but then no page hears of the desktop's dark theme and of its scale.)
    ("WEBKIT_DISABLE_COMPOSITING_MODE", "1"),
    ("WEBKIT_DISABLE_DMABUF_RENDERER", "1"),
    // The pages' scripts run for milliseconds: compiling them costs more than it brings, and code that no page can make is
    // code that no page can misuse.
    ("JSC_useJIT", "0"),
    // Two dozen threads that seldom allocate share one heap, and what is free goes back to the system.
    ("MALLOC_ARENA_MAX", "1"),
    ("MALLOC_TRIM_THRESHOLD_", "65536"),
    ("MALLOC_MMAP_THRESHOLD_", "65536"),
];

/// Those that this environment lacks.
fn missing(has: impl Fn(&str) -> bool) -> Vec<(&'static str, &'static str)> {
    WISHES.into_iter().filter(|(name, _)| !has(name)).collect()
}

/// Whether a variable is one of these, and nothing for other programs.
pub(crate) fn is_wish(name: &str, value: &OsStr) -> bool {
    WISHES.iter().any(|(wish, wanted)| *wish == name && value == *wanted)
}

/// Begins the process once more where its environment lacks anything. Returns where that is not needed, or not possible.
#[cfg(target_os = "linux")]
pub(crate) fn begin() {
    use std::os::unix::process::CommandExt;
    use std::process::Command;

    let missing = missing(|name| std::env::var_os(name).is_some());
    let Ok(program) = std::env::current_exe() else { return };
    if missing.is_empty() {
        return;
    }
    let mut arguments = std::env::args_os();
    let mut again = Command::new(program);
    if let Some(name) = arguments.next() {
        again.arg0(name);
    }
    // What comes back is an error: Earshot goes on as it is, and takes more memory.
    let _ = again.args(arguments).envs(missing).exec();
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn begin() {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_left_as_it_is_and_then_nothing_is_missing() {
        assert_eq!(missing(|_| false).len(), WISHES.len());
        assert!(!missing(|name| name == "JSC_useJIT").iter().any(|(name, _)| *name == "JSC_useJIT"));
        assert!(missing(|_| true).is_empty(), "it would begin again and again");
    }

    #[test]
    fn a_wish_of_a_persons_own_is_theirs() {
        assert!(is_wish("MALLOC_ARENA_MAX", OsStr::new("1")));
        assert!(!is_wish("MALLOC_ARENA_MAX", OsStr::new("4")));
        assert!(!is_wish("PATH", OsStr::new("1")));
    }
}
