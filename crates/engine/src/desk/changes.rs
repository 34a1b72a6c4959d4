//! What the agent asks of presence and routing status: sent once, confirmed by what Genesys then states, or said to have
//! failed. Nothing here is ever sent without a command.

use std::time::Duration;

use earshot_genesys::error::{ApiError, StatusError};

use super::Desk;
use super::actions::refused;
use super::agent::{AVAILABLE, ON_QUEUE};
use super::io::{ActionId, Command, Output, Request};
use super::leg::Ask;
use super::limits::{ANSWER_LOST, CONFIRM_WITHIN, REREAD_WITHIN};
use crate::event::Event;
use crate::moment::Moment;
use crate::snapshot::{ActionView, Trouble};
use crate::trouble::of_api_error;

/// A change that was asked for.
#[derive(Debug)]
pub(super) struct Change {
    target: Target,
    ask: Ask,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// This presence definition; `on_queue`: it is the on-queue one.
    Presence { id: String, on_queue: bool },
    /// No longer Not Responding.
    Responding,
    /// What was asked for does not exist.
    None,
}

impl Change {
    pub(super) fn until(&self) -> Option<Duration> {
        self.ask.until()
    }

    pub(super) fn view(&self) -> ActionView {
        self.ask.view()
    }
}

impl Desk {
    pub(super) fn change_agent(&mut self, command: Command, now: Moment, out: &mut Vec<Output>) {
        let Some(user) = self.agent.id().map(ToOwned::to_owned) else {
            let trouble = Trouble::passing("agent.unknown", "Earshot does not know yet who you are.");
            return out.push(refused(command, trouble));
        };
        let target = match self.target(&command) {
            Ok(target) => target,
            Err(trouble) => {
                let ask = Ask::Failed { trouble: trouble.clone(), arrived: false };
                self.agent.change = Some(Change { target: Target::None, ask });
                return out.push(refused(command, trouble));
            }
        };
        if self.agent.change.as_ref().is_some_and(|change| change.target == target && change.ask.pending()) {
            return;
        }
        let request = match &target {
            Target::Presence { id, .. } => Request::Presence { user, definition: id.clone() },
            Target::Responding => Request::RoutingIdle { user },
            Target::None => return,
        };
        let action = self.next_action();
        self.agent.change = Some(Change { target, ask: Ask::Sent { action, until: now.mono + ANSWER_LOST } });
        out.push(Output::Act { action, request });
    }

    fn target(&self, command: &Command) -> Result<Target, Trouble> {
        let unknown = |what: &str| {
            Trouble::needs_a_person(
                "presence.unknown",
                format!("Your organisation has no {what}."),
                "Choose another, or ask your administrator.",
            )
        };
        let presence = |id: &str| Target::Presence {
            id: id.to_owned(),
            on_queue: self.agent.definition_system(id).is_some_and(|system| system == ON_QUEUE),
        };
        match command {
            Command::SetPresence { id } if self.agent.knows(id) => Ok(presence(id)),
            Command::SetPresence { .. } => Err(unknown("such presence")),
            Command::SetOnQueue { on: true } => {
                self.agent.definition_of(ON_QUEUE).map(presence).ok_or_else(|| unknown("presence for being on queue"))
            }
            Command::SetOnQueue { on: false } => {
                let before = self.agent.before_queue.as_deref().filter(|id| self.agent.knows(id));
                let id = before.or_else(|| self.agent.definition_of(AVAILABLE));
                id.map(presence).ok_or_else(|| unknown("presence for being available"))
            }
            _ if self.agent.not_responding() => Ok(Target::Responding),
            _ => Err(Trouble::passing("routing.responding", "You are not marked Not Responding.")),
        }
    }

    /// Genesys has stated something: is it what was asked for? If it is `news`, an old failure is no longer of interest.
    pub(super) fn confirm_change(&mut self, news: bool) {
        let agent = &self.agent;
        let done = agent.change.as_ref().is_some_and(|change| match &change.target {
            Target::Presence { id, .. } => agent.presence().definition_id == *id,
            Target::Responding => !agent.not_responding(),
            Target::None => false,
        } || (news && !change.ask.pending()));
        if done {
            self.agent.change = None;
        }
    }

    pub(super) fn acted_on_agent(
        &mut self,
        action: ActionId,
        result: Result<(), ApiError>,
        now: Moment,
        out: &mut Vec<Output>,
    ) {
        let Some(change) = self.agent.change.as_mut().filter(|change| change.ask.is(action)) else { return };
        match result {
            Ok(()) => change.ask = Ask::Accepted { until: now.mono + CONFIRM_WITHIN },
            Err(error) => {
                let trouble = refusal(&error, &change.target);
                fail(change, trouble, out);
                out.push(Output::RereadAgent);
            }
        }
    }

    /// Its time is up: ask once what is true, then say that it has failed.
    pub(super) fn chase_change(&mut self, now: Moment, out: &mut Vec<Output>) {
        let Some(change) = &mut self.agent.change else { return };
        match change.ask {
            Ask::Sent { until, .. } | Ask::Accepted { until } if until <= now.mono => {
                change.ask = Ask::Checking { until: now.mono + REREAD_WITHIN };
                out.push(Output::RereadAgent);
            }
            Ask::Checking { until } if until <= now.mono => {
                let trouble = unconfirmed(&change.target);
                fail(change, trouble, out);
            }
            _ => {}
        }
    }
}

fn fail(change: &mut Change, trouble: Trouble, out: &mut Vec<Output>) {
    change.ask = Ask::Failed { trouble: trouble.clone(), arrived: true };
    out.push(Output::Tell(Event::ActionFailed { leg: None, trouble }));
}

fn unconfirmed(target: &Target) -> Trouble {
    let message = match target {
        Target::Presence { .. } => "Genesys Cloud accepted the presence, but does not show it.",
        Target::Responding | Target::None => "Genesys Cloud accepted it, but still shows you as Not Responding.",
    };
    Trouble {
        code: "presence.unconfirmed".into(),
        message: message.into(),
        cure: Some("Try again, or change it in Genesys Cloud.".into()),
        retryable: true,
    }
}

fn refusal(error: &ApiError, target: &Target) -> Trouble {
    match (error, target) {
        (ApiError::Status(StatusError { status: 403, html: false, .. }), Target::Presence { on_queue: true, .. }) => {
            Trouble::needs_a_person(
                "permission.missing",
                "You need the permission Routing > Agent > On Queue.",
                "Ask your Genesys Cloud administrator to grant it to one of your roles.",
            )
        }
        (ApiError::Status(StatusError { status: 400 | 404 | 409, html: false, .. }), _) => Trouble {
            code: "presence.refused".into(),
            message: "Genesys Cloud did not accept this presence.".into(),
            cure: Some("Choose another, or change it in Genesys Cloud.".into()),
            retryable: true,
        },
        _ => of_api_error(error),
    }
}
