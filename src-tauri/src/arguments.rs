//! The command line of the desktop program.

use clap::Parser;

/// The desktop widget for Genesys Cloud agents that never goes deaf.
#[derive(Debug, Clone, Default, Parser)]
#[command(
    name = "earshot",
    version,
    after_help = "Environment:\n  \
        EARSHOT_LOGIN_URL, EARSHOT_API_URL  addresses to use instead of the region in the settings\n  \
        EARSHOT_CLIENT_ID                   OAuth client id to use instead of the one in the settings\n  \
        EARSHOT_CONFIG                      another file than /etc/earshot/config.toml with an administrator's settings\n  \
        EARSHOT_LOG                         what to log: error, warn, info, debug, trace, or a filter\n  \
        XDG_DATA_HOME                       where settings, journal and logs are kept (in cloud.earshot.desktop)"
)]
pub struct Arguments {
    /// Start in the built-in practice contact centre: no account, no network.
    #[arg(long)]
    pub practice: bool,

    /// Start without a window, in the tray only.
    #[arg(long)]
    pub hidden: bool,

    /// Check all that Earshot needs, on this computer and at Genesys Cloud, and name what is wrong. Exit code 1 if
    /// something fails.
    #[arg(long, conflicts_with_all = ["practice", "hidden"])]
    pub doctor: bool,

    /// With --doctor: open no browser; a sign-in that is stored is used all the same.
    #[arg(long, requires = "doctor")]
    pub no_sign_in: bool,

    /// With --doctor: one JSON object instead of a table.
    #[arg(long, requires = "doctor")]
    pub json: bool,
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use clap::CommandFactory;
    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
        let both = Arguments::try_parse_from(["earshot", "--practice", "--hidden"]).expect("both switches");
        assert!(both.practice && both.hidden);
    }

    #[test]
    fn what_is_unknown_is_refused() {
        let error = Arguments::try_parse_from(["earshot", "--loud"]).expect_err("no such switch");
        assert_eq!(error.kind(), ErrorKind::UnknownArgument);
        assert_eq!(error.exit_code(), 2);
    }
}
