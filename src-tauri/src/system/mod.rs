//! Earshot among the other things on this computer: it runs once, and it hears of sleep, of the screen lock and of
//! the network.
//!
//! On Linux logind tells of sleep and of the lock, and NetworkManager, where it runs, of a way to the internet; on every
//! system the addresses of the interfaces are watched. Each of them may be missing, or go and come back: that is said once
//! in the log, and nothing depends on it. Without them, and on Windows and macOS always, a sleep is found by the engine
//! from the jump of the clocks, and a lost network from the silence.

mod addresses;
#[cfg(target_os = "linux")]
mod bus;
mod judge;
#[cfg(target_os = "linux")]
mod logind;
#[cfg(target_os = "linux")]
mod network_manager;
pub(crate) mod second_start;
mod sources;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use async_trait::async_trait;

use crate::owner::{Ask, Owner};
use judge::{Input, Judge, Order};
pub(crate) use sources::Sources;

/// The system waits this long before it sleeps, and no longer: a record is written in milliseconds or not at all. logind
/// would wait five seconds.
const BEFORE_SLEEP: Duration = Duration::from_secs(1);

/// What the system tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// It is about to sleep, and waits for [`SystemSignals::may_sleep`] for a moment.
    GoingToSleep,
    /// It is awake again.
    WokeUp,
    /// The screen is locked.
    Locked,
    /// It is not, or no longer.
    Unlocked,
    /// The person has not touched anything for a while; or has again.
    Idle(bool),
    /// Nothing is known of the lock any more.
    PersonUnknown,
    /// Interfaces or their addresses have changed, or the way to the internet has.
    NetworkChanged {
        /// Whether there is one, where somebody knows.
        online: Option<bool>,
    },
}

/// What the system tells, as a stream.
#[async_trait]
pub(crate) trait SystemSignals: Send {
    /// The next signal; `None` where none will come any more.
    async fn next(&mut self) -> Option<Signal>;

    /// Everybody who had to know of the sleep does.
    fn may_sleep(&mut self);
}

/// Tells the owner what follows from the signals, until Earshot ends.
pub(crate) async fn follow(mut signals: impl SystemSignals, owner: Owner) {
    let mut judge = Judge::default();
    loop {
        let deadline = judge.deadline();
        let input = tokio::select! {
            signal = signals.next() => match signal {
                Some(signal) => Input::Signal(signal),
                None => return,
            },
            () = until(deadline) => Input::Tick,
        };
        // tokio's clock, so that a test can turn it.
        for order in judge.step(input, tokio::time::Instant::now().into_std()) {
            tracing::debug!("the system: {order:?}");
            match order {
                Order::GoingToSleep => {
                    if tokio::time::timeout(BEFORE_SLEEP, owner.ask(Ask::GoingToSleep)).await.is_err() {
                        tracing::warn!("the computer sleeps before that is on record");
                    }
                    signals.may_sleep();
                }
                Order::Woke => {
                    owner.tell(Ask::Woke);
                }
                Order::PersonHere(here) => {
                    owner.tell(Ask::PersonHere(here));
                }
            }
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}
