//! What is said after signing out: what was done, or what could not be and what to do about it.

use std::time::Duration;

use earshot_engine::sign_in::{Revocation, SignedOut};
use earshot_engine::snapshot::{Notice, Severity};
use earshot_engine::world::StoreError;

use crate::trouble::trouble;

/// The words for what came of signing out.
pub(crate) fn farewell(signed_out: &SignedOut) -> Notice {
    let revoked = match &signed_out.revoked {
        Revocation::Revoked => None,
        Revocation::NothingToRevoke => Some("There was no token to revoke.".to_owned()),
        Revocation::Failed { ends_within: Some(left) } => Some(format!(
            "Genesys Cloud could not be told to end your token. It ends by itself within {}.",
            span(*left)
        )),
        Revocation::Failed { ends_within: None } => {
            Some("Genesys Cloud could not be told to end your token. It ends by itself.".to_owned())
        }
    };
    let removed = match &signed_out.cleared {
        Ok(()) => "Nothing is left on this computer.",
        Err(StoreError::Slow) => {
            "Your key store has not answered yet. Earshot removes your sign-in from it as soon as it does."
        }
        Err(StoreError::Locked) => "Your key store is locked, so your sign-in is still in it.",
        Err(StoreError::Absent) => "Nothing was stored on this computer.",
        Err(_) => "Your key store failed, so your sign-in may still be in it.",
    };
    let kept = matches!(signed_out.cleared, Err(ref error) if *error != StoreError::Absent);
    let failed = matches!(signed_out.revoked, Revocation::Failed { .. });
    let message = match revoked {
        None if !kept => "Signed out. Your token was revoked and nothing is left on this computer.".to_owned(),
        None => format!("Signed out. Your token was revoked. {removed}"),
        Some(revoked) => format!("Signed out. {revoked} {removed}"),
    };
    let cure =
        kept.then_some("Open your key store (Passwords and Keys, or KWallet) and remove the entry called Earshot.");
    let severity = if kept || failed { Severity::Warning } else { Severity::Info };
    let code = match (kept, failed) {
        (true, _) => "signed_out.kept",
        (false, true) => "signed_out.not_revoked",
        (false, false) => "signed_out.done",
    };
    Notice { severity, trouble: trouble(code, message, cure, false) }
}

/// A time that is left, never too short.
fn span(left: Duration) -> String {
    let minutes = left.as_secs().div_ceil(60).max(1);
    match minutes {
        1 => "a minute".to_owned(),
        2..90 => format!("{minutes} minutes"),
        90..2880 => format!("{} hours", minutes.div_ceil(60)),
        _ => format!("{} days", minutes.div_ceil(1440)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(revoked: Revocation, cleared: Result<(), StoreError>) -> Notice {
        farewell(&SignedOut { revoked, cleared })
    }

    #[test]
    fn a_clean_end_is_said_quietly() {
        let notice = said(Revocation::Revoked, Ok(()));
        assert_eq!(notice.severity, Severity::Info);
        assert_eq!(notice.trouble.message, "Signed out. Your token was revoked and nothing is left on this computer.");
        assert_eq!(notice.trouble.cure, None);
    }

    #[test]
    fn what_could_not_be_done_is_said_with_what_helps() {
        let lives = Revocation::Failed { ends_within: Some(Duration::from_secs(3 * 3600 - 20)) };
        let notice = said(lives, Ok(()));
        assert_eq!((notice.severity, notice.trouble.code.as_str()), (Severity::Warning, "signed_out.not_revoked"));
        assert!(notice.trouble.message.contains("within 3 hours. Nothing is left"), "{}", notice.trouble.message);
        assert_eq!(notice.trouble.cure, None, "there is nothing to do but to wait");

        for error in [StoreError::Locked, StoreError::Slow, StoreError::Failed("x".to_owned()), StoreError::Ambiguous] {
            let notice = said(Revocation::Revoked, Err(error));
            assert_eq!((notice.severity, notice.trouble.code.as_str()), (Severity::Warning, "signed_out.kept"));
            assert!(notice.trouble.message.contains("Your token was revoked."));
            assert!(notice.trouble.cure.is_some());
        }
        let both = said(Revocation::Failed { ends_within: None }, Err(StoreError::Locked));
        assert!(both.trouble.message.contains("It ends by itself.") && both.trouble.message.contains("still in it"));
    }

    #[test]
    fn without_a_key_store_nothing_can_have_stayed() {
        let notice = said(Revocation::Revoked, Err(StoreError::Absent));
        assert_eq!((notice.severity, notice.trouble.code.as_str()), (Severity::Info, "signed_out.done"));
    }

    #[test]
    fn time_is_rounded_up() {
        let table = [(0, "a minute"), (61, "2 minutes"), (5400, "2 hours"), (86_400, "24 hours"), (200_000, "3 days")];
        for (seconds, words) in table {
            assert_eq!(span(Duration::from_secs(seconds)), words);
        }
    }
}
