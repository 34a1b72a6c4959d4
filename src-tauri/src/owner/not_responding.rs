//! Not Responding, as it is told to the agent: from when Genesys states it until it is over. The agent may hide it, which
//! holds for this time and not for the next. Pure.

use earshot_engine::snapshot::{Millis, Snapshot};

use crate::ipc::NotRespondingView;

/// Genesys' own spelling.
const STATUS: &str = "NOT_RESPONDING";
/// A status said to have begun later than the hidden one by more than this is another one: it came while Earshot could
/// not hear. Less is the correction of a clock.
const CORRECTION: Millis = 5_000;

/// What is told of it.
#[derive(Debug, Default)]
pub(super) struct NotResponding {
    told: Option<NotRespondingView>,
}

impl NotResponding {
    /// Hides the one that is now.
    pub(super) fn hide(&mut self, snapshot: Option<&Snapshot>) {
        self.told = now(snapshot).map(|told| NotRespondingView { hidden: true, ..told });
    }

    /// What to show.
    pub(super) fn look(&mut self, snapshot: Option<&Snapshot>) -> Option<NotRespondingView> {
        let before = self.told;
        self.told = now(snapshot).map(|now| {
            let hidden = before.is_some_and(|before| before.hidden && same(before.since, now.since));
            NotRespondingView { hidden, ..now }
        });
        self.told
    }
}

fn same(before: Option<Millis>, since: Option<Millis>) -> bool {
    match (before, since) {
        (Some(before), Some(since)) => since.saturating_sub(before) <= CORRECTION,
        _ => true,
    }
}

fn now(snapshot: Option<&Snapshot>) -> Option<NotRespondingView> {
    let routing = &snapshot?.agent.as_ref()?.routing;
    (routing.status == STATUS).then_some(NotRespondingView { since: routing.since, hidden: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::routing;

    fn seen(state: &mut NotResponding, status: &str, since: Option<Millis>) -> Option<bool> {
        state.look(Some(&routing(status, since))).map(|view| view.hidden)
    }

    #[test]
    fn it_is_told_while_it_lasts_and_to_nobody_who_is_not_signed_in() {
        let mut state = NotResponding::default();
        assert_eq!(state.look(None), None);
        assert_eq!(seen(&mut state, "IDLE", Some(1)), None);
        let told = state.look(Some(&routing(STATUS, Some(7))));
        assert_eq!(told, Some(NotRespondingView { since: Some(7), hidden: false }));
        assert_eq!(seen(&mut state, "OFF_QUEUE", Some(9)), None);
    }

    #[test]
    fn hidden_holds_for_this_time_and_not_for_the_next() {
        let mut state = NotResponding::default();
        seen(&mut state, STATUS, Some(1_000));
        state.hide(Some(&routing(STATUS, Some(1_000))));
        assert_eq!(seen(&mut state, STATUS, Some(1_000)), Some(true));
        // Genesys' clock was read anew.
        assert_eq!(seen(&mut state, STATUS, Some(1_400)), Some(true));
        assert_eq!(seen(&mut state, "IDLE", Some(3_000)), None);
        assert_eq!(seen(&mut state, STATUS, Some(3_500)), Some(false));
    }

    #[test]
    fn one_that_began_while_earshot_could_not_hear_is_another() {
        let mut state = NotResponding::default();
        state.hide(Some(&routing(STATUS, Some(1_000))));
        assert_eq!(seen(&mut state, STATUS, Some(61_000)), Some(false));
        assert_eq!(seen(&mut state, STATUS, Some(61_000)), Some(false));
    }

    #[test]
    fn nothing_is_hidden_ahead() {
        let mut state = NotResponding::default();
        state.hide(Some(&routing("IDLE", None)));
        assert_eq!(seen(&mut state, STATUS, None), Some(false));
    }
}
