//! The ring: whether to ring is decided from the view; a thread of its own plays it, so that no web view and no slow
//! sound device can hold up anything else.

mod player;
mod sound;

pub(crate) use player::opens;

use std::sync::Arc;
use std::sync::mpsc;

use earshot_engine::snapshot::{ActionView, OfferView, Trouble};
use tokio::sync::watch;

use crate::ipc::AppView;

/// What the ring's thread is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    /// Ring, at this volume (0 to 100), until told otherwise.
    Ring(u8),
    /// Be silent.
    Silence,
    /// Play it once, at this volume.
    Once(u8),
    /// The device has failed, in this opening of it.
    DeviceFailed { opening: u64 },
}

/// The ring, played elsewhere.
#[derive(Clone)]
pub(crate) struct Ring {
    orders: mpsc::Sender<Order>,
}

impl Ring {
    /// Starts the thread. `report` is told when sound stops or begins to work.
    pub(crate) fn start(report: impl Fn(Option<Trouble>) + Send + 'static) -> Self {
        let (orders, inbox) = mpsc::channel();
        let again = orders.clone();
        let thread = std::thread::Builder::new()
            .name("earshot-ring".to_owned())
            .spawn(move || player::run(&inbox, &again, report));
        if let Err(error) = thread {
            tracing::error!(%error, "no thread for the ring");
        }
        Self { orders }
    }

    /// Plays the ring once.
    pub(crate) fn try_once(&self, volume: u8) {
        self.order(Order::Once(volume));
    }

    /// Follows the views: rings while an offer wants to be heard.
    pub(crate) async fn follow(self, mut views: watch::Receiver<Arc<AppView>>) {
        let mut last = Order::Silence;
        loop {
            let order = decide(&views.borrow_and_update());
            if order != last {
                self.order(order);
                last = order;
            }
            if views.changed().await.is_err() {
                self.order(Order::Silence);
                return;
            }
        }
    }

    fn order(&self, order: Order) {
        if self.orders.send(order).is_err() {
            tracing::error!("the ring's thread has ended");
        }
    }
}

fn decide(view: &AppView) -> Order {
    let wanted = view.sound.ring && view.snapshot.iter().flat_map(|snapshot| &snapshot.offers).any(wants_to_be_heard);
    if wanted { Order::Ring(view.sound.volume) } else { Order::Silence }
}

/// Whether this offer rings: not once the agent has pressed something, but again if that failed.
fn wants_to_be_heard(offer: &OfferView) -> bool {
    let acted = matches!(offer.answer, ActionView::Pending) || matches!(offer.decline, ActionView::Pending);
    !offer.dismissed && !offer.auto_answer && !acted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{offer, view_with};
    use crate::trouble::trouble;

    #[test]
    fn an_offer_rings_at_the_volume_of_the_settings() {
        let mut view = view_with(vec![offer("a")]);
        assert_eq!(decide(&view), Order::Ring(70));
        view.sound.volume = 20;
        assert_eq!(decide(&view), Order::Ring(20));
        view.sound.ring = false;
        assert_eq!(decide(&view), Order::Silence);
    }

    #[test]
    fn nothing_rings_without_an_offer_that_wants_to_be_heard() {
        assert_eq!(decide(&view_with(vec![])), Order::Silence);
        let dismissed = OfferView { dismissed: true, ..offer("a") };
        let automatic = OfferView { auto_answer: true, ..offer("b") };
        let answering = OfferView { answer: ActionView::Pending, ..offer("c") };
        let declining = OfferView { decline: ActionView::Pending, ..offer("d") };
        assert_eq!(decide(&view_with(vec![dismissed, automatic, answering, declining])), Order::Silence);
    }

    #[test]
    fn one_offer_among_others_is_enough_and_a_failed_answer_rings_again() {
        let dismissed = OfferView { dismissed: true, ..offer("a") };
        let failed = ActionView::Failed { trouble: trouble("x", "It did not work.", None, true) };
        let failed = OfferView { answer: failed, ..offer("b") };
        assert_eq!(decide(&view_with(vec![dismissed, failed])), Order::Ring(70));
    }
}
