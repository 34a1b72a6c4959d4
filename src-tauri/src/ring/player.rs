//! The thread that owns the sound device. The device is open only while something plays: it costs no power otherwise,
//! and a headset plugged in later is found at the next ring.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use earshot_engine::snapshot::Trouble;
use rodio::buffer::SamplesBuffer;
use rodio::cpal::ErrorKind;
use rodio::{DeviceSinkBuilder, MixerDeviceSink, Player, Source};

use super::{Order, sound};
use crate::trouble::trouble;

/// A device that failed under a ring is tried again after this, for as long as it is to ring: a headset that is changed
/// over comes back, and a silent offer is a lost one.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// What is playing: dropped, it is silent at once and the device is closed.
struct Playing {
    player: Player,
    /// When a figure that plays once has ended.
    until: Option<Instant>,
    /// Which opening of the device: an older one's failure says nothing about this.
    opening: u64,
    _device: MixerDeviceSink,
}

/// The thread's state.
struct Ringer<'a, Report: Fn(Option<Trouble>)> {
    figure: Vec<f32>,
    again: &'a Sender<Order>,
    report: Report,
    openings: u64,
    playing: Option<Playing>,
    /// It is to ring at this volume, whether or not it can.
    wanted: Option<u8>,
    /// When to try the device again.
    retry: Option<Instant>,
    /// The device has failed during this ring.
    failed_before: bool,
    silent_because: Option<Trouble>,
}

/// Obeys orders until nobody is left to give any.
pub(super) fn run(orders: &Receiver<Order>, again: &Sender<Order>, report: impl Fn(Option<Trouble>)) {
    let mut ringer = Ringer {
        figure: sound::figure(),
        again,
        report,
        openings: 0,
        playing: None,
        wanted: None,
        retry: None,
        failed_before: false,
        silent_because: None,
    };
    loop {
        let order = match ringer.next_due() {
            None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(due) => orders.recv_timeout(due.saturating_duration_since(Instant::now())),
        };
        match order {
            Ok(order) => ringer.obey(order),
            Err(RecvTimeoutError::Timeout) => ringer.due(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

impl<Report: Fn(Option<Trouble>)> Ringer<'_, Report> {
    fn next_due(&self) -> Option<Instant> {
        self.playing.as_ref().and_then(|playing| playing.until).into_iter().chain(self.retry).min()
    }

    fn due(&mut self) {
        match self.wanted {
            Some(volume) => self.start(volume, true),
            None => self.playing = None,
        }
    }

    fn obey(&mut self, order: Order) {
        let rings = self.playing.as_mut().filter(|playing| playing.until.is_none());
        match order {
            Order::Silence => {
                (self.playing, self.wanted, self.retry, self.failed_before) = (None, None, None, false);
            }
            Order::Ring(volume) => {
                self.wanted = Some(volume);
                match rings {
                    Some(playing) => playing.player.set_volume(sound::gain(volume)),
                    None => self.start(volume, true),
                }
            }
            // While it rings anyway, a trial would only stop the ring.
            Order::Once(volume) => {
                if rings.is_none() {
                    self.start(volume, false);
                }
            }
            Order::DeviceFailed { opening } => {
                if self.playing.as_ref().is_some_and(|playing| playing.opening == opening) {
                    self.device_failed();
                }
            }
        }
    }

    /// Once it is opened anew at once and nobody is told: sound servers drop a stream now and then.
    fn device_failed(&mut self) {
        self.playing = None;
        match self.wanted {
            Some(volume) if !self.failed_before => {
                self.failed_before = true;
                self.start(volume, true);
            }
            Some(_) => {
                self.retry = Some(Instant::now() + TRY_AGAIN);
                self.told(Some(no_sound("it stopped working")));
            }
            None => self.told(Some(no_sound("it stopped working"))),
        }
    }

    fn start(&mut self, volume: u8, forever: bool) {
        // Some devices let themselves be opened only once.
        self.playing = None;
        self.openings += 1;
        self.retry = None;
        match play(&self.figure, volume, forever, self.openings, self.again) {
            Ok(sounding) => {
                self.playing = Some(sounding);
                self.told(None);
            }
            Err(why) => {
                self.retry = forever.then(|| Instant::now() + TRY_AGAIN);
                self.told(Some(no_sound(&why)));
            }
        }
    }

    /// Said once, not at each ring.
    fn told(&mut self, silent_because: Option<Trouble>) {
        if silent_because == self.silent_because {
            return;
        }
        if let Some(trouble) = &silent_because {
            tracing::warn!("{}", trouble.message);
        }
        (self.report)(silent_because.clone());
        self.silent_because = silent_because;
    }
}

fn play(figure: &[f32], volume: u8, forever: bool, opening: u64, again: &Sender<Order>) -> Result<Playing, String> {
    let (tell, mut failed) = (again.clone(), false);
    let mut device = DeviceSinkBuilder::from_default_device()
        .map_err(|error| error.to_string())?
        .with_error_callback(move |error| {
            // A dead stream says so over and over, until it is closed.
            if !failed && !goes_on(error.kind()) {
                failed = true;
                tracing::debug!(%error, "the sound device failed");
                let _ = tell.send(Order::DeviceFailed { opening });
            }
        })
        .open_stream()
        .map_err(|error| error.to_string())?;
    device.log_on_drop(false);
    let rate = NonZero::new(sound::RATE).ok_or("no sample rate")?;
    let source = SamplesBuffer::new(NonZero::<u16>::MIN, rate, figure.to_vec());
    let length = source.total_duration().unwrap_or(Duration::from_secs(3));
    let player = Player::connect_new(device.mixer());
    player.set_volume(sound::gain(volume));
    if forever {
        player.append(source.repeat_infinite());
    } else {
        player.append(source);
    }
    // A little longer than the figure: what has left the mixer must still reach the loudspeaker.
    let until = (!forever).then(|| Instant::now() + length + Duration::from_millis(200));
    Ok(Playing { player, until, opening, _device: device })
}

/// Whether a sound device can be opened, without a sound; if not, why. Blocks.
pub(crate) fn opens() -> Result<(), String> {
    let device = DeviceSinkBuilder::from_default_device().map_err(|error| error.to_string())?;
    let mut device = device.with_error_callback(|_| {}).open_stream().map_err(|error| error.to_string())?;
    device.log_on_drop(false);
    Ok(())
}

/// After these the sound goes on: a busy computer was late with a few samples, or the system has moved the sound to
/// another device by itself.
fn goes_on(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Xrun | ErrorKind::DeviceChanged | ErrorKind::RealtimeDenied)
}

fn no_sound(why: &str) -> Trouble {
    tracing::debug!(why, "no sound");
    trouble(
        "sound.none",
        "Earshot cannot ring: no sound device works.",
        Some("Plug in or choose a loudspeaker or headset; Earshot tries again at the next offer."),
        true,
    )
}
