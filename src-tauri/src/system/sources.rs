//! Where the signals come from on this computer: one task for each source, all of them ended with this.

use std::future::poll_fn;
use std::time::Duration;

use async_trait::async_trait;
use if_watch::tokio::IfWatcher;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::addresses::Addresses;
use super::{Signal, SystemSignals};

/// How long to wait before a source that is missing is looked for again; the last one repeats.
const LOOK_AGAIN: [Duration; 4] =
    [Duration::from_secs(1), Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(60)];

/// Whoever tells signals. An end that nobody listens to any more is about to be ended itself.
pub(super) type Tell = mpsc::UnboundedSender<Signal>;

/// The sources of this computer.
pub(crate) struct Sources {
    signals: mpsc::UnboundedReceiver<Signal>,
    #[cfg(target_os = "linux")]
    delay: super::logind::Delay,
    _tasks: JoinSet<()>,
}

impl Sources {
    /// Listens to all that there are, within a tokio runtime.
    pub(crate) fn listen() -> Self {
        let (tell, signals) = mpsc::unbounded_channel();
        let mut tasks = JoinSet::new();
        #[cfg(target_os = "linux")]
        let delay = super::logind::Delay::default();
        #[cfg(target_os = "linux")]
        tasks.spawn(super::bus::listen(tell.clone(), delay.clone()));
        tasks.spawn(interfaces(tell));
        Self {
            signals,
            #[cfg(target_os = "linux")]
            delay,
            _tasks: tasks,
        }
    }
}

#[async_trait]
impl SystemSignals for Sources {
    async fn next(&mut self) -> Option<Signal> {
        self.signals.recv().await
    }

    fn may_sleep(&mut self) {
        #[cfg(target_os = "linux")]
        self.delay.release();
    }
}

/// Watches the interfaces.
async fn interfaces(tell: Tell) {
    let mut patience = Patience::new("the addresses of this computer");
    loop {
        match IfWatcher::new() {
            Ok(mut watcher) => {
                patience.found();
                let mut addresses = Addresses::default();
                loop {
                    match poll_fn(|context| watcher.poll_if_event(context)).await {
                        Ok(event) if addresses.changed(event) => {
                            let _ = tell.send(Signal::NetworkChanged { online: None });
                        }
                        Ok(_) => {}
                        Err(error) => break patience.missing(&error),
                    }
                }
            }
            Err(error) => patience.missing(&error),
        }
        patience.wait().await;
    }
}

/// Looks for a source less and less often, and says once that it is missing, and once that it is back.
pub(super) struct Patience {
    what: &'static str,
    looked: usize,
    said: bool,
}

impl Patience {
    pub(super) fn new(what: &'static str) -> Self {
        Self { what, looked: 0, said: false }
    }

    /// It is there.
    pub(super) fn found(&mut self) {
        self.looked = 0;
        if std::mem::take(&mut self.said) {
            tracing::info!("{} can be watched again", self.what);
        }
    }

    /// It is not there, or no longer.
    pub(super) fn missing(&mut self, why: &dyn std::fmt::Display) {
        if !std::mem::replace(&mut self.said, true) {
            tracing::info!("{} cannot be watched: {why}", self.what);
        }
    }

    pub(super) async fn wait(&mut self) {
        let wait = LOOK_AGAIN[self.looked.min(LOOK_AGAIN.len() - 1)];
        self.looked += 1;
        tokio::time::sleep(wait).await;
    }
}
