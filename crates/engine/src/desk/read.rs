//! Reads Genesys' two forms of a conversation into one look at it. For the feed, which hands the looks to the desk.

use earshot_genesys::wire::{
    self, Communication, MediaKind, MediaParticipant, Participant, QueueMediaSettings, WrapUp,
};
use jiff::Timestamp;

use super::sighting::{LegSighting, LegState, Party, Sighting};
use crate::snapshot::{Medium, Millis};

/// A look at a conversation in its generic form: REST `GET /conversations`, and the topic `v2.users.{id}.conversations`.
#[must_use]
pub fn sighting(conversation: &wire::Conversation, me: &str) -> Sighting {
    let participants = &conversation.participants;
    // In events the queue's name is that of the queue's own participant.
    let acd_name =
        participants.iter().rev().find(|p| is(p.purpose.as_deref(), "acd")).and_then(|p| text(p.name.as_deref()));
    let mut legs = Vec::new();
    let mut asked_back = Party::default();
    for participant in participants.iter().filter(|p| mine(p.user_id.as_deref(), p.purpose.as_deref(), me)) {
        for (kind, leg) in participant.communications().filter(|(_, leg)| !leg.id.is_empty()) {
            legs.push(generic_leg(participant, kind, leg, acd_name.as_deref()));
            asked_back = asked_back.or(Party::to_call_back(leg.callback_user_name.as_deref(), &leg.callback_numbers));
        }
    }
    let others: Vec<_> = participants.iter().filter(|p| p.user_id.as_deref() != Some(me)).collect();
    let callers: Vec<_> = others.iter().copied().filter(|p| customer(p.purpose.as_deref())).collect();
    let colleagues: Vec<_> = others.iter().copied().filter(|p| colleague(p.purpose.as_deref())).collect();
    let side = if callers.is_empty() { &colleagues } else { &callers };
    Sighting {
        conversation: conversation.id.clone(),
        caller: side.iter().map(|p| generic_party(p)).find(Party::known).unwrap_or_default().or(asked_back),
        caller_gone: !side.is_empty() && side.iter().all(|p| generic_left(p)),
        ended: conversation.end_time.is_some()
            || conversation.state.as_deref().is_some_and(|word| leg_state(word, false) == LegState::Disconnected)
            || (participants.len() > 1 && participants.iter().all(generic_left)),
        legs,
    }
}

/// A look at a conversation in the flat form of one kind, as `GET /conversations/calls/{id}` and its like give it.
#[must_use]
pub fn media_sighting(conversation: &wire::MediaConversation, kind: MediaKind, me: &str) -> Sighting {
    let participants = &conversation.participants;
    let user = |p: &MediaParticipant| p.user.as_ref().map(|user| user.id.clone());
    let acd_name =
        participants.iter().rev().find(|p| is(p.purpose.as_deref(), "acd")).and_then(|p| text(p.name.as_deref()));
    let mut legs = Vec::new();
    let mut asked_back = Party::default();
    for p in participants.iter().filter(|p| !p.id.is_empty() && mine(user(p).as_deref(), p.purpose.as_deref(), me)) {
        legs.push(media_leg(p, kind, acd_name.as_deref()));
        asked_back = asked_back.or(Party::to_call_back(p.callback_user_name.as_deref(), &p.callback_numbers));
    }
    let others: Vec<_> = participants.iter().filter(|p| user(p).as_deref() != Some(me)).collect();
    let callers: Vec<_> = others.iter().copied().filter(|p| customer(p.purpose.as_deref())).collect();
    let colleagues: Vec<_> = others.iter().copied().filter(|p| colleague(p.purpose.as_deref())).collect();
    let side = if callers.is_empty() { &colleagues } else { &callers };
    Sighting {
        conversation: conversation.id.clone(),
        legs,
        caller: side.iter().map(|p| media_party(p)).find(Party::known).unwrap_or_default().or(asked_back),
        caller_gone: !side.is_empty() && side.iter().all(|p| media_left(p)),
        // One kind can be over while another goes on: a callback, once its call is there.
        ended: false,
    }
}

/// The desk's word for a kind of conversation.
#[must_use]
pub fn medium(kind: MediaKind) -> Medium {
    match kind {
        MediaKind::Call => Medium::Call,
        MediaKind::Callback => Medium::Callback,
        MediaKind::Message => Medium::Message,
        MediaKind::Email => Medium::Email,
        MediaKind::Chat => Medium::Chat,
        MediaKind::Video => Medium::Video,
        MediaKind::Screenshare => Medium::Screenshare,
        MediaKind::Cobrowse => Medium::Cobrowse,
        MediaKind::Social => Medium::Social,
        // Internal messages have no paths of their own.
        MediaKind::Internal | MediaKind::Generic => Medium::Other,
    }
}

/// Conversations of this kind have a flat form that can be read by id without a permission.
pub(super) fn readable_alone(medium: Medium) -> bool {
    matches!(medium, Medium::Call | Medium::Callback | Medium::Message | Medium::Email | Medium::Cobrowse)
}

/// How far a leg with this word has got. `outbound`: then "contacting" is this agent's own dialling.
fn leg_state(word: &str, outbound: bool) -> LegState {
    match word.to_ascii_lowercase().as_str() {
        "contacting" if outbound => LegState::Connected,
        "alerting" | "contacting" | "offering" => LegState::Alerting,
        "connected" | "dialing" | "parked" | "transmitting" | "converting" => LegState::Connected,
        "disconnected" | "terminated" => LegState::Disconnected,
        _ => LegState::Other,
    }
}

fn generic_leg(p: &Participant, kind: MediaKind, leg: &Communication, acd_name: Option<&str>) -> LegSighting {
    let outbound = is(leg.direction.as_deref(), "outbound");
    let word = leg.state.as_deref().unwrap_or_default();
    let settings = leg.queue_media_settings.as_ref();
    let acw = leg.after_call_work.as_ref().and_then(|acw| acw.state.as_deref());
    let wrap_up = WrapUpFacts {
        given: given(p.wrapup.as_ref()) || given(leg.wrapup.as_ref()),
        skipped: p.wrapup_skipped == Some(true),
        ended: p.end_acw_time.is_some(),
        work: acw,
        required: p.wrapup_required == Some(true) || leg.after_call_work_required == Some(true),
        prompt: p.wrapup_prompt.as_deref(),
        began: p.start_acw_time.is_some(),
    };
    LegSighting {
        leg: leg.id.clone(),
        participant: p.id.clone(),
        purpose: p.purpose.clone().unwrap_or_default().to_ascii_lowercase(),
        medium: medium(kind),
        message_type: leg.message_type.clone().filter(|_| kind == MediaKind::Message),
        outbound,
        state: leg_state(word, outbound),
        state_word: word.to_ascii_lowercase(),
        held: leg.held.unwrap_or(false),
        muted: leg.muted.unwrap_or(false),
        queue_id: text(p.queue_id.as_deref()),
        queue_name: text(p.queue_name.as_deref()).or_else(|| p.queue_id.as_ref().and(acd_name.map(Into::into))),
        subject: text(leg.subject.as_deref()),
        alerting_since: millis(leg.start_alerting_time),
        connected_at: millis(leg.connected_time),
        disconnected_at: millis(leg.disconnected_time.or(p.end_time)),
        disconnect_type: leg.disconnect_type.as_deref().map(str::to_ascii_lowercase),
        alerting_timeout_ms: p.alerting_timeout_ms.or_else(|| stated_timeout(settings)),
        auto_answer: settings.and_then(|settings| settings.enable_auto_answer).unwrap_or(false),
        wrap_up_due: wrap_up.due(),
        error: leg.error_info.as_ref().and_then(error_text),
    }
}

fn media_leg(p: &MediaParticipant, kind: MediaKind, acd_name: Option<&str>) -> LegSighting {
    let outbound = is(p.direction.as_deref(), "outbound");
    let word = p.state.as_deref().unwrap_or_default();
    let settings = p.queue_media_settings.as_ref();
    let queue = p.queue.as_ref();
    let wrap_up = WrapUpFacts {
        given: given(p.wrapup.as_ref()),
        skipped: p.wrapup_skipped == Some(true),
        ended: p.end_acw_time.is_some(),
        work: None,
        required: p.wrapup_required == Some(true),
        prompt: p.wrapup_prompt.as_deref(),
        began: p.start_acw_time.is_some(),
    };
    LegSighting {
        leg: p.id.clone(),
        participant: p.id.clone(),
        purpose: p.purpose.clone().unwrap_or_default().to_ascii_lowercase(),
        medium: medium(kind),
        message_type: p.message_type.clone().filter(|_| kind == MediaKind::Message),
        outbound,
        state: leg_state(word, outbound),
        state_word: word.to_ascii_lowercase(),
        held: p.held.unwrap_or(false),
        muted: p.muted.unwrap_or(false),
        queue_id: queue.and_then(|queue| text(Some(&queue.id))),
        queue_name: queue.and_then(|queue| text(queue.name.as_deref()).or_else(|| acd_name.map(Into::into))),
        subject: text(p.subject.as_deref()),
        alerting_since: millis(p.start_alerting_time),
        connected_at: millis(p.connected_time),
        disconnected_at: millis(p.end_time),
        disconnect_type: p.disconnect_type.as_deref().map(str::to_ascii_lowercase),
        alerting_timeout_ms: p.alerting_timeout_ms.or_else(|| stated_timeout(settings)),
        auto_answer: settings.and_then(|settings| settings.enable_auto_answer).unwrap_or(false),
        wrap_up_due: wrap_up.due(),
        error: p.error_info.as_ref().and_then(error_text),
    }
}

/// What a source says about wrap-up.
#[allow(clippy::struct_excessive_bools)] // each is a field of Genesys'
struct WrapUpFacts<'a> {
    given: bool,
    skipped: bool,
    ended: bool,
    work: Option<&'a str>,
    required: bool,
    prompt: Option<&'a str>,
    began: bool,
}

impl WrapUpFacts<'_> {
    /// The agent still has to wrap up: what says that it is over goes before what says that it is wanted.
    fn due(&self) -> bool {
        if self.given || self.skipped || self.ended {
            return false;
        }
        let word = |word: Option<&str>, known: &[&str]| known.iter().any(|known| is(word, known));
        if word(self.work, &["complete", "skipped", "notApplicable"]) {
            return false;
        }
        self.began || self.required || word(self.work, &["pending"]) || word(self.prompt, &["mandatory"])
    }
}

fn given(wrap_up: Option<&WrapUp>) -> bool {
    wrap_up.is_some_and(|wrap_up| {
        wrap_up.provisional != Some(true)
            && (wrap_up.code.as_deref().is_some_and(|code| !code.is_empty()) || wrap_up.end_time.is_some())
    })
}

fn error_text(error: &wire::ErrorInfo) -> Option<String> {
    text(error.message.as_deref()).or_else(|| text(error.code.as_deref()))
}

fn stated_timeout(settings: Option<&QueueMediaSettings>) -> Option<Millis> {
    settings?.alerting_timeout_seconds?.checked_mul(1_000)
}

fn generic_left(p: &Participant) -> bool {
    let mut legs = p.communications().map(|(_, leg)| leg).peekable();
    if legs.peek().is_none() {
        return p.end_time.is_some();
    }
    legs.all(|leg| leg_state(leg.state.as_deref().unwrap_or_default(), false) == LegState::Disconnected)
}

fn media_left(p: &MediaParticipant) -> bool {
    match p.state.as_deref() {
        Some(word) => leg_state(word, false) == LegState::Disconnected,
        None => p.end_time.is_some(),
    }
}

fn generic_party(p: &Participant) -> Party {
    let legs = || p.communications().map(|(_, leg)| leg);
    let from = || legs().find_map(|leg| leg.from_address.as_ref());
    let name = p.name.as_deref();
    let callback_name = legs().find_map(|leg| leg.callback_user_name.as_deref());
    let social = legs().find_map(|leg| leg.social_user_name.as_deref());
    let callback_number = legs().find_map(|leg| leg.callback_numbers.first()).map(String::as_str);
    let other = legs().find_map(|leg| leg.self_address.as_ref()).and_then(|address| address.shown());
    Party::of(
        [callback_name, name, from().and_then(|from| from.name.as_deref()), social, p.ani_name.as_deref()],
        [callback_number, p.address.as_deref(), p.ani.as_deref(), from().and_then(|from| from.shown()), other],
    )
}

fn media_party(p: &MediaParticipant) -> Party {
    let from = p.from_address.as_ref();
    Party::of(
        [
            p.callback_user_name.as_deref(),
            p.name.as_deref(),
            from.and_then(|from| from.name.as_deref()),
            p.social_user_name.as_deref(),
            None,
        ],
        [
            p.callback_numbers.first().map(String::as_str),
            p.address.as_deref(),
            p.ani.as_deref(),
            from.and_then(|from| from.shown()),
            None,
        ],
    )
}

impl Party {
    /// The first name and the first address that say something. A "name" that is a number or an address is none.
    fn of(names: [Option<&str>; 5], addresses: [Option<&str>; 5]) -> Self {
        let mut party = Self::default();
        for name in names.into_iter().flatten().filter_map(|name| text(Some(name))) {
            if looks_like_an_address(&name) {
                party.address = party.address.or_else(|| readable_address(&name));
            } else {
                party.name = Some(name);
                break;
            }
        }
        let stated = addresses.into_iter().flatten().find_map(readable_address);
        party.address = stated.or(party.address);
        party
    }

    /// Who asked to be called, as the agent's own leg of a callback says it.
    fn to_call_back(name: Option<&str>, numbers: &[String]) -> Self {
        Self::of([name, None, None, None, None], [numbers.first().map(String::as_str), None, None, None, None])
    }

    /// What is missing here, from `other`.
    fn or(self, other: Self) -> Self {
        Self { name: self.name.or(other.name), address: self.address.or(other.address) }
    }

    fn known(&self) -> bool {
        self.name.is_some() || self.address.is_some()
    }
}

fn looks_like_an_address(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with("tel:")
        || lower.starts_with("sip:")
        || lower.starts_with("sips:")
        || lower.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c))
}

/// An address as a person reads it: `tel:+4930…` is `+4930…`, `sip:` goes, and so do a URI's parameters.
fn readable_address(address: &str) -> Option<String> {
    let address = address.trim();
    let rest = ["tel:", "sips:", "sip:", "mailto:"].into_iter().find_map(|scheme| {
        let head = address.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &address[scheme.len()..])
    });
    let bare = match rest {
        Some(rest) => rest.split(';').next().unwrap_or_default(),
        None => address,
    };
    text(Some(bare))
}

fn mine(user: Option<&str>, purpose: Option<&str>, me: &str) -> bool {
    user == Some(me) && !me.is_empty() && !is(purpose, "voicemail")
}

fn customer(purpose: Option<&str>) -> bool {
    is(purpose, "customer") || is(purpose, "external")
}

/// Somebody of the organisation's, as opposed to its machines. Purposes are free text: an unknown one may be a person.
fn colleague(purpose: Option<&str>) -> bool {
    const MACHINES: [&str; 8] = ["acd", "ivr", "voicemail", "workflow", "botflow", "dialer.system", "api", "fax"];
    !MACHINES.iter().any(|machine| is(purpose, machine))
}

fn is(word: Option<&str>, wanted: &str) -> bool {
    word.is_some_and(|word| word.eq_ignore_ascii_case(wanted))
}

/// The text, unless it is blank.
fn text(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(Into::into)
}

fn millis(at: Option<Timestamp>) -> Option<Millis> {
    at.map(Timestamp::as_millisecond)
}
