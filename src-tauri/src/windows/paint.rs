//! Has the pop-up's page drawn the cards that it was given? A web process may have died, hang or be stopped without a
//! word to us, so each card is acknowledged twice: *drawn*, when it stands in the document and is laid out, and
//! *painted*, at the second animation frame after that. A page that says nothing in time is doubted. One that has
//! drawn lives, and only waits for frames (a dark screen, a covered window, a busy computer): it gets longer. Pure.

use std::time::{Duration, Instant};

/// A page that is there already has drawn a new card after this, or is doubted.
const DRAW: Duration = Duration::from_millis(300);
/// A page that has drawn gets its two frames within this.
const FRAMES: Duration = Duration::from_secs(3);
/// A page that is being built has drawn after this: a second on a quiet computer, five on a very busy one.
const FIRST: Duration = Duration::from_secs(8);
/// A page that has spoken for the first time goes on loading for a moment.
const LOADED: Duration = Duration::from_secs(1);

/// A card that has yet to be painted.
#[derive(Debug)]
struct Awaited {
    leg: String,
    /// When the view with it was published.
    since: Instant,
    /// When its page is doubted.
    due: Instant,
}

/// A card that was painted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Painted {
    pub(super) leg: String,
    /// From the view with it to the second frame.
    pub(super) after: Duration,
    /// Its page was built for it.
    pub(super) fresh: bool,
}

/// What is awaited of the page.
#[derive(Debug, Default)]
pub(super) struct Paint {
    /// Cards of the newest view.
    legs: Vec<String>,
    awaited: Vec<Awaited>,
    /// When the page was begun; none while there is no page.
    built: Option<Instant>,
    /// When the page first spoke.
    ready: Option<Instant>,
}

impl Paint {
    /// A new view has these cards.
    pub(super) fn view(&mut self, legs: Vec<String>, now: Instant) {
        self.awaited.retain(|card| legs.contains(&card.leg));
        let due = self.due(now);
        for leg in legs.iter().filter(|leg| !self.legs.contains(leg)) {
            self.awaited.push(Awaited { leg: leg.clone(), since: now, due });
        }
        self.legs = legs;
    }

    /// Another page is the pop-up's now: all cards are awaited of it. `built`: when it was begun; none for no page.
    pub(super) fn page(&mut self, built: Option<Instant>, now: Instant) {
        self.built = built;
        self.ready = None;
        let due = self.due(now);
        let old = std::mem::take(&mut self.awaited);
        let since = |leg: &String| old.iter().find(|card| card.leg == *leg).map_or(now, |card| card.since);
        self.awaited = self.legs.iter().map(|leg| Awaited { leg: leg.clone(), since: since(leg), due }).collect();
    }

    /// The page is there.
    pub(super) fn ready(&mut self, now: Instant) {
        self.ready.get_or_insert(now);
    }

    /// The page has laid these cards out.
    pub(super) fn drawn(&mut self, legs: &[String], now: Instant) {
        for card in self.awaited.iter_mut().filter(|card| legs.contains(&card.leg)) {
            card.due = card.due.max(now + FRAMES);
        }
    }

    /// These cards are on the screen.
    pub(super) fn painted(&mut self, legs: &[String], now: Instant) -> Vec<Painted> {
        let built = self.built;
        let done = self.awaited.extract_if(.., |card| legs.contains(&card.leg));
        done.map(|card| Painted {
            after: now.saturating_duration_since(card.since),
            fresh: built.is_some_and(|built| built >= card.since),
            leg: card.leg,
        })
        .collect()
    }

    /// Whether the page is to be doubted.
    pub(super) fn overdue(&self, now: Instant) -> bool {
        self.deadline().is_some_and(|due| now >= due)
    }

    /// When it will have to be.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.built?;
        self.awaited.iter().map(|card| card.due).min()
    }

    fn due(&self, now: Instant) -> Instant {
        match self.built {
            Some(built) if self.ready.is_none_or(|ready| now < ready + LOADED) => (now + DRAW).max(limit(built)),
            _ => now + DRAW,
        }
    }
}

/// When a page that was begun at this time has to be there.
pub(super) fn limit(built: Instant) -> Instant {
    built + FIRST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(span: u64) -> Duration {
        Duration::from_millis(span)
    }

    fn legs(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    /// A page that is there.
    fn warm(now: Instant) -> Paint {
        let mut paint = Paint::default();
        paint.page(Some(now), now);
        paint.ready(now);
        paint
    }

    #[test]
    fn a_card_that_is_painted_in_time_is_measured() {
        let now = Instant::now();
        let mut paint = warm(now);
        let later = now + ms(5000);
        paint.view(legs(&["a"]), later);
        assert_eq!(paint.deadline(), Some(later + DRAW));
        paint.drawn(&legs(&["a"]), later + ms(10));
        let painted = Painted { leg: "a".to_owned(), after: ms(40), fresh: false };
        assert_eq!(paint.painted(&legs(&["a"]), later + ms(40)), [painted]);
        assert_eq!(paint.deadline(), None);
        assert_eq!(paint.painted(&legs(&["a", "unheard of"]), later + ms(50)), [], "once is enough");
    }

    #[test]
    fn a_page_that_is_there_has_300_ms() {
        let now = Instant::now();
        let mut paint = warm(now);
        paint.view(legs(&["a"]), now + LOADED);
        // The next view says the same, and gives no more time.
        paint.view(legs(&["a"]), now + LOADED + ms(200));
        assert_eq!(paint.deadline(), Some(now + LOADED + ms(300)));
    }

    #[test]
    fn a_page_that_has_drawn_lives_and_gets_longer_for_its_frames() {
        let now = Instant::now();
        let mut paint = warm(now);
        let now = now + LOADED;
        paint.view(legs(&["a", "b"]), now);
        paint.drawn(&legs(&["a"]), now + ms(100));
        assert_eq!(paint.deadline(), Some(now + ms(300)), "b is not drawn");
        paint.drawn(&legs(&["b"]), now + ms(200));
        assert_eq!(paint.deadline(), Some(now + ms(100) + FRAMES));
    }

    #[test]
    fn a_page_that_is_being_built_gets_longer() {
        let now = Instant::now();
        let mut paint = Paint::default();
        paint.view(legs(&["a"]), now);
        assert_eq!(paint.deadline(), None, "there is no page to wait for");
        paint.page(Some(now + ms(1)), now + ms(1));
        paint.ready(now + ms(700));
        paint.view(legs(&["a", "b"]), now + ms(800));
        assert_eq!(paint.deadline(), Some(now + ms(1) + FIRST));
        let [painted] = &paint.painted(&legs(&["a"]), now + ms(900))[..] else { panic!("one card was painted") };
        assert_eq!((painted.after, painted.fresh), (ms(900), true));
    }

    #[test]
    fn another_page_has_to_paint_all_cards_and_each_is_measured_from_its_view() {
        let now = Instant::now();
        let mut paint = warm(now);
        paint.view(legs(&["a", "b"]), now + ms(1));
        paint.painted(&legs(&["a"]), now + ms(50));
        paint.page(Some(now + ms(400)), now + ms(900));
        assert_eq!(paint.deadline(), Some(now + ms(400) + FIRST));
        let after: Vec<Duration> =
            paint.painted(&legs(&["a", "b"]), now + ms(1001)).into_iter().map(|card| card.after).collect();
        assert_eq!(after, [ms(101), ms(1000)], "the first was on the screen before");
    }

    #[test]
    fn an_offer_that_ends_is_awaited_no_more() {
        let now = Instant::now();
        let mut paint = warm(now);
        paint.view(legs(&["a"]), now);
        paint.view(legs(&[]), now + ms(100));
        assert_eq!(paint.deadline(), None);
    }
}
