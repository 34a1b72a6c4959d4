//! Troubles of the shell itself, and how a trouble becomes the error of a command.

use earshot_engine::snapshot::Trouble;

use crate::ipc::WireError;

/// A trouble, written out.
pub(crate) fn trouble(code: &str, message: impl Into<String>, cure: Option<&str>, retryable: bool) -> Trouble {
    Trouble { code: code.to_owned(), message: message.into(), cure: cure.map(str::to_owned), retryable }
}

impl From<Trouble> for WireError {
    fn from(trouble: Trouble) -> Self {
        let message = match trouble.cure {
            Some(cure) => format!("{} {cure}", trouble.message),
            None => trouble.message,
        };
        Self { code: trouble.code, message, retryable: trouble.retryable }
    }
}

/// The command makes no sense now: nobody is signed in, or somebody already is.
pub(crate) fn not_now(message: &str) -> WireError {
    WireError { code: "command.not_now".to_owned(), message: message.to_owned(), retryable: false }
}

/// Earshot is ending, and takes no more commands.
pub(crate) fn ending() -> WireError {
    WireError { code: "app.ending".to_owned(), message: "Earshot is closing.".to_owned(), retryable: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_happened_and_what_to_do() {
        let error = WireError::from(trouble("x.y", "It broke.", Some("Mend it."), true));
        assert_eq!((error.code.as_str(), error.message.as_str(), error.retryable), ("x.y", "It broke. Mend it.", true));
    }
}
