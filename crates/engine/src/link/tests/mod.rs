//! The link in virtual time: each verdict carried out, each limit kept. What the tests share is here.
#![allow(clippy::unwrap_used, clippy::panic, clippy::unchecked_time_subtraction)]

mod blocked;
mod epochs;
mod eviction;
mod extension;
mod handover;
mod live;
mod opening;
mod retry;
mod takeover;
mod tokens;
mod waits;

use earshot_genesys::error::StatusError;

use super::*;
use crate::moment::millis;

/// Wall clock at monotonic zero.
const WALL: Millis = 1_800_000_000_000;

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn status(status: u16) -> ApiError {
    limited(status, None)
}

fn limited(status: u16, retry_after: Option<u64>) -> ApiError {
    ApiError::Status(StatusError {
        status,
        code: None,
        message: None,
        context_id: None,
        retry_after: retry_after.map(Duration::from_secs),
        html: false,
    })
}

fn refused(status: u16) -> DialError {
    DialError::Refused { status, retry_after: None }
}

fn network(kind: TransportKind) -> TransportError {
    TransportError { kind, detail: String::new() }
}

/// A link, and the moment at which it is.
struct Rig {
    link: Link,
    now: Duration,
    dice: u64,
}

impl Rig {
    /// Nobody has signed in yet. The dice always show the shortest wait.
    fn new() -> Self {
        Self { link: Link::default(), now: s(100), dice: 0 }
    }

    /// Signed in a second ago with token 1, nothing answered yet.
    fn identifying() -> Self {
        let mut rig = Self::new();
        assert_eq!(rig.token(1, false, true), [Output::Identify { epoch: 1, generation: 1 }]);
        rig.now += s(1);
        rig
    }

    fn creating() -> Self {
        let mut rig = Self::identifying();
        rig.identified(Ok(()));
        rig
    }

    /// The channel is there; subscription and socket are awaited.
    fn opening() -> Self {
        let mut rig = Self::creating();
        rig.created(Ok(None));
        rig
    }

    /// Connected since this very moment.
    fn up() -> Self {
        let mut rig = Self::opening();
        rig.finish();
        rig
    }

    /// Connected for so long that earlier failures are forgiven.
    fn stable() -> Self {
        let mut rig = Self::up();
        rig.listen(s(60));
        rig
    }

    fn moment(&self) -> Moment {
        Moment { mono: self.now, wall: self.wall(), dice: self.dice }
    }

    fn wall(&self) -> Millis {
        WALL + millis(self.now)
    }

    fn go(&mut self, input: Input) -> Vec<Output> {
        let now = self.moment();
        self.link.handle(input, now)
    }

    /// The epoch that counts; of the last connection, where there is none.
    fn epoch(&self) -> u64 {
        self.link.epoch
    }

    fn token(&mut self, generation: u64, proved: bool, fresh: bool) -> Vec<Output> {
        self.go(Input::Token { generation, proved, fresh })
    }

    fn identified(&mut self, result: Result<(), ApiError>) -> Vec<Output> {
        self.go(Input::Identified { epoch: self.epoch(), result })
    }

    fn created(&mut self, result: Result<Option<Millis>, ApiError>) -> Vec<Output> {
        self.go(Input::ChannelCreated { epoch: self.epoch(), result })
    }

    fn subscribed(&mut self, result: Result<bool, ApiError>) -> Vec<Output> {
        self.go(Input::Subscribed { epoch: self.epoch(), result })
    }

    fn opened(&mut self) -> Vec<Output> {
        self.go(Input::Opened { epoch: self.epoch() })
    }

    fn not_opened(&mut self, error: DialError) -> Vec<Output> {
        self.go(Input::NotOpened { epoch: self.epoch(), error })
    }

    fn heard(&mut self, heard: Heard) -> Vec<Output> {
        self.go(Input::Heard { epoch: self.epoch(), heard })
    }

    fn closed(&mut self, code: Option<u16>, reason: &str) -> Vec<Output> {
        self.go(Input::Ended { epoch: self.epoch(), end: End::Closed { code, reason: reason.into() } })
    }

    /// Everything is answered well, from wherever the connection has got to.
    fn answered(&mut self) -> Vec<Output> {
        let stage = self.link.next.as_ref().expect("an attempt is under way").stage;
        if stage == Stage::Identifying {
            self.identified(Ok(()));
        }
        if matches!(stage, Stage::Identifying | Stage::Creating) {
            self.created(Ok(None));
        }
        self.subscribed(Ok(true));
        self.opened()
    }

    /// The connection is made, and is the only one.
    fn finish(&mut self) {
        let out = self.answered();
        assert!(out.contains(&Output::Up), "{out:?}");
    }

    /// The next connection is subscribed and open beside the live one; both have answered a ping.
    fn beside(&mut self) {
        self.answered();
        self.pongs();
    }

    /// The next connection takes over as it should; what was said on the way.
    fn take_over(&mut self) -> Vec<Output> {
        self.beside();
        let mut said = Vec::new();
        for _ in 0..5 {
            said.extend(self.pass(s(1)).into_iter().map(|(_, output)| output));
            self.pongs();
        }
        let epoch = self.epoch();
        assert!(said.contains(&Output::Compare { epoch }), "{said:?}");
        said.extend(self.go(Input::Compared { epoch }));
        said
    }

    /// Every open socket answers a ping.
    fn pongs(&mut self) {
        for epoch in self.link.epochs() {
            self.go(Input::Heard { epoch, heard: Heard::Pong });
        }
    }

    /// Lets time pass with a look at each deadline; what is said, and when.
    fn pass(&mut self, span: Duration) -> Vec<(Duration, Output)> {
        let (from, end) = (self.now, self.now + span);
        let mut said = Vec::new();
        for _ in 0..100_000 {
            let Some(at) = self.link.deadline().filter(|at| *at <= end) else {
                self.now = end;
                return said;
            };
            self.now = self.now.max(at);
            let now = self.now;
            said.extend(self.go(Input::Tick).into_iter().map(|output| (now - from, output)));
        }
        panic!("the deadline does not move: {:?} at {:?}", self.link.deadline(), self.now);
    }

    /// The same on a socket that answers each ping.
    fn listen(&mut self, span: Duration) {
        for _ in 0..span.as_secs() {
            self.pass(s(1));
            self.pongs();
        }
    }

    /// How long it takes until the next attempt begins.
    fn until_attempt(&mut self) -> Duration {
        let from = self.now;
        for _ in 0..1000 {
            let at = self.link.deadline().expect("an attempt is to come");
            self.now = self.now.max(at);
            if begins(&self.go(Input::Tick)) {
                return self.now - from;
            }
        }
        panic!("no attempt");
    }

    /// After a failure whose outputs are `out`: how long until the next attempt.
    fn retried_after(&mut self, out: &[Output]) -> Duration {
        if begins(out) { Duration::ZERO } else { self.until_attempt() }
    }

    fn view(&self) -> LinkView {
        self.link.view(self.moment())
    }

    fn state(&self) -> LinkState {
        self.view().state
    }

    fn code(&self) -> String {
        self.view().trouble.expect("there is trouble").code
    }

    /// When the next attempt is shown to come, from now.
    fn shown_wait(&self) -> Option<Millis> {
        self.view().next_try_at.map(|at| at - self.wall())
    }
}

fn begins(out: &[Output]) -> bool {
    out.iter().any(|output| matches!(output, Output::Identify { .. } | Output::CreateChannel { .. }))
}

fn suspects(out: &[Output]) -> bool {
    out.iter().any(|output| matches!(output, Output::Suspect { .. }))
}

fn subscribes(out: &[Output]) -> bool {
    out.iter().any(|output| matches!(output, Output::Subscribe { .. }))
}

/// The last verified instant, the cause's code, and whether it was an eviction.
fn lost(out: &[Output]) -> Option<(Millis, &str, bool)> {
    out.iter().find_map(|output| match output {
        Output::Lost { verified, trouble, evicted } => Some((*verified, trouble.code.as_str(), *evicted)),
        _ => None,
    })
}
