//! A panic in the log: where it happened, in which thread, and what it says, as long as that is fixed in the program. Words
//! put together at run time are left out: they may hold what nobody may read.

use std::any::Any;
use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};

const LEFT_OUT: &str = "(words left out: they may hold data)";

/// Logs panics from now on, instead of printing them whole.
pub(super) fn log() {
    panic::set_hook(Box::new(write));
}

fn write(info: &PanicHookInfo<'_>) {
    let place = info.location().map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let thread = std::thread::current();
    let thread = thread.name().unwrap_or("without a name");
    // Only where RUST_BACKTRACE asks for it; it names functions, and no values.
    let trace = Backtrace::capture();
    let trace = if trace.status() == BacktraceStatus::Captured { format!("\n{trace}") } else { String::new() };
    tracing::error!(%place, thread, "a fault in Earshot (panic): {}{trace}", words(info.payload()));
}

/// What may be logged of it: text that is fixed in the program, and no other.
fn words(payload: &(dyn Any + Send)) -> &'static str {
    payload.downcast_ref::<&'static str>().copied().unwrap_or(LEFT_OUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_put_together_at_run_time_are_left_out() {
        let fixed = panic::catch_unwind(|| panic!("a fixed text"));
        assert_eq!(fixed.map_err(|payload| words(&*payload)), Err("a fixed text"));
        let caller = "canary";
        let made = panic::catch_unwind(move || panic!("no card for {caller}"));
        assert_eq!(made.map_err(|payload| words(&*payload)), Err(LEFT_OUT));
    }
}
