//! What can happen in a series, and how often. A step means something in every state, so that any part of a series is one
//! too: that is what makes a failing one short.

use proptest::prelude::*;

/// What becomes of an offer if nobody does anything. Times in milliseconds after it began to alert.
#[derive(Debug, Clone, Copy)]
pub enum Fate {
    /// It rings to its end.
    Rings,
    /// The customer leaves.
    CallerLeaves(u64),
    /// The agent takes it on the phone, and hangs up so much later.
    TakenElsewhere(u64, u64),
    /// The agent turns it down on the phone.
    DeclinedElsewhere(u64),
}

/// How a request fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// With this status.
    Status(u16),
    /// 429 with `Retry-After` in seconds.
    Limited(u64),
    /// A web page with status 200.
    Page,
    /// Nobody listens.
    Refused,
    /// No network.
    Offline,
    /// No answer in time.
    Silence,
    /// Done, and then cut off before the answer.
    CutOff,
}

/// Which requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Call {
    /// `users/me` for a connection.
    Identify,
    /// Making a channel.
    Channel,
    /// Subscribing.
    Subscribe,
    /// Opening a socket.
    Dial,
    /// `GET conversations`.
    List,
    /// `users/me` for a look.
    ReadMe,
    /// One conversation by its id.
    LookUp,
    /// Checking a token.
    Check,
    /// Renewing it.
    Renew,
    /// What the agent asked for.
    Act,
    /// Using a token so that it is not ended as unused, and asking when that would be.
    Idle,
    /// Asking when a channel ends.
    Expiry,
    /// Asking analytics.
    LookBack,
}

impl Call {
    /// All of them.
    pub const ALL: [Self; 13] = [
        Self::Identify,
        Self::Channel,
        Self::Subscribe,
        Self::Dial,
        Self::List,
        Self::ReadMe,
        Self::LookUp,
        Self::Check,
        Self::Renew,
        Self::Act,
        Self::Idle,
        Self::Expiry,
        Self::LookBack,
    ];
}

/// What a sleep does to the sockets.
#[derive(Debug, Clone, Copy)]
pub enum Sockets {
    /// They are still there, and what was sent meanwhile arrives at the wake-up.
    Stay,
    /// They look open and are dead.
    HalfOpen,
    /// They break at the wake-up.
    Break,
}

/// A frame that is not what it should be.
#[derive(Debug, Clone, Copy)]
pub enum Junk {
    /// Bytes, from this seed.
    Bytes(u64),
    /// Text, from this seed.
    Text(u64),
    /// A real frame with one byte changed, from this seed.
    Bent(u64),
    /// A topic and a body nobody knows.
    Unknown,
    /// An answer inside the socket.
    InBand(u16),
}

/// One thing that happens.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    /// So many milliseconds pass.
    Wait(u64),
    /// The agent is offered something: kind, how long it rings (s), what becomes of it.
    Offer(usize, u64, Fate),
    /// The n-th conversation that has no leg left and is not over is offered again, ringing so many seconds.
    Again(usize, u64),
    /// The agent hangs up the n-th conversation elsewhere.
    HangUp(usize),
    /// The agent puts the n-th conversation on hold, or takes it back.
    Hold(usize),
    /// The agent changes the presence elsewhere: on queue or not.
    BeOnQueue(bool),
    /// The server closes the newest socket with this code; true: with a reason that speaks of a token.
    Close(Option<u16>, bool),
    /// The newest socket breaks.
    Break,
    /// The newest socket looks open and is dead.
    HalfOpen,
    /// The newest socket lives and delivers no events.
    Deafen,
    /// Requests of this kind fail this way, so many times.
    Fail(Call, How, u32),
    /// Everything fails this way for so many milliseconds; sockets break if the second is true.
    Outage(How, bool, u64),
    /// Everything takes up to so many milliseconds.
    Slow(u64),
    /// The token ends early, and nobody says so; true: the sockets made with it are closed.
    TokenEnds(bool),
    /// All tokens of the user are revoked, with word of it.
    TokenRevoked,
    /// The refresh token is no longer good, until somebody signs in.
    RefreshDies,
    /// The server announces that it closes the socket, and does so that many milliseconds later.
    Closing(u64),
    /// Another channel takes the place of the newest.
    Evict,
    /// From now on subscriptions become active so many milliseconds after their answer.
    SubscribeLate(u64),
    /// Events are late by up to so many milliseconds, and so out of order.
    Late(u64),
    /// Events come twice: true from now on, false no longer.
    Twice(bool),
    /// The computer sleeps for so many seconds.
    Sleep(u64, Sockets),
    /// The network changed.
    Woke,
    /// "Reconnect now".
    ReconnectNow,
    /// The agent answers the n-th offer.
    Answer(usize),
    /// Declines it.
    Decline(usize),
    /// Dismisses it.
    Dismiss(usize),
    /// Goes on or off queue with Earshot.
    OnQueue(bool),
    /// Clears Not Responding with Earshot.
    Idle,
    /// Signs in: 0 without, 1 with a refresh token, 2 with client credentials; the token lives so many seconds.
    SignIn(u8, u64),
    /// Signs out.
    SignOut,
    /// Something unreadable comes on the newest socket.
    Junk(Junk),
}

/// What a series is mostly about: each guarantee has its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// A bit of everything.
    Everything,
    /// Late, doubled and disordered events, and commands.
    Order,
    /// Only planned changes, and no fault.
    Planned,
    /// Sockets that are dead, deaf, or only quiet.
    Liveness,
    /// Tokens.
    Tokens,
    /// Failing requests.
    Failures,
    /// What comes over the socket.
    Input,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        3 => Just(Fate::Rings),
        2 => (1_000..20_000_u64).prop_map(Fate::CallerLeaves),
        3 => (500..15_000_u64, 500..60_000_u64).prop_map(|(after, long)| Fate::TakenElsewhere(after, long)),
        1 => (1_000..15_000_u64).prop_map(Fate::DeclinedElsewhere),
    ]
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        6 => prop::sample::select(vec![400_u16, 401, 403, 404, 408, 409, 410, 500, 502, 503, 504]).prop_map(How::Status),
        2 => (0..40_u64).prop_map(How::Limited),
        1 => Just(How::Page),
        1 => Just(How::Refused),
        1 => Just(How::Offline),
        1 => Just(How::Silence),
        2 => Just(How::CutOff),
    ]
}

fn call() -> impl Strategy<Value = Call> {
    prop::sample::select(Call::ALL.to_vec())
}

fn wait() -> BoxedStrategy<Step> {
    prop_oneof![4 => 0..3_000_u64, 3 => 3_000..20_000_u64, 1 => 20_000..90_000_u64].prop_map(Step::Wait).boxed()
}

fn work() -> BoxedStrategy<Step> {
    prop_oneof![
        8 => (0..4_usize, 5..40_u64, fate()).prop_map(|(kind, rings, fate)| Step::Offer(kind, rings, fate)),
        2 => (0..4_usize, 5..30_u64).prop_map(|(n, rings)| Step::Again(n, rings)),
        2 => (0..4_usize).prop_map(Step::HangUp),
        1 => (0..4_usize).prop_map(Step::Hold),
        1 => any::<bool>().prop_map(Step::BeOnQueue),
    ]
    .boxed()
}

fn person() -> BoxedStrategy<Step> {
    prop_oneof![
        4 => (0..3_usize).prop_map(Step::Answer),
        2 => (0..3_usize).prop_map(Step::Decline),
        1 => (0..3_usize).prop_map(Step::Dismiss),
        1 => any::<bool>().prop_map(Step::OnQueue),
        2 => Just(Step::Idle),
        1 => Just(Step::ReconnectNow),
    ]
    .boxed()
}

fn sockets() -> BoxedStrategy<Step> {
    let codes = vec![
        None,
        Some(1000),
        Some(1001),
        Some(1005),
        Some(1006),
        Some(1008),
        Some(1011),
        Some(1012),
        Some(1013),
        Some(4001),
        Some(4003),
        Some(4999),
    ];
    let sleep = prop::sample::select(vec![Sockets::Stay, Sockets::HalfOpen, Sockets::Break]);
    prop_oneof![
        4 => (prop::sample::select(codes), any::<bool>()).prop_map(|(code, token)| Step::Close(code, token)),
        2 => Just(Step::Break),
        2 => Just(Step::HalfOpen),
        1 => Just(Step::Deafen),
        1 => (500..60_000_u64).prop_map(Step::Closing),
        1 => Just(Step::Evict),
        2 => (5..1_000_u64, sleep).prop_map(|(span, sockets)| Step::Sleep(span, sockets)),
        1 => Just(Step::Woke),
    ]
    .boxed()
}

fn disorder() -> BoxedStrategy<Step> {
    prop_oneof![
        2 => (0..2_500_u64).prop_map(Step::SubscribeLate),
        3 => (0..6_000_u64).prop_map(Step::Late),
        2 => any::<bool>().prop_map(Step::Twice),
        1 => (10..3_000_u64).prop_map(Step::Slow),
    ]
    .boxed()
}

fn requests() -> BoxedStrategy<Step> {
    prop_oneof![
        6 => (call(), how(), 1..6_u32).prop_map(|(call, how, times)| Step::Fail(call, how, times)),
        1 => (how(), any::<bool>(), 500..60_000_u64).prop_map(|(how, cut, long)| Step::Outage(how, cut, long)),
    ]
    .boxed()
}

fn tokens() -> BoxedStrategy<Step> {
    prop_oneof![
        3 => any::<bool>().prop_map(Step::TokenEnds),
        1 => Just(Step::TokenRevoked),
        1 => Just(Step::RefreshDies),
        2 => (0..3_u8, prop::sample::select(vec![60_u64, 300, 3_600])).prop_map(|(kind, life)| Step::SignIn(kind, life)),
        1 => prop::bool::weighted(0.3).prop_map(|out| if out { Step::SignOut } else { Step::Woke }),
    ]
    .boxed()
}

fn junk() -> BoxedStrategy<Step> {
    prop_oneof![
        2 => any::<u64>().prop_map(Junk::Bytes),
        3 => any::<u64>().prop_map(Junk::Text),
        4 => any::<u64>().prop_map(Junk::Bent),
        1 => Just(Junk::Unknown),
        1 => prop::sample::select(vec![200_u16, 401, 404, 500]).prop_map(Junk::InBand),
    ]
    .prop_map(Step::Junk)
    .boxed()
}

fn planned() -> BoxedStrategy<Step> {
    prop_oneof![
        2 => (20_000..60_000_u64).prop_map(Step::Closing),
        2 => (1..3_u8, prop::sample::select(vec![60_u64, 300])).prop_map(|(kind, life)| Step::SignIn(kind, life)),
    ]
    .boxed()
}

/// One step of a series about this.
pub fn step(about: About) -> BoxedStrategy<Step> {
    // How often each kind of step comes, of: time, work, the person, sockets, disorder, requests, tokens, junk, plans.
    let weights = match about {
        About::Everything => [8, 8, 3, 5, 2, 3, 2, 1, 0],
        About::Order => [6, 9, 5, 2, 6, 0, 0, 0, 0],
        About::Planned => [6, 6, 0, 0, 0, 0, 0, 0, 3],
        About::Liveness => [8, 5, 0, 8, 1, 0, 0, 0, 0],
        About::Tokens => [7, 5, 0, 1, 0, 2, 7, 0, 0],
        About::Failures => [6, 4, 1, 3, 0, 9, 0, 0, 0],
        About::Input => [5, 4, 0, 2, 0, 0, 0, 8, 0],
    };
    let kinds = [wait(), work(), person(), sockets(), disorder(), requests(), tokens(), junk(), planned()];
    let chosen: Vec<_> = weights.into_iter().zip(kinds).filter(|(weight, _)| *weight > 0).collect();
    prop::strategy::Union::new_weighted(chosen).boxed()
}

/// A whole series.
pub fn series(about: About) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(about), 4..40)
}
