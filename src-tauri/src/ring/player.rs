//! The thread that owns the sound device. The device is open only while something plays: it costs no power otherwise,
//! and a headset plugged in later is found at the next ring.

use std::num::NonZero;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use earshot_engine::snapshot::Trouble;
use rodio::buffer::SamplesBuffer;
use rodio::{DeviceSinkBuilder, MixerDeviceSink, Player, Source};

use super::{Order, sound};
use crate::trouble::trouble;

/// What is playing: dropped, it is silent at once and the device is closed.
struct Playing {
    player: Player,
    /// When a figure that plays once has ended.
    until: Option<Instant>,
    _device: MixerDeviceSink,
}

/// Obeys orders until nobody is left to give any.
pub(super) fn run(orders: &Receiver<Order>, again: &Sender<Order>, report: impl Fn(Option<Trouble>)) {
    let figure = sound::figure();
    let mut playing: Option<Playing> = None;
    let mut silent_because: Option<Trouble> = None;
    loop {
        let wait = playing
            .as_ref()
            .and_then(|playing| playing.until)
            .map(|until| until.saturating_duration_since(Instant::now()));
        let order = match wait {
            None => orders.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(wait) => orders.recv_timeout(wait),
        };
        let found = match order {
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) | Ok(Order::Silence) => {
                playing = None;
                continue;
            }
            Ok(Order::Ring(volume)) => match &mut playing {
                Some(playing) if playing.until.is_none() => {
                    playing.player.set_volume(sound::gain(volume));
                    continue;
                }
                _ => play(&figure, volume, true, again),
            },
            // While it rings anyway, a trial would only stop the ring.
            Ok(Order::Once(_)) if playing.as_ref().is_some_and(|playing| playing.until.is_none()) => continue,
            Ok(Order::Once(volume)) => play(&figure, volume, false, again),
            Ok(Order::DeviceFailed) if playing.is_none() => continue,
            Ok(Order::DeviceFailed) => Err("it stopped working".to_owned()),
        };
        let now_silent_because = match found {
            Ok(sounding) => {
                playing = Some(sounding);
                None
            }
            Err(why) => {
                playing = None;
                Some(no_sound(&why))
            }
        };
        // Said once, not at each ring.
        if now_silent_because != silent_because {
            if let Some(trouble) = &now_silent_because {
                tracing::warn!("{}", trouble.message);
            }
            report(now_silent_because.clone());
            silent_because = now_silent_because;
        }
    }
}

fn play(figure: &[f32], volume: u8, forever: bool, again: &Sender<Order>) -> Result<Playing, String> {
    let tell = again.clone();
    let mut device = DeviceSinkBuilder::from_default_device()
        .map_err(|error| error.to_string())?
        .with_error_callback(move |_| {
            let _ = tell.send(Order::DeviceFailed);
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
    Ok(Playing { player, until, _device: device })
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
