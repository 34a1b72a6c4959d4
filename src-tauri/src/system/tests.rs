//! From what the system tells to what a session hears, with a system that tells what the test wants.
#![allow(clippy::expect_used)]

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::{Signal, SystemSignals, follow};
use crate::owner::tests::{World, on_the_desk, until};

struct Told {
    signals: mpsc::UnboundedReceiver<Signal>,
    world: Arc<World>,
}

#[async_trait]
impl SystemSignals for Told {
    async fn next(&mut self) -> Option<Signal> {
        self.signals.recv().await
    }

    fn may_sleep(&mut self) {
        self.world.note("it sleeps");
    }
}

#[tokio::test(start_paused = true)]
async fn the_computer_sleeps_after_that_is_on_record_and_wakes_the_link() {
    let (owner, world) = on_the_desk().await;
    let (tell, signals) = mpsc::unbounded_channel();
    let following = tokio::spawn(follow(Told { signals, world: Arc::clone(&world) }, owner));
    let before = world.log().len();
    let logged = |count: usize| {
        let world = Arc::clone(&world);
        until(move || (world.log().len() >= count).then(|| world.log()))
    };
    for signal in [Signal::Unlocked, Signal::GoingToSleep, Signal::WokeUp, Signal::Locked] {
        tell.send(signal).expect("somebody listens");
    }
    let log = logged(before + 5).await;
    assert_eq!(log[before..], ["somebody is here", "sleep is on record", "it sleeps", "woke", "nobody is here"]);
    // The network comes up while the wake-up is still fresh: once more, when the dust has settled.
    for _ in 0..30 {
        tell.send(Signal::NetworkChanged { online: None }).expect("somebody listens");
    }
    assert_eq!(logged(before + 6).await[before + 5..], ["woke"]);
    drop(tell);
    following.await.expect("it ends with the signals");
    assert_eq!(world.log().iter().filter(|line| *line == "woke").count(), 2);
}
