//! What goes into the session and what comes out of it.

use std::time::Duration;

use earshot_genesys::error::ApiError;

use crate::snapshot::{Millis, Trouble};
use crate::verdict::TokenCheck;

/// How a token can be renewed without a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renewal {
    /// Not at all: PKCE, for which Genesys issues no refresh token.
    None,
    /// With a refresh token.
    RefreshToken,
    /// With the client's own secret.
    ClientCredentials,
    /// By somebody else, who leaves new tokens where they can be read.
    AccessToken,
}

/// What the session is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A sign-in brought a token.
    SignedIn {
        /// How it can be renewed.
        renewal: Renewal,
        /// How many client secrets there are to try.
        secrets: usize,
        /// `expires_in`.
        lifetime: Duration,
    },
    /// There is a sign-in whose token has yet to be fetched, and no person to ask: what it is made from is read again
    /// and again.
    Resume {
        /// How a token can be had.
        renewal: Renewal,
        /// How many client secrets there are to try.
        secrets: usize,
    },
    /// The person signed out.
    SignedOut,
    /// Somebody was refused with this generation of the token.
    Suspect {
        /// Which token.
        generation: u64,
    },
    /// A call with this generation was answered with success.
    Accepted {
        /// Which token.
        generation: u64,
    },
    /// Genesys told that the tokens of this user were revoked.
    Revoked {
        /// Which token was in use.
        generation: u64,
    },
    /// The check has an answer.
    Checked {
        /// Which token was checked.
        generation: u64,
        /// What it came to.
        check: TokenCheck,
        /// How long the server asks to wait before the next check.
        retry_after: Option<Duration>,
    },
    /// The renewal brought a new token, stored before this was said.
    Renewed {
        /// Which renewal.
        attempt: u64,
        /// `expires_in`.
        lifetime: Duration,
    },
    /// The renewal failed.
    RenewFailed {
        /// Which renewal.
        attempt: u64,
        /// How.
        error: ApiError,
    },
    /// The stored credential, or the token that somebody else renews, was read again.
    Reread {
        /// Which renewal asked for it.
        attempt: u64,
        /// It is another one than that which is known.
        changed: bool,
    },
    /// Whether the token is to be kept alive though nobody uses it.
    KeepAlive(bool),
    /// [`Output::AskIdle`] was answered.
    IdleTimeout {
        /// For which token.
        generation: u64,
        /// After how long Genesys ends an unused token; `None` where it does not, or does not say.
        timeout: Option<Duration>,
    },
    /// [`Output::Touch`] was answered.
    Touched {
        /// With which token.
        generation: u64,
        /// What it says about the token.
        check: TokenCheck,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// Try now what is waiting (a click, a wake-up, a network change).
    Retry,
    /// Look at the clock.
    Tick,
}

/// What the session wants done or told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Ask Genesys whether this token is good.
    Check {
        /// Which token.
        generation: u64,
    },
    /// Renew, with the secret of this index; or read the token that somebody else renews.
    Renew {
        /// Names the renewal.
        attempt: u64,
        /// Which client secret.
        secret: usize,
    },
    /// Read the stored credential again.
    RereadCredential {
        /// Names the renewal.
        attempt: u64,
    },
    /// Ask after how long Genesys ends an unused token.
    AskIdle {
        /// With this token.
        generation: u64,
    },
    /// Use this token for anything, so that it is not ended as unused.
    Touch {
        /// Which token.
        generation: u64,
    },
    /// This token may be used.
    Usable {
        /// Which token.
        generation: u64,
        /// Genesys has just said that it is good.
        proved: bool,
        /// Fresh from sign-in and never yet accepted.
        fresh: bool,
    },
    /// Genesys, or the clock, said that this token is over.
    Dead {
        /// Which token.
        generation: u64,
        /// When it was last used with success, by the wall clock.
        used_at: Millis,
    },
    /// There is no usable token yet, and the session is working on it.
    Waiting {
        /// What stands in the way.
        trouble: Trouble,
        /// When it tries again, on the monotonic clock.
        until: Option<Duration>,
    },
    /// There is no usable token, and only a person can bring one.
    SignInNeeded(Trouble),
    /// The token will end and cannot be renewed by itself: ask for a sign-in well before. `None` takes it back.
    Expiring(Option<Trouble>),
}
