//! Puts on record what the rooms say, in its order: the facts of [`crate::record`].

use std::time::Duration;

use earshot_genesys::api::TopicResult;

use super::{Effect, Machine};
use crate::desk::io::{ActionId, Request};
use crate::event::Event;
use crate::limits::HEARING_EVERY;
use crate::moment::Moment;
use crate::record::{Fact, Record};
use crate::session::Renewal;
use crate::snapshot::{LinkState, LinkView, Millis};

/// The last proof that we hear, and when it was put on record.
#[derive(Debug, Default)]
pub(super) struct Proof {
    /// By the wall clock of that moment.
    at: Option<Millis>,
    noted: Option<Duration>,
}

impl Proof {
    /// When the last frame came.
    pub(super) fn at(&self) -> Option<Millis> {
        self.at
    }
}

impl Machine {
    /// Puts on record that we hear, where nothing else would for a while.
    pub(super) fn note_hearing(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        if self.link.heard_at(now.mono) != Some(now.mono) {
            return;
        }
        self.proof.at = Some(now.wall);
        let told = |effect: &Effect| matches!(effect, Effect::Record(Record { fact: Fact::Event(_), .. }));
        if !self.hears() || self.proof.noted.is_none() || effects.iter().any(told) {
            self.proof.noted = Some(now.mono);
        }
        if self.proof.noted.is_some_and(|noted| now.mono >= noted + HEARING_EVERY) {
            self.proof.noted = Some(now.mono);
            self.note(Fact::Hearing { until: now.wall }, effects);
        }
    }

    /// The same at an orderly end.
    pub(super) fn note_last_heard(&self, effects: &mut Vec<Effect>) {
        if self.hears()
            && let Some(until) = self.proof.at
        {
            self.note(Fact::Hearing { until }, effects);
        }
    }

    fn hears(&self) -> bool {
        self.shown.as_ref().is_some_and(|shown| shown.state == LinkState::Connected && shown.caught_up)
    }

    /// Puts a fact on record.
    pub(super) fn note(&self, fact: Fact, effects: &mut Vec<Effect>) {
        let at = self.last.map_or(0, |now| now.wall);
        effects.push(Effect::Record(Record { at, fact }));
    }

    /// Tells those who listen, after it is on record.
    pub(super) fn tell(&self, event: Event, effects: &mut Vec<Effect>) {
        if let Some(fact) = of_event(&event) {
            self.note(fact, effects);
        }
        effects.push(Effect::Tell(event));
    }

    /// Notes which topics were granted, where that is news.
    pub(super) fn note_topics(&mut self, topics: &[TopicResult], effects: &mut Vec<Effect>) {
        for result in topics {
            let topic = result.topic.as_str().to_owned();
            let missing = result.missing_permissions.join(", ");
            let reason = (!result.permitted).then(|| match (result.reason.as_deref(), missing.as_str()) {
                (Some(reason), "") => reason.to_owned(),
                (None, "") => "rejected".to_owned(),
                (Some(reason), missing) => format!("{reason} (missing: {missing})"),
                (None, missing) => format!("missing: {missing}"),
            });
            let state = (result.permitted, reason.clone());
            if self.granted.insert(topic.clone(), state.clone()) != Some(state) {
                self.note(Fact::Topic { topic, permitted: result.permitted, reason }, effects);
            }
        }
    }

    /// Notes the topics that only a user can have, for a sign-in that belongs to none.
    pub(super) fn note_userless(&mut self, effects: &mut Vec<Effect>) {
        let lost: Vec<_> = self.plan.lost_without_user().into_iter().map(str::to_owned).collect();
        for topic in lost {
            let state = (false, Some("This sign-in belongs to no user.".to_owned()));
            if self.granted.insert(topic.clone(), state.clone()).as_ref() != Some(&state) {
                self.note(Fact::Topic { topic, permitted: false, reason: state.1 }, effects);
            }
        }
    }

    pub(super) fn note_action(&self, action: ActionId, request: &Request, effects: &mut Vec<Effect>) {
        let (what, conversation) = match request {
            Request::Answer { conversation, .. } => ("answer", Some(conversation)),
            Request::Decline { conversation, .. } => ("decline", Some(conversation)),
            Request::ToVoicemail { conversation, .. } => ("voicemail", Some(conversation)),
            Request::Presence { .. } => ("presence", None),
            Request::RoutingIdle { .. } => ("routing", None),
        };
        self.note(Fact::ActionSent { action, what, conversation: conversation.cloned() }, effects);
    }
}

/// Whether there is another state, or another reason for one that has a reason.
pub(super) fn is_news(shown: &LinkView, view: &LinkView) -> bool {
    let reason = |view: &LinkView| {
        let hears = matches!(view.state, LinkState::Connected | LinkState::Closed);
        view.trouble.as_ref().filter(|_| !hears).map(|trouble| trouble.code.clone())
    };
    (shown.state, shown.caught_up) != (view.state, view.caught_up) || reason(shown) != reason(view)
}

/// A sign-in is on record by the way it can be renewed.
pub(super) fn renewal_word(renewal: Renewal) -> &'static str {
    match renewal {
        Renewal::None => "none",
        Renewal::RefreshToken => "refresh_token",
        Renewal::ClientCredentials => "client_credentials",
        Renewal::AccessToken => "access_token",
    }
}

fn of_event(event: &Event) -> Option<Fact> {
    Some(match event {
        Event::Link(link) => Fact::Link { state: link.state, trouble: link.trouble.clone() },
        Event::OfferStarted { offer, source } => Fact::OfferStarted {
            conversation: offer.conversation.clone(),
            leg: offer.leg.clone(),
            medium: offer.medium,
            since: offer.since,
            source: *source,
        },
        Event::OfferEnded { leg, end } => Fact::OfferEnded { leg: leg.clone(), end: *end },
        Event::Missed(missed) => {
            Fact::Missed { conversation: missed.conversation.clone(), medium: missed.medium, end: missed.end }
        }
        Event::ActionFailed { leg, trouble } => Fact::ActionFailed { leg: leg.clone(), trouble: trouble.clone() },
        Event::GapOpened { from, cause } => Fact::GapOpened { from: *from, cause: cause.clone() },
        Event::GapClosed(gap) => Fact::Gap(gap.clone()),
        Event::Notice(_) => return None,
    })
}
