//! Who the agent is, and what presence and routing status Genesys states. The newer statement wins, by Genesys' own stamps.

use std::time::Duration;

use earshot_genesys::wire;

use super::changes::Change;
use super::clock::Clock;
use super::io::Output;
use super::{Desk, actions};
use crate::moment::Moment;
use crate::snapshot::{ActionView, AgentView, Medium, Millis, PresenceChoice, PresenceView, RoutingView};

/// The system presence in which queues offer conversations.
pub(super) const ON_QUEUE: &str = "OnQueue";
/// The system presence of somebody who works and is on no queue.
pub(super) const AVAILABLE: &str = "Available";
/// Not for choosing: Genesys sets them itself.
const NO_CHOICE: [&str; 2] = ["Offline", "Idle"];
/// The routing status after an offer was not answered.
pub(super) const NOT_RESPONDING: &str = "NOT_RESPONDING";

/// The agent.
#[derive(Debug, Default)]
pub(super) struct Agent {
    person: Option<Person>,
    definitions: Vec<Definition>,
    presence: PresenceView,
    /// Genesys' stamp on the presence, by its own clock.
    presence_stamp: Option<Millis>,
    routing: RoutingView,
    /// Genesys' stamp on the routing status.
    routing_stamp: Option<Millis>,
    /// The presence to return to from the queue.
    pub(super) before_queue: Option<String>,
    pub(super) change: Option<Change>,
}

#[derive(Debug)]
struct Person {
    id: String,
    name: String,
    organization: Option<String>,
    auto_answer: bool,
    auto_answer_by_kind: Vec<(String, bool)>,
}

/// A presence the organisation has.
#[derive(Debug)]
struct Definition {
    choice: PresenceChoice,
    primary: bool,
    active: bool,
}

impl Agent {
    pub(super) fn id(&self) -> Option<&str> {
        self.person.as_ref().map(|person| person.id.as_str())
    }

    pub(super) fn on_queue(&self) -> bool {
        self.presence.system == ON_QUEUE
    }

    pub(super) fn presence(&self) -> &PresenceView {
        &self.presence
    }

    pub(super) fn not_responding(&self) -> bool {
        self.routing.status == NOT_RESPONDING
    }

    /// The agent became Not Responding at `instant` or later, as far as Genesys says since when.
    pub(super) fn not_responding_from(&self, instant: Millis) -> bool {
        self.not_responding() && self.routing.since.is_none_or(|since| since >= instant)
    }

    pub(super) fn deadline(&self) -> Option<Duration> {
        self.change.as_ref().and_then(Change::until)
    }

    /// The definition with this id, if it may be chosen by command.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.definitions.iter().any(|definition| definition.active && definition.choice.id == id)
    }

    /// The system presence of a definition.
    pub(super) fn definition_system(&self, id: &str) -> Option<&str> {
        self.definitions.iter().find(|d| d.choice.id == id).map(|d| d.choice.system.as_str())
    }

    /// The definition to use for a system presence: Genesys' own before the organisation's.
    pub(super) fn definition_of(&self, system: &str) -> Option<&str> {
        let of = |primary: bool| {
            let fits = move |d: &&Definition| d.active && d.choice.system == system && (d.primary || !primary);
            self.definitions.iter().find(fits)
        };
        of(true).or_else(|| of(false)).map(|definition| definition.choice.id.as_str())
    }

    /// Genesys answers this kind from queues by itself.
    pub(super) fn auto_answers(&self, medium: Medium) -> bool {
        let Some(person) = &self.person else { return false };
        let name = match medium {
            Medium::Call => "call",
            Medium::Callback => "callback",
            Medium::Message => "message",
            Medium::Email => "email",
            Medium::Chat => "chat",
            _ => return false,
        };
        let stated = person.auto_answer_by_kind.iter().find(|(kind, _)| kind.eq_ignore_ascii_case(name));
        stated.map_or(person.auto_answer && medium == Medium::Call, |(_, enabled)| *enabled)
    }

    pub(super) fn view(&self) -> Option<AgentView> {
        let person = self.person.as_ref()?;
        let choosable = |d: &&Definition| d.active && !NO_CHOICE.contains(&d.choice.system.as_str());
        let mut presences: Vec<&Definition> = self.definitions.iter().filter(choosable).collect();
        presences.sort_by_key(|definition| !definition.primary);
        Some(AgentView {
            id: person.id.clone(),
            name: person.name.clone(),
            organization: person.organization.clone(),
            presence: self.presence.clone(),
            presences: presences.into_iter().map(|definition| definition.choice.clone()).collect(),
            on_queue: self.on_queue(),
            routing: self.routing.clone(),
            presence_change: self.change.as_ref().map_or(ActionView::Idle, Change::view),
        })
    }

    /// A presence as Genesys states it; an older statement than the known one is ignored. Returns whether it was taken.
    fn state_presence(&mut self, presence: &wire::UserPresence, clock: Clock) -> bool {
        let stamp = presence.modified_date.map(jiff::Timestamp::as_millisecond);
        if stamp.is_some() && stamp < self.presence_stamp {
            return false;
        }
        let Some(reference) = &presence.presence_definition else { return false };
        let known = self.definitions.iter().find(|definition| definition.choice.id == reference.id);
        let system =
            reference.system().or_else(|| known.map(|definition| definition.choice.system.clone())).unwrap_or_default();
        let label = known.map_or_else(|| words(&system), |definition| definition.choice.label.clone());
        if system == ON_QUEUE && returnable(&self.presence) {
            self.before_queue = Some(self.presence.definition_id.clone());
        }
        self.presence =
            PresenceView { definition_id: reference.id.clone(), label, system, since: stamp.map(|at| clock.local(at)) };
        self.presence_stamp = stamp.or(self.presence_stamp);
        true
    }

    /// The same for the routing status.
    fn state_routing(&mut self, routing: &wire::RoutingStatus, clock: Clock) -> bool {
        let stamp = routing.start_time.map(jiff::Timestamp::as_millisecond);
        let Some(status) = &routing.status else { return false };
        if stamp.is_some() && stamp < self.routing_stamp {
            return false;
        }
        self.routing = RoutingView { status: status.to_ascii_uppercase(), since: stamp.map(|at| clock.local(at)) };
        self.routing_stamp = stamp.or(self.routing_stamp);
        true
    }
}

/// A presence to which one can return from the queue.
fn returnable(presence: &PresenceView) -> bool {
    !presence.definition_id.is_empty() && presence.system != ON_QUEUE && !NO_CHOICE.contains(&presence.system.as_str())
}

impl Definition {
    fn read(definition: &wire::PresenceDefinition) -> Option<Self> {
        if definition.id.is_empty() {
            return None;
        }
        let system = definition.system().unwrap_or_default();
        Some(Self {
            choice: PresenceChoice { id: definition.id.clone(), label: label(definition, &system), system },
            primary: definition.primary == Some(true)
                || definition.definition_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("system")),
            active: definition.deactivated != Some(true),
        })
    }
}

/// The English label, else any, else the name, else the system presence in words.
fn label(definition: &wire::PresenceDefinition, system: &str) -> String {
    let labels = &definition.language_labels;
    let english = ["en_US", "en-US", "en", "en_GB", "en-GB"].into_iter().find_map(|locale| labels.get(locale));
    let label = english.or_else(|| labels.values().next()).or(definition.name.as_ref());
    label.map(|label| label.trim()).filter(|label| !label.is_empty()).map_or_else(|| words(system), Into::into)
}

/// `OnQueue` as "On Queue".
fn words(system: &str) -> String {
    let mut words = String::new();
    for letter in system.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter);
    }
    words
}

impl Desk {
    pub(super) fn take_me(&mut self, me: wire::Me, now: Moment, out: &mut Vec<Output>) {
        if me.id.is_empty() {
            return;
        }
        if self.agent.id().is_some_and(|known| known != me.id) {
            out.extend(self.reset());
            self.listening_since = Some(now.wall);
        }
        if let Some(server) = me.date.as_ref().and_then(|date| date.current_date) {
            self.clock.learn(server.as_millisecond(), now.wall);
        }
        let before = self.agent.person.take();
        self.agent.person = Some(Person {
            name: me.name.clone().or(me.preferred_name.clone()).unwrap_or_else(|| me.id.clone()),
            // An answer without its expansions takes nothing away.
            organization: me
                .organization
                .as_ref()
                .and_then(|organization| organization.name.clone())
                .or_else(|| before.and_then(|before| before.organization)),
            auto_answer: me.acd_auto_answer == Some(true),
            auto_answer_by_kind: me
                .auto_answer_settings
                .iter()
                .flat_map(|settings| &settings.settings)
                .filter_map(|(kind, setting)| Some((kind.clone(), setting.enabled?)))
                .collect(),
            id: me.id,
        });
        let definitions: Vec<_> = me.presence_definitions.iter().filter_map(Definition::read).collect();
        if !definitions.is_empty() {
            self.agent.definitions = definitions;
        }
        if let Some(presence) = &me.presence {
            self.take_presence(presence);
        }
        if let Some(routing) = &me.routing_status {
            self.take_routing(routing, out);
        }
    }

    pub(super) fn take_presence(&mut self, presence: &wire::UserPresence) {
        let before = self.agent.presence.definition_id.clone();
        if self.agent.state_presence(presence, self.clock) {
            self.confirm_change(before != self.agent.presence.definition_id);
        }
    }

    pub(super) fn take_routing(&mut self, routing: &wire::RoutingStatus, out: &mut Vec<Output>) {
        let before = self.agent.routing.status.clone();
        if !self.agent.state_routing(routing, self.clock) {
            return;
        }
        self.confirm_change(before != self.agent.routing.status);
        // Free again: then no wrap-up is left, whether its event was heard or not.
        if before != self.agent.routing.status && matches!(self.agent.routing.status.as_str(), "IDLE" | "OFF_QUEUE") {
            for leg in self.legs.open().filter(|leg| leg.in_wrap_up()) {
                actions::reread(leg.conversation.clone(), leg.medium, out);
            }
        }
    }
}
