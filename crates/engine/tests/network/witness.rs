//! What one agent was told, and when: every event of the engine with its time, and the states of the indicator.

use std::sync::Arc;
use std::time::Duration;

use earshot_engine::Engine;
use earshot_engine::event::{Event, GapRecord, Source};
use earshot_engine::snapshot::{LinkState, MissedView, Snapshot};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::watch;

/// One agent's witness.
pub(crate) struct Witness {
    events: Receiver<Event>,
    snapshots: watch::Receiver<Arc<Snapshot>>,
    told: Vec<(Duration, Event)>,
}

impl Witness {
    pub(crate) fn new(engine: &Engine) -> Self {
        Self { events: engine.events(), snapshots: engine.snapshots(), told: Vec::new() }
    }

    /// Takes in what was told since the last look.
    pub(crate) fn look(&mut self, now: Duration) {
        loop {
            match self.events.try_recv() {
                Ok(event) => self.told.push((now, event)),
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
                Err(TryRecvError::Lagged(count)) => panic!("{count} events were told between two looks"),
            }
        }
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.snapshots.borrow())
    }

    pub(crate) fn caught_up(&self) -> bool {
        let snapshot = self.snapshots.borrow();
        snapshot.link.state == LinkState::Connected && snapshot.link.caught_up
    }

    pub(crate) fn state(&self) -> LinkState {
        self.snapshots.borrow().link.state
    }

    /// Everything told, with its time.
    pub(crate) fn told(&self) -> &[(Duration, Event)] {
        &self.told
    }

    /// Every ring: when, of which leg, and who told.
    pub(crate) fn rings(&self) -> impl Iterator<Item = (Duration, &str, Source)> {
        self.told.iter().filter_map(|(at, event)| match event {
            Event::OfferStarted { offer, source } => Some((*at, offer.leg.as_str(), *source)),
            _ => None,
        })
    }

    /// Every end of an offer.
    pub(crate) fn ends(&self) -> impl Iterator<Item = (Duration, &str)> {
        self.told.iter().filter_map(|(at, event)| match event {
            Event::OfferEnded { leg, .. } => Some((*at, leg.as_str())),
            _ => None,
        })
    }

    /// Every line of the missed list.
    pub(crate) fn missed(&self) -> impl Iterator<Item = &MissedView> {
        self.told.iter().filter_map(|(_, event)| match event {
            Event::Missed(line) => Some(line),
            _ => None,
        })
    }

    /// Every gap on record, with when it was told.
    pub(crate) fn gaps(&self) -> impl Iterator<Item = (Duration, &GapRecord)> {
        self.told.iter().filter_map(|(at, event)| match event {
            Event::GapClosed(record) => Some((*at, record)),
            _ => None,
        })
    }

    /// Every change of the indicator.
    pub(crate) fn links(&self) -> impl Iterator<Item = (Duration, LinkState, bool)> {
        self.told.iter().filter_map(|(at, event)| match event {
            Event::Link(link) => Some((*at, link.state, link.caught_up)),
            _ => None,
        })
    }
}
