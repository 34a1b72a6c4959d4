//! What each step of a series does to the machine and to its world.

use super::*;

impl Run {
    fn sleep(&mut self, span: Duration, sockets: Sockets) -> Broken {
        self.asleep = Some((self.cloud.now + span, sockets));
        let began = self.cloud.now;
        self.pass(span)?;
        let Some((_, sockets)) = self.asleep.take() else { return Ok(()) };
        self.slept += self.cloud.now.saturating_sub(began);
        self.cloud.sleeps.push((began, self.cloud.now));
        let mono = self.mono();
        self.witness.doubt(mono, true);
        for epoch in self.cloud.live() {
            match sockets {
                Sockets::Stay => {}
                Sockets::HalfOpen => self.half_open(epoch),
                Sockets::Break => self.cloud.close(epoch, None, ""),
            }
        }
        // The driver looks at the clocks once a second.
        let late = self.cloud.chance.span(Duration::ZERO, Duration::from_secs(1));
        self.pass(late)?;
        self.give(Input::Tick)?;
        Ok(())
    }

    fn half_open(&mut self, epoch: u64) {
        if let Some(channel) = self.cloud.channels.get_mut(&epoch) {
            channel.half_open = true;
        }
    }

    /// The n-th conversation that the agent is in, or with which something can be done.
    fn nth(&self, n: usize, state: State) -> Option<(usize, String)> {
        let legs = self.cloud.centre.legs().filter(|leg| leg.state == state);
        let legs: Vec<String> = legs.map(|leg| leg.id.clone()).collect();
        let leg = legs.get(n % legs.len().max(1))?.clone();
        self.cloud.centre.find(&leg).map(|(place, _)| (place, leg))
    }

    fn command(&mut self, command: Command) -> Broken {
        self.witness.commanding(true);
        self.give(Input::Command(command))?;
        self.witness.commanding(false);
        Ok(())
    }

    fn offer_of(&mut self, n: usize) -> String {
        let offers = self.snapshot().offers;
        offers.get(n % offers.len().max(1)).map_or_else(|| format!("c{n}-l0"), |offer| offer.leg.clone())
    }

    /// One step.
    pub fn step(&mut self, step: Step) -> Broken {
        let ms = Duration::from_millis;
        self.cloud.centre.at(self.cloud.now);
        match step {
            Step::Wait(span) => return self.pass(ms(span)),
            Step::Offer(kind, rings, fate) => self.cloud.offer(kind, rings, fate),
            Step::Again(n, rings) => self.cloud.again(n, rings),
            Step::HangUp(n) => {
                if let Some((_, leg)) = self.nth(n, State::Connected) {
                    self.cloud.centre.end(&leg, Why::HungUp);
                }
            }
            Step::Hold(n) => {
                if let Some((place, _)) = self.nth(n, State::Connected) {
                    self.cloud.centre.hold(place);
                }
            }
            Step::BeOnQueue(on) => self.cloud.centre.be(if on { "OnQueue" } else { "Available" }),
            Step::Close(code, token) => {
                if let Some(epoch) = self.cloud.newest() {
                    self.cloud.close(epoch, code, if token { "Token expired or invalid" } else { "" });
                }
            }
            Step::Break => {
                if let Some(epoch) = self.cloud.newest() {
                    self.cloud.close(epoch, None, "");
                }
            }
            Step::HalfOpen => {
                if let Some(epoch) = self.cloud.newest() {
                    self.half_open(epoch);
                }
            }
            Step::Deafen => {
                if let Some(epoch) = self.cloud.newest() {
                    self.cloud.deafen(epoch);
                }
            }
            Step::Fail(call, how, times) => self.cloud.fail(Some(call), how, times, Duration::from_secs(120)),
            Step::Outage(how, cut, long) => {
                self.cloud.fail(None, how, u32::MAX, ms(long));
                for epoch in if cut { self.cloud.live() } else { Vec::new() } {
                    self.cloud.close(epoch, None, "");
                }
            }
            Step::Slow(span) => self.cloud.slow = ms(span),
            Step::TokenEnds(sockets) => self.cloud.kill_token(sockets),
            Step::TokenRevoked => self.cloud.revoke(),
            Step::RefreshDies => self.cloud.credential = false,
            Step::Closing(after) => {
                if let Some(epoch) = self.cloud.newest() {
                    self.cloud.system(epoch, "socket_closing", None);
                    self.cloud.plan(ms(after), What::Close(epoch, 1001, ""));
                }
            }
            Step::Evict => {
                if let Some(epoch) = self.cloud.newest() {
                    self.cloud.evict(epoch);
                }
            }
            Step::SubscribeLate(span) => self.cloud.subscribe_late = ms(span),
            Step::Late(span) => self.cloud.late = ms(span),
            Step::Twice(twice) => self.cloud.twice = twice,
            Step::Sleep(span, sockets) => return self.sleep(Duration::from_secs(span), sockets),
            Step::Woke => {
                let mono = self.mono();
                self.witness.doubt(mono, false);
                self.give(Input::Woke)?;
            }
            Step::ReconnectNow => {
                let mono = self.mono();
                self.witness.doubt(mono, false);
                self.give(Input::ReconnectNow)?;
            }
            Step::Answer(n) => {
                let leg = self.offer_of(n);
                self.command(Command::Answer { leg })?;
            }
            Step::Decline(n) => {
                let leg = self.offer_of(n);
                self.command(Command::Decline { leg })?;
            }
            Step::Dismiss(n) => {
                let leg = self.offer_of(n);
                self.command(Command::Dismiss { leg })?;
            }
            Step::OnQueue(on) => self.command(Command::SetOnQueue { on })?,
            Step::Idle => self.command(Command::BackOnQueue)?,
            Step::SignIn(kind, life) => self.sign_in(kind, life)?,
            Step::SignOut => self.sign_out()?,
            Step::Junk(junk) => {
                if let Some(epoch) = self.cloud.newest() {
                    let frame = junk::frame(junk, &self.cloud.centre);
                    self.cloud.frame(epoch, frame, Vec::new());
                }
            }
        }
        self.cloud.publish();
        Ok(())
    }

    /// Throws frames at the machine that nobody would send, and looks that each is dealt with at once.
    pub fn fuzz(&mut self, frames: u64) -> Broken {
        let epoch = self.cloud.newest().ok_or("not connected")?;
        self.cloud.offer(0, 30, Fate::Rings);
        for seed in 0..frames {
            let frame = match seed % 8 {
                0 => junk::frame(Junk::Bytes(seed), &self.cloud.centre),
                1 | 2 => junk::frame(Junk::Text(seed), &self.cloud.centre),
                3 => Frame::Text(junk::bent(&junk::event(&self.cloud.centre.flat(0)), seed)),
                _ => Frame::Text(junk::bent(&junk::event(&self.cloud.centre.body(0, seed.is_multiple_of(2))), seed)),
            };
            self.cloud.now += Duration::from_micros(100);
            let before = self.machine.deadline();
            self.give(Input::Frame { epoch, frame })?;
            let mono = self.mono();
            if self.machine.deadline().is_some_and(|at| at <= mono) && before == self.machine.deadline() {
                self.tick()?;
            }
        }
        let notices = self.snapshot().notices;
        if notices.iter().any(|notice| notice.trouble.code == "frame.unreadable") {
            Ok(())
        } else {
            Err(format!("10: nothing is said of frames that cannot be read: {notices:?}"))
        }
    }
}
