//! Guarantee 9: what may not be printed, and a log that is looked through for it.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::Level;
use tracing_subscriber::fmt::MakeWriter;

use crate::witness::Broken;

/// Who calls, and the id of a channel: whoever knows that hears all that the channel hears.
const CANARIES: [&str; 2] = ["Ana Pereira", "canary-channel"];

/// Nothing of what is confidential stands in what was printed.
pub fn keeps(place: &str, text: &str) -> Broken {
    match CANARIES.iter().find(|canary| text.contains(**canary)) {
        Some(canary) => Err(format!("9: {canary} in {place}: {text}")),
        None => Ok(()),
    }
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Everything that is logged meanwhile, at the most talkative setting.
pub fn logged(run: impl FnOnce()) -> String {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(Level::TRACE).with_writer(log.clone()).finish();
    tracing::subscriber::with_default(subscriber, run);
    String::from_utf8_lossy(&log.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}
