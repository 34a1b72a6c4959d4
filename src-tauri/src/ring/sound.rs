//! The sound of the ring, of our own making: two soft strokes of a small chime, a fourth apart, then a rest. Computed,
//! so that there is no sound file to license, load or lose.

use std::f32::consts::TAU;

/// Samples a second.
pub(super) const RATE: u32 = 44_100;

/// Length of the whole figure, rest included.
const SECONDS: f32 = 2.4;
/// Loudest sample at full volume; the rest is room, so that nothing clips when the system mixes it.
const PEAK: f32 = 0.8;
/// When each stroke begins, and its pitch: G5, C6, and both again a little later.
const STROKES: [(f32, f32); 4] = [(0.0, 783.99), (0.16, 1046.5), (0.62, 783.99), (0.78, 1046.5)];
/// Overtones of the chime: multiple of the pitch, strength, and how fast it fades.
const PARTIALS: [(f32, f32, f32); 3] = [(1.0, 1.0, 5.5), (2.0, 0.35, 8.0), (3.01, 0.12, 14.0)];
/// A stroke swells for this long, so that it does not click.
const ATTACK: f32 = 0.006;
/// The last moments fade to silence, so that the loop does not click.
const RELEASE: f32 = 0.2;

/// One figure, mono, between -1 and 1; it can be repeated without a seam.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss, clippy::cast_sign_loss)]
pub(super) fn figure() -> Vec<f32> {
    let rate = RATE as f32;
    let length = (SECONDS * rate) as usize;
    let mut samples: Vec<f32> = (0..length)
        .map(|index| {
            let at = index as f32 / rate;
            let sound: f32 = STROKES.iter().map(|&(start, pitch)| stroke(at - start, pitch)).sum();
            sound * ((SECONDS - at) / RELEASE).min(1.0)
        })
        .collect();
    let loudest = samples.iter().fold(f32::EPSILON, |loudest, sample| loudest.max(sample.abs()));
    for sample in &mut samples {
        *sample *= PEAK / loudest;
    }
    samples
}

fn stroke(at: f32, pitch: f32) -> f32 {
    if at < 0.0 {
        return 0.0;
    }
    let swell = (at / ATTACK).min(1.0);
    let partials = PARTIALS
        .iter()
        .map(|&(times, strength, fade)| strength * (-fade * at).exp() * (TAU * pitch * times * at).sin());
    swell * partials.sum::<f32>()
}

/// How loud a volume of 0 to 100 is. Ears hear ratios: half the slider should sound like half.
pub(super) fn gain(volume: u8) -> f32 {
    let share = f32::from(volume.min(100)) / 100.0;
    share * share
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_is_loud_enough_never_clips_and_loops_without_a_click() {
        let samples = figure();
        assert_eq!(samples.len(), 105_840);
        let loudest = samples.iter().fold(0.0_f32, |loudest, sample| loudest.max(sample.abs()));
        assert!((0.75..=0.85).contains(&loudest), "{loudest}");
        assert!(samples.iter().all(|sample| sample.is_finite()));
        let ends = [samples.first().copied(), samples.last().copied()];
        assert!(ends.iter().flatten().all(|sample| sample.abs() < 0.001), "{ends:?}");
        let steepest = samples.windows(2).map(|pair| (pair[1] - pair[0]).abs()).fold(0.0_f32, f32::max);
        assert!(steepest < 0.5, "a click of {steepest}");
    }

    #[test]
    fn volume_goes_from_silence_to_full() {
        assert!(gain(0).abs() < f32::EPSILON);
        assert!((gain(100) - 1.0).abs() < f32::EPSILON);
        assert!(gain(50) > gain(49));
        assert!((gain(200) - 1.0).abs() < f32::EPSILON);
    }
}
