//! What a second start asks of the Earshot that runs already: people start it again because they cannot find it.
//!
//! tauri-plugin-single-instance finds the first one (on Linux by a name on the session bus), hands over the command line
//! and ends the second start with exit code 0. Without a bus it says so in the log, and Earshot starts as if it were alone.

use clap::Parser;

use crate::arguments::Arguments;
use crate::ipc::Stage;

/// What is to be done for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// Begin to practise.
    pub(crate) practice: bool,
    /// Bring the main window to the front, wherever it is.
    pub(crate) show: bool,
}

/// What this command line asks of the Earshot that is in this stage.
pub(crate) fn wanted(command_line: &[String], stage: &Stage) -> Wanted {
    // Another version may have sent words that this one does not know. Somebody wants to see Earshot all the same.
    let arguments = Arguments::try_parse_from(command_line).unwrap_or_default();
    // Practice takes the place of nothing: neither of a session nor of a browser in which somebody is signing in.
    let practice = arguments.practice && matches!(stage, Stage::SignedOut { .. });
    Wanted { practice, show: !arguments.hidden }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_start_shows_what_runs_and_takes_nothing_from_it() {
        let (signed_out, desk) = (Stage::SignedOut { trouble: None, farewell: None }, Stage::Desk);
        let signing_in = Stage::SigningIn { until: 0 };
        let rows: &[(&[&str], &Stage, bool, bool)] = &[
            (&[], &signed_out, false, true),
            (&[], &desk, false, true),
            (&["--practice"], &signed_out, true, true),
            (&["--practice"], &signing_in, false, true),
            (&["--practice"], &desk, false, true),
            (&["--hidden"], &signed_out, false, false),
            (&["--hidden"], &desk, false, false),
            (&["--hidden", "--practice"], &signed_out, true, false),
            (&["--from-the-future"], &desk, false, true),
        ];
        for (line, stage, practice, show) in rows {
            let line: Vec<String> = ["earshot"].iter().chain(*line).map(|word| (*word).to_owned()).collect();
            assert_eq!(wanted(&line, stage), Wanted { practice: *practice, show: *show }, "{line:?} in {stage:?}");
        }
        assert_eq!(wanted(&[], &desk), Wanted { practice: false, show: true }, "no words at all");
    }
}
