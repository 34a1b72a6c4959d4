//! Hands the record to its keeper and waits for it, a moment: a slow disk is waited for once, not at every event.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::limits::JOURNAL_PATIENCE;
use crate::record::{Record, Recorder};
use crate::snapshot::Trouble;

type Safe = oneshot::Receiver<Result<(), Trouble>>;
/// What is wrong with the keeper from now on, if anything.
type Wrong = Option<Trouble>;

/// The way to the keeper of the record.
pub(super) struct Register {
    recorder: Arc<dyn Recorder>,
    /// Records that were not safe in time. Until they are, nothing is waited for.
    late: Option<Safe>,
    trouble: Option<Trouble>,
}

impl Register {
    pub(super) fn new(recorder: Arc<dyn Recorder>) -> Self {
        Self { recorder, late: None, trouble: None }
    }

    /// Hands records over. What comes back is a change of what is wrong with the keeper, if there is one.
    pub(super) async fn keep(&mut self, records: Vec<Record>) -> Option<Wrong> {
        let mut outcome = self.late_outcome();
        if !records.is_empty() {
            let mut safe = self.recorder.record(records);
            if self.late.is_some() {
                // The keeper works in order: once the newest is safe, so are all.
                self.late = Some(safe);
            } else {
                match timeout(JOURNAL_PATIENCE, &mut safe).await {
                    Ok(answer) => outcome = Some(answer.unwrap_or_else(|_| Err(gone()))),
                    Err(_) => self.late = Some(safe),
                }
            }
        }
        self.told(outcome?)
    }

    /// Waits so long for what has been handed over and is not safe yet. Comes back as [`Self::keep`] does.
    pub(super) async fn settle(&mut self, patience: Duration) -> Option<Wrong> {
        let late = self.late.as_mut()?;
        let answer = timeout(patience, late).await.ok()?;
        self.late = None;
        self.told(answer.unwrap_or_else(|_| Err(gone())))
    }

    fn told(&mut self, outcome: Result<(), Trouble>) -> Option<Wrong> {
        let trouble = outcome.err();
        let changed = trouble != self.trouble;
        changed.then(|| {
            self.trouble.clone_from(&trouble);
            trouble
        })
    }

    fn late_outcome(&mut self) -> Option<Result<(), Trouble>> {
        match self.late.as_mut()?.try_recv() {
            Ok(outcome) => {
                self.late = None;
                Some(outcome)
            }
            Err(oneshot::error::TryRecvError::Closed) => {
                self.late = None;
                Some(Err(gone()))
            }
            Err(oneshot::error::TryRecvError::Empty) => None,
        }
    }
}

fn gone() -> Trouble {
    Trouble::needs_a_person(
        "journal.failed",
        "The record of what Earshot hears is not being kept.",
        "Start Earshot again; if it stays, send this line to your help desk.",
    )
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::time::Instant;

    use super::*;
    use crate::limits::SLEEP_PATIENCE;
    use crate::record::Fact;

    /// Keeps the answers back until the test gives them.
    #[derive(Default)]
    struct Slow(Mutex<Vec<oneshot::Sender<Result<(), Trouble>>>>);

    impl Recorder for Slow {
        fn record(&self, _: Vec<Record>) -> Safe {
            let (done, safe) = oneshot::channel();
            self.0.lock().expect("no panic while locked").push(done);
            safe
        }
    }

    impl Slow {
        fn answer(&self, with: &Result<(), Trouble>) {
            for done in self.0.lock().expect("no panic while locked").drain(..) {
                let _ = done.send(with.clone());
            }
        }
    }

    fn records() -> Vec<Record> {
        vec![Record { at: 0, fact: Fact::Stopped }]
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_keeper_is_waited_for_once() {
        let slow = Arc::new(Slow::default());
        let mut register = Register::new(Arc::clone(&slow) as Arc<dyn Recorder>);
        let began = Instant::now();
        assert_eq!(register.keep(records()).await, None);
        assert_eq!(began.elapsed(), JOURNAL_PATIENCE);
        for _ in 0..100 {
            register.keep(records()).await;
        }
        assert_eq!(began.elapsed(), JOURNAL_PATIENCE, "no second wait while it is behind");
        slow.answer(&Ok(()));
        assert_eq!(register.keep(Vec::new()).await, None);
        register.keep(records()).await;
        assert!(began.elapsed() >= JOURNAL_PATIENCE + Duration::from_millis(19), "it is waited for again");
    }

    #[tokio::test(start_paused = true)]
    async fn before_a_sleep_a_slow_keeper_is_waited_for_as_long_as_it_takes_up_to_a_limit() {
        let slow = Arc::new(Slow::default());
        let mut register = Register::new(Arc::clone(&slow) as Arc<dyn Recorder>);
        assert_eq!(register.settle(SLEEP_PATIENCE).await, None);
        register.keep(records()).await;
        let began = Instant::now();
        assert_eq!(register.settle(SLEEP_PATIENCE).await, None);
        assert_eq!(began.elapsed(), SLEEP_PATIENCE, "it stays slow");
        let answers = async {
            tokio::time::sleep(SLEEP_PATIENCE / 2).await;
            slow.answer(&Err(gone()));
        };
        let (told, ()) = tokio::join!(register.settle(SLEEP_PATIENCE), answers);
        assert_eq!((told, began.elapsed()), (Some(Some(gone())), SLEEP_PATIENCE * 3 / 2));
        assert_eq!(register.settle(SLEEP_PATIENCE).await, None);
        assert_eq!(began.elapsed(), SLEEP_PATIENCE * 3 / 2, "nothing is waited for any more");
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_told_once_and_so_is_its_end() {
        let slow = Arc::new(Slow::default());
        let mut register = Register::new(Arc::clone(&slow) as Arc<dyn Recorder>);
        let full = gone();
        register.keep(records()).await;
        slow.answer(&Err(full.clone()));
        assert_eq!(register.keep(Vec::new()).await, Some(Some(full.clone())));
        register.keep(records()).await;
        slow.answer(&Err(full));
        assert_eq!(register.keep(Vec::new()).await, None);
        register.keep(records()).await;
        slow.answer(&Ok(()));
        assert_eq!(register.keep(Vec::new()).await, Some(None));
    }

    #[tokio::test(start_paused = true)]
    async fn a_keeper_that_is_gone_is_a_failure() {
        let slow = Arc::new(Slow::default());
        let mut register = Register::new(Arc::clone(&slow) as Arc<dyn Recorder>);
        register.keep(records()).await;
        slow.0.lock().expect("no panic while locked").clear();
        assert_eq!(register.keep(Vec::new()).await, Some(Some(gone())));
    }
}
