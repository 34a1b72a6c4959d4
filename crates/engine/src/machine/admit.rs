//! What comes in from the driver, and which room it is for.

use earshot_genesys::api::TopicResult;
use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::notification::{FrameError, Notification, SystemKind, SystemMessage};
use earshot_genesys::transport::Frame;
use earshot_genesys::wire;

use super::notices::{self, Notices};
use super::{Effect, Inner, Input, Machine, chronicle};
use crate::link::Heard;
use crate::moment::Moment;
use crate::record::Fact;
use crate::snapshot::Millis;
use crate::verdict::Signal;
use crate::{desk, feed, link, session, trouble};

impl Machine {
    pub(super) fn admit(&mut self, input: Input, now: Moment, effects: &mut Vec<Effect>) {
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
            // What comes after is the sleep's. The socket stays: after a nap it may be as good as before.
            Input::GoingToSleep => return self.note_last_heard(effects),
            Input::PersonHere(here) => {
                self.person_here = here;
                return self.keep_alive();
            }
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
