//! What each room says, and whom it concerns: another room, or the driver.

use super::{Effect, Inner, Machine, Recovering};
use crate::event::Event;
use crate::record::Fact;
use crate::{desk, feed, link, session};

impl Machine {
    pub(super) fn route_session(&mut self, output: session::Output, effects: &mut Vec<Effect>) {
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

    pub(super) fn route_link(&mut self, output: link::Output, effects: &mut Vec<Effect>) {
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

    pub(super) fn route_feed(&mut self, output: feed::Output, effects: &mut Vec<Effect>) {
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

    pub(super) fn route_desk(
        &mut self,
        outputs: Vec<desk::io::Output>,
        recovering: Recovering,
        effects: &mut Vec<Effect>,
    ) {
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
        self.keep_alive();
        if on_queue != std::mem::replace(&mut self.on_queue, on_queue) {
            self.queue.push_back(Inner::Feed(feed::Input::OnQueue(on_queue)));
        }
    }

    /// Genesys ends a token that lies unused. It is used now and then while that would hurt somebody.
    pub(super) fn keep_alive(&mut self) {
        let works = self.desk.on_queue() || self.desk.alive().next().is_some() || self.person_here;
        let in_use = self.plan.always_awake() || (works && !self.plan.never_awake());
        if in_use != std::mem::replace(&mut self.in_use, in_use) {
            self.queue.push_back(Inner::Session(session::Input::KeepAlive(in_use)));
        }
    }
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
