//! One leg (communication) of the agent's: how far it has got, and what the agent asked of it. It only moves forward.

use std::time::Duration;

use super::clock::Clock;
use super::io::ActionId;
use super::sighting::{LegSighting, LegState};
use crate::moment::Moment;
use crate::snapshot::{ActionView, Medium, Millis, OfferEnd, Trouble};

/// What is known of a leg.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools)] // each is a fact of its own
pub(super) struct Leg {
    /// Names the leg for the world, for as long as it exists; the communication id, unless the media form came first.
    pub(super) key: String,
    /// `key` is a participant's id: the communication id is not known yet.
    pub(super) nameless: bool,
    pub(super) conversation: String,
    pub(super) participant: String,
    pub(super) purpose: String,
    pub(super) medium: Medium,
    pub(super) message_type: Option<String>,
    pub(super) outbound: bool,
    pub(super) state: LegState,
    pub(super) word: String,
    pub(super) held: bool,
    pub(super) muted: bool,
    pub(super) queue_id: Option<String>,
    pub(super) queue_name: Option<String>,
    pub(super) subject: Option<String>,
    /// When Genesys says it began to alert, by this computer's clock.
    pub(super) alerting_since: Option<Millis>,
    pub(super) alerting_timeout: Option<Millis>,
    pub(super) connected_at: Option<Millis>,
    pub(super) ended_at: Option<Millis>,
    /// It was over when it was first seen, and that was no news then.
    pub(super) untold: bool,
    pub(super) disconnect_type: Option<String>,
    pub(super) auto_answer: bool,
    pub(super) wrap_up_due: bool,
    /// Wrap-up has been seen to be over: it does not come back.
    pub(super) wrapped_up: bool,
    /// Genesys' sentence about a failed answer.
    pub(super) error: Option<String>,
    /// Place among the others: when it was first seen to begin, then the order of arrival. Fixed, so that no card moves.
    pub(super) place: (Millis, u64),
    /// When Earshot first saw it.
    pub(super) first_seen: Millis,
    /// When Earshot last had a look at it.
    pub(super) last_seen: Duration,
    pub(super) offer: Option<Offer>,
    /// The last look, as it came: the same again says nothing.
    pub(super) last_look: LegSighting,
}

/// The offer that a leg is while it alerts.
#[derive(Debug, Clone, Default)]
pub(super) struct Offer {
    pub(super) dismissed: bool,
    pub(super) answer: Ask,
    pub(super) decline: Ask,
    /// An answer is out of which nobody knows whether it arrived; until the next look the leg is not known to alert.
    pub(super) in_doubt: bool,
    /// When to look whether it still alerts.
    pub(super) look_at: Duration,
}

/// Something the agent asked for, on its way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Ask {
    /// Nothing asked.
    #[default]
    Idle,
    /// Sent; its answer is due by then.
    Sent { action: ActionId, until: Duration },
    /// Accepted by Genesys; its event is due by then.
    Accepted { until: Duration },
    /// No event came; the truth was asked for and is due by then.
    Checking { until: Duration },
    /// It did not work. `arrived`: Genesys may have done it all the same.
    Failed { trouble: Trouble, arrived: bool },
}

impl Ask {
    pub(super) fn pending(&self) -> bool {
        matches!(self, Self::Sent { .. } | Self::Accepted { .. } | Self::Checking { .. })
    }

    /// What happens next to the leg may be our doing.
    pub(super) fn may_be_ours(&self) -> bool {
        self.pending() || matches!(self, Self::Failed { arrived: true, .. })
    }

    /// Not sent, and why: shown like any other failure.
    pub(super) fn refuse(&mut self, trouble: Trouble) {
        *self = Self::Failed { trouble, arrived: self.may_be_ours() };
    }

    /// Something else was asked for: an old failure is of no more interest, unless it may have been none.
    pub(super) fn forgive(&mut self) {
        if matches!(self, Self::Failed { arrived: false, .. }) {
            *self = Self::Idle;
        }
    }

    pub(super) fn until(&self) -> Option<Duration> {
        match self {
            Self::Sent { until, .. } | Self::Accepted { until } | Self::Checking { until } => Some(*until),
            Self::Idle | Self::Failed { .. } => None,
        }
    }

    pub(super) fn is(&self, id: ActionId) -> bool {
        matches!(self, Self::Sent { action, .. } if *action == id)
    }

    pub(super) fn view(&self) -> ActionView {
        match self {
            Self::Idle => ActionView::Idle,
            Self::Failed { trouble, .. } => ActionView::Failed { trouble: trouble.clone() },
            _ => ActionView::Pending,
        }
    }
}

/// Words of the state `Other` that say "not yet", as opposed to words we do not know.
const NOT_YET: [&str; 4] = ["", "none", "scheduled", "uploading"];

impl Leg {
    /// A leg seen for the first time; its state is still to be reached with [`Leg::absorb`].
    pub(super) fn first(conversation: &str, look: &LegSighting, clock: Clock, now: Moment, order: u64) -> Self {
        let began = look.alerting_since.or(look.connected_at).map(|at| clock.local(at).min(now.wall));
        Self {
            key: look.leg.clone(),
            nameless: look.leg == look.participant,
            conversation: conversation.to_owned(),
            participant: look.participant.clone(),
            purpose: look.purpose.clone(),
            medium: look.medium,
            message_type: None,
            outbound: look.outbound,
            state: LegState::Other,
            word: String::new(),
            held: false,
            muted: false,
            queue_id: None,
            queue_name: None,
            subject: None,
            alerting_since: None,
            alerting_timeout: None,
            connected_at: None,
            ended_at: None,
            untold: false,
            disconnect_type: None,
            auto_answer: false,
            wrap_up_due: false,
            wrapped_up: false,
            error: None,
            place: (began.unwrap_or(now.wall), order),
            first_seen: now.wall,
            last_seen: now.mono,
            offer: None,
            last_look: look.clone(),
        }
    }

    /// Takes over what `look` adds, and moves the state forward, never back. The caller compares `state` before and after.
    pub(super) fn absorb(&mut self, look: &LegSighting, clock: Clock, now: Moment) {
        let local = |at: Option<Millis>| at.map(|at| clock.local(at).min(now.wall));
        keep(&mut self.alerting_since, local(look.alerting_since));
        keep(&mut self.connected_at, local(look.connected_at));
        keep(&mut self.alerting_timeout, look.alerting_timeout_ms.filter(|span| *span > 0));
        keep(&mut self.queue_id, look.queue_id.clone());
        keep(&mut self.queue_name, look.queue_name.clone());
        keep(&mut self.subject, look.subject.clone());
        keep(&mut self.message_type, look.message_type.clone());
        self.last_seen = now.mono;
        if look.state == LegState::Disconnected {
            keep(&mut self.ended_at, local(look.disconnected_at));
            keep(&mut self.disconnect_type, look.disconnect_type.clone());
            self.follow_wrap_up(look.wrap_up_due);
        }
        if look.state >= self.state {
            self.state = look.state;
            self.word.clone_from(&look.state_word);
            self.held = look.held;
            self.muted = look.muted;
            // Not every form of a conversation states it, and none takes it back.
            self.auto_answer |= look.auto_answer;
            self.error.clone_from(&look.error);
        } else if look.state == LegState::Other
            && self.state == LegState::Connected
            && !NOT_YET.contains(&look.state_word.as_str())
        {
            // A state that Genesys invented after this was written: further than "alerting" as far as anybody knows.
            self.word.clone_from(&look.state_word);
        }
        self.last_look.clone_from(look);
    }

    fn follow_wrap_up(&mut self, due: bool) {
        self.wrapped_up |= self.wrap_up_due && !due;
        self.wrap_up_due = due && !self.wrapped_up;
    }

    /// A colleague or caller wants this agent in person.
    pub(super) fn direct(&self) -> bool {
        self.purpose == "user" && self.queue_id.is_none() && self.queue_name.is_none()
    }

    /// Nothing more is expected of it.
    pub(super) fn finished(&self) -> bool {
        self.state == LegState::Disconnected && !self.in_wrap_up()
    }

    /// Taken, over, and not wrapped up.
    pub(super) fn in_wrap_up(&self) -> bool {
        self.state == LegState::Disconnected && self.wrap_up_due && self.connected_at.is_some()
    }

    /// The agent is in it, or has to wrap it up, or it is in a state that we have no word for.
    pub(super) fn on_the_desk(&self) -> bool {
        match self.state {
            LegState::Connected => true,
            LegState::Other => !NOT_YET.contains(&self.word.as_str()),
            LegState::Disconnected => self.in_wrap_up(),
            LegState::Alerting => false,
        }
    }

    /// Since when it alerts.
    pub(super) fn alerts_since(&self) -> Millis {
        self.alerting_since.unwrap_or(self.first_seen)
    }

    /// When Genesys takes it back: only where the API states both the start and the span.
    pub(super) fn alerts_until(&self) -> Option<Millis> {
        Some(self.alerting_since?.saturating_add(self.alerting_timeout?))
    }

    /// How long it rang, where that is known.
    pub(super) fn rang(&self, ended: Option<Millis>) -> Option<Millis> {
        ended.map(|ended| ended.saturating_sub(self.alerts_since()).max(0))
    }

    /// How it ended for the agent.
    pub(super) fn taken_as(&self) -> OfferEnd {
        let ours = self.offer.as_ref().is_some_and(|offer| offer.answer.may_be_ours());
        if ours { OfferEnd::Answered } else { OfferEnd::AnsweredElsewhere }
    }
}

/// The first value stays unless a look brings another; a look without one takes nothing away.
fn keep<T>(place: &mut Option<T>, seen: Option<T>) {
    if seen.is_some() {
        *place = seen;
    }
}
