//! Session, link, feed and desk as one pure machine: (state, input, now) -> (state, effects).
//!
//! What one room says to another goes through one queue here, first in, first out, so that an input has been dealt with
//! in every room before the next one is looked at. The driver performs the effects and feeds their results back.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use earshot_genesys::api::TopicResult;
use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::notification::{FrameError, Notification, SystemKind, SystemMessage};
use earshot_genesys::topics::Topic;
use earshot_genesys::transport::Frame;
use earshot_genesys::wire;

use crate::desk::{self, Desk};
use crate::event::{Event, Source};
use crate::feed::{self, Feed};
use crate::limits::WAKE_JUMP;
use crate::link::{self, Heard, Link};
use crate::moment::{Moment, millis};
use crate::plan::Plan;
use crate::record::{Fact, Owed};
use crate::session::{self, Session};
use crate::snapshot::{LinkView, Millis, Snapshot, Trouble};
use crate::trouble;
use crate::verdict::Signal;

mod chronicle;
mod io;
mod notices;
#[cfg(test)]
mod tests;

pub use io::{Effect, Input};
use notices::Notices;

/// What one room says to another.
#[derive(Debug)]
enum Inner {
    Session(session::Input),
    Link(link::Input),
    Feed(feed::Input),
    Desk(desk::io::Input),
    /// The desk is cleared after sign-out.
    ClearDesk,
}

/// Whether what the desk tells was hidden by a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Recovering {
    /// It was told by the socket.
    No,
    /// By a re-list.
    Now,
    /// By analytics, about the gap that began then.
    Past(Millis),
}

/// The whole engine, without a clock, a socket, a task or a random source.
#[derive(Debug, Default)]
pub struct Machine {
    plan: Plan,
    session: Session,
    link: Link,
    feed: Feed,
    desk: Desk,
    notices: Notices,
    queue: VecDeque<Inner>,
    last: Option<Moment>,
    shown: Option<LinkView>,
    proof: chronicle::Proof,
    on_queue: bool,
    /// The token is kept alive: the agent is on queue or in a conversation, or the plan wants it always.
    in_use: bool,
    summary: Option<Box<wire::ConversationSummary>>,
    /// What is known of each topic: granted, or why not.
    granted: BTreeMap<String, (bool, Option<String>)>,
}

impl Machine {
    /// A machine that listens to this, and that may owe the time since an earlier run.
    #[must_use]
    pub fn new(plan: Plan, owed: Option<Owed>) -> Self {
        let feed = Feed::new(owed);
        Self { plan, feed, ..Self::default() }
    }

    /// The whole state, for those who draw or print it. The caller gives the revision.
    #[must_use]
    pub fn snapshot(&self, revision: u64, now: Moment) -> Snapshot {
        Snapshot {
            revision,
            link: self.link_view(now),
            agent: self.desk.agent_view(),
            offers: self.desk.offers(),
            conversations: self.desk.conversations(),
            missed: self.desk.missed(),
            notices: self.notices.all(self.feed.notice()),
        }
    }

    /// The moment of the next needed [`Input::Tick`], on the monotonic clock.
    #[must_use]
    pub fn deadline(&self) -> Option<Duration> {
        [self.session.deadline(), self.link.deadline(), self.feed.deadline(), self.desk.deadline()]
            .into_iter()
            .flatten()
            .min()
    }

    /// The generation of the token in use.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.session.generation()
    }

    /// Whether this renewal is the one that is awaited; the result of any other is to be forgotten.
    #[must_use]
    pub fn awaits_renewal(&self, attempt: u64) -> bool {
        self.session.awaits_renewal(attempt)
    }

    /// Whether anybody is signed in.
    #[must_use]
    pub fn signed_in(&self) -> bool {
        self.session.signed_in()
    }

    /// The record cannot be kept, or can be again. That is a notice and nothing more: no clock is looked at, and nothing
    /// has to be done.
    pub fn recorder(&mut self, trouble: Option<Trouble>) {
        self.notices.recorder = trouble;
    }

    /// One step.
    pub fn handle(&mut self, input: Input, now: Moment) -> Vec<Effect> {
        let mut effects = Vec::new();
        let slept = self.look_for_sleep(now, &mut effects);
        self.admit(input, now, &mut effects);
        // Looking at the clock is cheap, and keeps a busy input from starving a timer. What the first two say to the others
        // comes before the others' own clocks: nothing is asked for a connection that was found dead in the same step.
        self.queue.extend([Inner::Session(session::Input::Tick), Inner::Link(link::Input::Tick)]);
        self.drain(now, &mut effects);
        self.queue.extend([Inner::Feed(feed::Input::Tick), Inner::Desk(desk::io::Input::Tick)]);
        self.drain(now, &mut effects);
        let view = self.link_view(now);
        if self.shown.as_ref().is_none_or(|shown| (shown.state, shown.caught_up) != (view.state, view.caught_up)) {
            self.tell(Event::Link(view.clone()), &mut effects);
            self.shown = Some(view);
        }
        if !slept {
            // What is read first after a sleep may have come before it.
            self.note_hearing(now, &mut effects);
        }
        effects
    }

    /// What one room says to another, first in, first out, until nobody has anything to say.
    fn drain(&mut self, now: Moment, effects: &mut Vec<Effect>) {
        while let Some(inner) = self.queue.pop_front() {
            match inner {
                Inner::Session(input) => {
                    for output in self.session.handle(input, now) {
                        self.route_session(output, effects);
                    }
                }
                Inner::Link(input) => {
                    for output in self.link.handle(input, now) {
                        self.route_link(output, effects);
                    }
                }
                Inner::Feed(input) => {
                    for output in self.feed.handle(input, now) {
                        self.route_feed(output, effects);
                    }
                }
                Inner::Desk(input) => {
                    use desk::io::Input::{Gone, Past, Seen};
                    let recovering = match &input {
                        Seen { source: Source::Recovered, .. } | Gone { .. } => Recovering::Now,
                        Past { since, .. } => Recovering::Past(*since),
                        _ => Recovering::No,
                    };
                    let outputs = self.desk.handle(input, now);
                    self.route_desk(outputs, recovering, effects);
                }
                Inner::ClearDesk => {
                    let outputs = self.desk.reset();
                    self.route_desk(outputs, Recovering::No, effects);
                }
            }
        }
    }

    fn look_for_sleep(&mut self, now: Moment, effects: &mut Vec<Effect>) -> bool {
        let Some(last) = self.last.replace(now) else { return false };
        let ran = millis(now.mono.saturating_sub(last.mono));
        let slept = now.wall - last.wall - ran;
        if slept <= millis(WAKE_JUMP) {
            return false;
        }
        if self.signed_in() {
            self.note(Fact::Slept { from: now.wall - slept, to: now.wall }, effects);
        }
        self.woke();
        true
    }

    fn woke(&mut self) {
        self.queue.extend([
            Inner::Session(session::Input::Retry),
            Inner::Link(link::Input::Woke),
            Inner::Feed(feed::Input::Woke),
        ]);
    }

    fn admit(&mut self, input: Input, now: Moment, effects: &mut Vec<Effect>) {
        let signing_out = matches!(input, Input::SignedOut);
        let inner = match input {
            Input::SignedIn { renewal, secrets, lifetime } => {
                self.note(Fact::SignedIn { renewal: chronicle::renewal_word(renewal) }, effects);
                Inner::Session(session::Input::SignedIn { renewal, secrets, lifetime })
            }
            Input::Resume { renewal, secrets } => Inner::Session(session::Input::Resume { renewal, secrets }),
            Input::SignedOut | Input::Closed => {
                self.queue.extend([
                    Inner::Session(session::Input::SignedOut),
                    Inner::Link(link::Input::SignedOut),
                    Inner::Feed(feed::Input::SignedOut),
                ]);
                if signing_out && self.signed_in() {
                    self.note(Fact::SignedOut, effects);
                } else {
                    self.note_last_heard(effects);
                }
                self.proof = chronicle::Proof::default();
                self.notices = Notices::default();
                self.summary = None;
                self.granted.clear();
                Inner::ClearDesk
            }
            Input::Command(command) => Inner::Desk(desk::io::Input::Command(command)),
            Input::ReconnectNow => {
                self.queue.push_back(Inner::Session(session::Input::Retry));
                Inner::Link(link::Input::ReconnectNow)
            }
            Input::Woke => return self.woke(),
            Input::Checked { generation, check, retry_after } => {
                Inner::Session(session::Input::Checked { generation, check, retry_after })
            }
            Input::IdleTimeout { generation, timeout } => {
                Inner::Session(session::Input::IdleTimeout { generation, timeout })
            }
            Input::Touched { generation, check, retry_after } => {
                Inner::Session(session::Input::Touched { generation, check, retry_after })
            }
            Input::Renewed { attempt, lifetime } => {
                if self.session.awaits_renewal(attempt) {
                    let fact = match self.session.first_token() {
                        Some(renewal) => Fact::SignedIn { renewal: chronicle::renewal_word(renewal) },
                        None => Fact::Renewed { generation: self.session.generation() + 1, lifetime },
                    };
                    self.note(fact, effects);
                }
                Inner::Session(session::Input::Renewed { attempt, lifetime })
            }
            Input::RenewFailed { attempt, error } => {
                if self.session.awaits_renewal(attempt) {
                    let trouble = trouble::of_signal(&Signal::TokenEndpoint(error.clone()));
                    self.note(Fact::RenewFailed { trouble }, effects);
                }
                Inner::Session(session::Input::RenewFailed { attempt, error })
            }
            Input::Reread { attempt, changed } => Inner::Session(session::Input::Reread { attempt, changed }),
            Input::Store(trouble) => {
                self.notices.store = trouble;
                return;
            }
            Input::Identified { epoch, result } => self.identified(epoch, result, effects),
            Input::ChannelCreated { epoch, result } => {
                Inner::Link(link::Input::ChannelCreated { epoch, result: self.local(result) })
            }
            Input::Expiry { epoch, result } => Inner::Link(link::Input::Expiry { epoch, result: self.local(result) }),
            Input::Subscribed { epoch, result } => self.subscribed(epoch, result, effects),
            Input::Opened { epoch } => Inner::Link(link::Input::Opened { epoch }),
            Input::NotOpened { epoch, error } => Inner::Link(link::Input::NotOpened { epoch, error }),
            Input::Frame { epoch, frame } => return self.frame(epoch, frame, effects),
            Input::Ended { epoch, end } => {
                self.queue.push_back(Inner::Link(link::Input::Quiet(self.session.quiet(now))));
                Inner::Link(link::Input::Ended { epoch, end })
            }
            Input::Listed { look, generation, result } => {
                self.answered(generation, result.as_ref().err());
                let known = self.desk.alive().map(|(id, medium)| (id.to_owned(), medium)).collect();
                Inner::Feed(feed::Input::Listed { look, result, known })
            }
            Input::MeRead { look, generation, result } => {
                self.answered(generation, result.as_ref().err());
                Inner::Feed(feed::Input::MeRead { look, result })
            }
            Input::LookedUp { conversation, medium, generation, result } => {
                self.answered(generation, result.as_ref().err());
                Inner::Feed(feed::Input::LookedUp { conversation, medium, result })
            }
            Input::Said { look, said } => Inner::Feed(feed::Input::Said { look, said }),
            Input::Read { ask, reading, generation, result } => {
                self.answered(generation, result.as_ref().err());
                Inner::Feed(feed::Input::Read { ask, reading, result })
            }
            Input::LookedBack { ask, generation, result } => {
                self.answered(generation, result.as_ref().err());
                Inner::Feed(feed::Input::LookedBack { ask, result })
            }
            Input::Acted { action, generation, result } => {
                self.answered(generation, result.as_ref().err());
                let trouble = result.as_ref().err().map(trouble::of_api_error);
                self.note(Fact::ActionAnswered { action, trouble }, effects);
                Inner::Desk(desk::io::Input::Acted { action, result })
            }
            Input::Tick => return,
        };
        self.queue.push_back(inner);
    }

    /// What an answer says about the token it was asked with: success that it is good, 401 that it may not be; nothing
    /// else says anything.
    fn answered(&mut self, generation: u64, error: Option<&ApiError>) {
        let input = match error {
            None => session::Input::Accepted { generation },
            Some(ApiError::Status(status)) if status.status == 401 && !status.html => {
                session::Input::Suspect { generation }
            }
            Some(_) => return,
        };
        self.queue.push_back(Inner::Session(input));
    }

    /// The end of a channel by this computer's clock.
    fn local(&self, result: Result<Option<Millis>, ApiError>) -> Result<Option<Millis>, ApiError> {
        result.map(|expires| expires.map(|at| self.desk.local(at)))
    }

    fn identified(&mut self, epoch: u64, result: Result<Box<wire::Me>, ApiError>, effects: &mut Vec<Effect>) -> Inner {
        let result = match result {
            // Client credentials have no user. Genesys: 400 not.a.user.
            Err(ApiError::Status(status)) if not_a_user(&status) && !self.plan.needs_user() => {
                self.note_userless(effects);
                Ok(())
            }
            Ok(me) if me.id.is_empty() => Err(ApiError::Malformed { call: "users/me", html: false }),
            Ok(me) if self.link.hears(epoch) => {
                if self.desk.me().is_some_and(|known| known != me.id) {
                    self.queue.push_back(Inner::Link(link::Input::OtherPerson { epoch }));
                }
                self.feed.identify(&me);
                self.queue.push_back(Inner::Desk(desk::io::Input::Me(me)));
                Ok(())
            }
            Ok(_) => Ok(()),
            Err(error) => Err(error),
        };
        Inner::Link(link::Input::Identified { epoch, result })
    }

    fn subscribed(
        &mut self,
        epoch: u64,
        result: Result<Vec<TopicResult>, ApiError>,
        effects: &mut Vec<Effect>,
    ) -> Inner {
        let result = result.map(|topics| {
            if self.link.hears(epoch) {
                self.note_topics(&topics, effects);
                let granted = topics.iter().filter(|topic| topic.permitted).map(|topic| topic.topic.clone());
                let granted = feed::Input::Topics { topics: granted.collect(), thorough: self.plan.is_listed() };
                self.queue.push_back(Inner::Feed(granted));
                self.notices.topics = topics.iter().filter(|topic| !topic.permitted).map(notices::rejected).collect();
            }
            let granted = topics.iter().filter(|topic| topic.permitted).map(|topic| &topic.topic);
            self.plan.satisfied_by(self.desk.me(), granted)
        });
        Inner::Link(link::Input::Subscribed { epoch, result })
    }

    fn topics(&self) -> Vec<Topic> {
        self.plan.topics(self.desk.me())
    }

    fn frame(&mut self, epoch: u64, frame: Frame, effects: &mut Vec<Effect>) {
        // Frames of an older socket are not ours any more. In a hand-over both sockets are.
        if !self.link.hears(epoch) {
            return;
        }
        let mut heard = Heard::Frame;
        match frame {
            Frame::Text(text) => match Notification::parse(&text) {
                Ok(Notification::Heartbeat) => {}
                Ok(Notification::Pong) => heard = Heard::Pong,
                Ok(Notification::System(message)) => heard = system(&message),
                Ok(Notification::InBand { result, .. }) => heard = Heard::InBand(result),
                Ok(Notification::Topic { topic, body, .. }) => {
                    self.queue.push_back(Inner::Feed(feed::Input::Topic { epoch, topic, body }));
                }
                Err(error) => self.unreadable(&error, effects),
            },
            Frame::Binary(bytes) => self.unreadable(&FrameError::binary(&bytes), effects),
            Frame::Pong => heard = Heard::Pong,
            Frame::Ping | Frame::Close { .. } => {}
        }
        self.queue.push_front(Inner::Link(link::Input::Heard { epoch, heard }));
    }

    fn unreadable(&mut self, error: &FrameError, effects: &mut Vec<Effect>) {
        self.note(Fact::Unreadable { fingerprint: error.to_string() }, effects);
        self.queue.push_back(Inner::Feed(feed::Input::Unreadable { fingerprint: error.to_string() }));
    }

    fn route_session(&mut self, output: session::Output, effects: &mut Vec<Effect>) {
        match output {
            session::Output::Check { generation } => effects.push(Effect::Check { generation }),
            session::Output::AskIdle { generation } => effects.push(Effect::AskIdle { generation }),
            session::Output::Touch { generation } => effects.push(Effect::Touch { generation }),
            session::Output::Renew { attempt, secret } => effects.push(Effect::Renew { attempt, secret }),
            session::Output::RereadCredential { attempt } => effects.push(Effect::RereadCredential { attempt }),
            session::Output::Usable { generation, proved, fresh } => {
                self.queue.push_back(Inner::Feed(feed::Input::Token(true)));
                self.queue.push_back(Inner::Link(link::Input::Token { generation, proved, fresh }));
            }
            session::Output::Dead { generation, used_at } => {
                self.queue.push_back(Inner::Link(link::Input::TokenDead { generation }));
                self.queue.push_back(Inner::Feed(feed::Input::Doubt { since: used_at }));
            }
            session::Output::Waiting { trouble, until } => {
                self.queue.push_back(Inner::Link(link::Input::TokenWaiting { trouble, until }));
            }
            session::Output::SignInNeeded(trouble) => {
                self.notices.expiring = None;
                self.queue.push_back(Inner::Feed(feed::Input::Token(false)));
                self.queue.push_back(Inner::Link(link::Input::TokenLost(trouble)));
            }
            session::Output::Expiring(trouble) => self.notices.expiring = trouble,
        }
    }

    fn route_link(&mut self, output: link::Output, effects: &mut Vec<Effect>) {
        match output {
            link::Output::Identify { epoch, generation } => effects.push(Effect::Identify { epoch, generation }),
            link::Output::CreateChannel { epoch, generation } => {
                effects.push(Effect::CreateChannel { epoch, generation });
            }
            link::Output::Subscribe { epoch, generation } => {
                self.queue.push_back(Inner::Feed(feed::Input::Joins { epoch }));
                effects.push(Effect::Subscribe { epoch, generation, topics: self.topics() });
            }
            link::Output::AskExpiry { epoch, generation } => effects.push(Effect::AskExpiry { epoch, generation }),
            link::Output::Dial { epoch } => effects.push(Effect::Dial { epoch }),
            link::Output::Ping { epoch } => effects.push(Effect::Ping { epoch }),
            link::Output::Drop { epoch } => {
                self.queue.push_back(Inner::Feed(feed::Input::Leaves { epoch }));
                effects.push(Effect::Drop { epoch });
            }
            link::Output::Compare { epoch } => self.queue.push_back(Inner::Feed(feed::Input::Compare { epoch })),
            link::Output::HandOver(phase) => self.note(Fact::HandOver(phase), effects),
            link::Output::Suspect { generation } => {
                self.queue.push_back(Inner::Session(session::Input::Suspect { generation }));
            }
            link::Output::Accepted { generation } => {
                self.queue.push_back(Inner::Session(session::Input::Accepted { generation }));
            }
            link::Output::Revoked { generation } => {
                self.queue.push_back(Inner::Session(session::Input::Revoked { generation }));
            }
            link::Output::Lost { verified, trouble, evicted } => {
                self.notices.evicted = evicted.then(|| trouble.clone());
                // The monotonic clock may have stood still in a sleep; the wall clock of the last frame knows better.
                let verified = self.proof.at().map_or(verified, |proved| verified.min(proved));
                self.queue.push_back(Inner::Feed(feed::Input::Lost { verified, trouble, evicted }));
            }
            link::Output::Up => {
                self.notices.evicted = None;
                self.queue.push_back(Inner::Feed(feed::Input::Up));
            }
        }
    }

    fn route_feed(&mut self, output: feed::Output, effects: &mut Vec<Effect>) {
        let generation = self.session.generation();
        let inner = match output {
            feed::Output::List { look } => return effects.push(Effect::List { look, generation }),
            feed::Output::ReadMe { look } => return effects.push(Effect::ReadMe { look, generation }),
            feed::Output::LookUp { conversation, medium } => {
                let me = self.desk.me().unwrap_or_default().to_owned();
                return effects.push(Effect::LookUp { conversation, medium, me, generation });
            }
            feed::Output::Tell(event) => return self.tell(event, effects),
            feed::Output::Event(event) => return self.note(Fact::Event(event), effects),
            feed::Output::Hampered(trouble) => {
                self.notices.hampered = trouble;
                return;
            }
            feed::Output::Seen { sighting, source } => Inner::Desk(desk::io::Input::Seen { sighting, source }),
            feed::Output::Read { ask, reading } => return effects.push(Effect::Read { ask, reading, generation }),
            feed::Output::LookBack(question) => return effects.push(Effect::LookBack { question, generation }),
            feed::Output::Past { sighting, gap, why } => {
                Inner::Desk(desk::io::Input::Past { sighting, since: gap, why })
            }
            feed::Output::Gone { conversation } => Inner::Desk(desk::io::Input::Gone { conversation }),
            feed::Output::Me(me) => Inner::Desk(desk::io::Input::Me(me)),
            feed::Output::Presence(presence) => Inner::Desk(desk::io::Input::Presence(presence)),
            feed::Output::Routing(routing) => Inner::Desk(desk::io::Input::Routing(routing)),
            feed::Output::Deafness(gap) => {
                let (since, why) = gap.unzip();
                Inner::Desk(desk::io::Input::Deaf { why, since })
            }
            feed::Output::MissedUnseen { at, why } => Inner::Desk(desk::io::Input::MissedUnseen { at, why }),
            feed::Output::Summary(summary) => {
                self.summary = Some(summary);
                return self.compare(feed::Input::Disagreement);
            }
            feed::Output::Compare => return self.compare(feed::Input::StillDisagreement),
            feed::Output::Looked => Inner::Feed(feed::Input::Looked),
            feed::Output::Settle => Inner::Feed(feed::Input::Settle),
            feed::Output::Deaf => Inner::Link(link::Input::Deaf),
            feed::Output::Compared { epoch } => Inner::Link(link::Input::Compared { epoch }),
        };
        self.queue.push_back(inner);
    }

    /// Tells the feed where Genesys' own counts of this agent's queue conversations differ from the desk's.
    fn compare(&mut self, difference: feed::Input) {
        let Some(summary) = &self.summary else { return };
        let counts = self.desk.counts();
        let differs = summary.kinds().any(|(kind, summary)| {
            let told = summary.contact_center.as_ref().and_then(|count| count.active).unwrap_or(0);
            let count = counts.get(&desk::read::medium(kind)).copied().unwrap_or_default();
            // Genesys does not say whether what alerts counts as active.
            told != i64::from(count.connected) && told != i64::from(count.connected + count.alerting)
        });
        if differs {
            self.queue.push_back(Inner::Feed(difference));
        }
    }

    fn route_desk(&mut self, outputs: Vec<desk::io::Output>, recovering: Recovering, effects: &mut Vec<Effect>) {
        let (mut recovered, mut missed) = (0, 0);
        for output in outputs {
            match output {
                desk::io::Output::Tell(event) => {
                    // What the socket told is nothing that the gap hid; what nobody saw the feed has counted itself.
                    recovered += 1;
                    missed += u32::from(matches!(event, Event::Missed(_)));
                    self.tell(event, effects);
                }
                desk::io::Output::Act { action, request } => {
                    self.note_action(action, &request, effects);
                    effects.push(Effect::Act { action, request, generation: self.session.generation() });
                }
                desk::io::Output::Reread { conversation, medium } => {
                    self.queue.push_back(Inner::Feed(feed::Input::Reread { conversation, medium }));
                }
                desk::io::Output::RereadAgent => self.queue.push_back(Inner::Feed(feed::Input::RereadAgent)),
                desk::io::Output::Refused { command, trouble } => {
                    self.tell(Event::ActionFailed { leg: leg_of(&command), trouble }, effects);
                }
            }
        }
        if recovered + missed > 0 {
            let found = match recovering {
                Recovering::No => None,
                Recovering::Now => Some(feed::Input::Found { recovered, missed }),
                Recovering::Past(gap) => Some(feed::Input::FoundPast { gap, recovered, missed }),
            };
            // Before all else: the feed may be about to close the gap.
            self.queue.extend(found.map(Inner::Feed));
            self.queue.rotate_right(usize::from(recovering != Recovering::No));
        }
        let on_queue = self.desk.on_queue();
        let in_use = self.plan.always_awake() || on_queue || self.desk.alive().next().is_some();
        if in_use != std::mem::replace(&mut self.in_use, in_use) {
            self.queue.push_back(Inner::Session(session::Input::KeepAlive(in_use)));
        }
        if on_queue != std::mem::replace(&mut self.on_queue, on_queue) {
            self.queue.push_back(Inner::Feed(feed::Input::OnQueue(on_queue)));
        }
    }

    fn link_view(&self, now: Moment) -> LinkView {
        LinkView { caught_up: self.feed.caught_up(), ..self.link.view(now) }
    }
}

fn system(message: &SystemMessage) -> Heard {
    let revoked = message.reason.as_deref() == Some("user_tokens_revoked");
    match message.kind {
        SystemKind::SocketClosing => Heard::Closing,
        SystemKind::TokenRevoked => Heard::Revoked,
        SystemKind::NoLongerSubscribed | SystemKind::SubscriptionChanged if revoked => Heard::Revoked,
        SystemKind::NoLongerSubscribed | SystemKind::SubscriptionChanged => Heard::Evicted,
        SystemKind::Unknown(_) => Heard::Frame,
    }
}

fn not_a_user(status: &StatusError) -> bool {
    status.status == 400 && status.code.as_deref() == Some("not.a.user")
}

fn leg_of(command: &desk::io::Command) -> Option<String> {
    match command {
        desk::io::Command::Answer { leg } | desk::io::Command::Decline { leg } | desk::io::Command::Dismiss { leg } => {
            Some(leg.clone())
        }
        desk::io::Command::SetPresence { .. }
        | desk::io::Command::SetOnQueue { .. }
        | desk::io::Command::BackOnQueue
        | desk::io::Command::ForgetMissed { .. } => None,
    }
}
