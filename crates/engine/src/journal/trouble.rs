//! What is said when the record cannot be kept.

use rusqlite::ErrorCode;

use super::JournalError;
use super::store::Unusable;
use crate::snapshot::Trouble;

/// Why nothing is written, and what helps.
pub(super) fn of(error: &Unusable) -> Trouble {
    match error {
        Unusable::Refused(error) => refused(error),
        Unusable::Corrupt(_) => failed("it is damaged"),
        Unusable::Failed(error) => match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => again(
                "journal.full",
                "The disk is full: what Earshot hears is not being put on record.",
                "Make space on the disk; Earshot then goes on by itself.",
            ),
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => again(
                "journal.denied",
                "Earshot may not write its record of what it hears.",
                "Let Earshot write to its folder; it then goes on by itself.",
            ),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => again(
                "journal.busy",
                "Another program keeps Earshot's record locked.",
                "Close what has the record open; Earshot then goes on by itself.",
            ),
            Some(ErrorCode::SystemIoFailure) => failed("the disk fails"),
            _ => failed("something unexpected went wrong"),
        },
    }
}

/// A journal that could not be opened at all.
pub(super) fn refused(error: &JournalError) -> Trouble {
    match error {
        JournalError::Held { .. } => Trouble::needs_a_person(
            "journal.held",
            "Another copy of Earshot is keeping the record.",
            "Close the other copy and start Earshot again.",
        ),
        JournalError::Newer { .. } => Trouble::needs_a_person(
            "journal.newer",
            "The record was begun by a newer version of Earshot.",
            "Install the newer version, or move the record away.",
        ),
        JournalError::NotAJournal { .. } => Trouble::needs_a_person(
            "journal.foreign",
            "The file for the record belongs to another program.",
            "Choose another file for the record.",
        ),
        JournalError::Io { .. } => again(
            "journal.denied",
            "Earshot cannot write its record of what it hears.",
            "Let Earshot write to its folder.",
        ),
        JournalError::Failed { .. } => failed("it could not be opened"),
    }
}

/// A damaged record was moved aside.
pub(super) fn replaced(name: &str) -> Trouble {
    let message =
        format!("The record of what Earshot hears was damaged. It is now called {name}, and a new one is begun.");
    again("journal.replaced", message, "Tell your help desk if this happens again.")
}

fn failed(why: &str) -> Trouble {
    let message = format!("What Earshot hears is not being put on record: {why}.");
    again("journal.failed", message, "If it stays, send this line to your help desk.")
}

fn again(code: &str, message: impl Into<String>, cure: &str) -> Trouble {
    Trouble { retryable: true, ..Trouble::needs_a_person(code, message, cure) }
}
