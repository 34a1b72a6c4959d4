//! Killed at any moment, the journal is whole, and everything that was printed is in it.

use std::time::Duration;

use earshot_engine::journal::{JournalError, verify};
use earshot_simulator::{Options, Stream};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};

use crate::bench::{Listener, Stage};
use crate::journal::{holds, records};

const KILLS: u64 = 50;
/// So many programs in a row keep one journal.
const IN_A_ROW: u64 = 5;
/// From the start of the program, or of its hearing, to its end, at most: before there is a journal, while it connects, while it hears.
const LONGEST: Duration = Duration::from_millis(800);

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_fifty_seeded_moments_everything_printed_is_in_the_journal() {
    let seed = std::env::var("EARSHOT_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_121);
    println!("EARSHOT_SEED={seed}");
    let mut chance = StdRng::seed_from_u64(seed);
    let stage = Stage::new(Options { rate_limit: None, ..Options::default() }).await;
    let stream = Stream { every_ms: Some(5), count: Some(1_000_000), ..Stream::default() };
    stage.control.stream(stream).expect("a stream");
    let mut path = stage.path("audit.db");
    let (mut printed, mut end, mut heard, mut kept) = (0, 0, 0, 0);
    for kill in 0..KILLS {
        if kill % IN_A_ROW == 0 {
            path = stage.path(&format!("audit-{kill}.db"));
            end = 0;
        }
        let after = Duration::from_micros(chance.random_range(1_000..=u64::try_from(LONGEST.as_micros()).unwrap()));
        let mut command = stage.service();
        command.arg("--journal").arg(&path);
        if chance.random() {
            command.arg("--journal-bodies");
        }
        let mut listener = Listener::start(command);
        // Every other one hears before its time begins to run: where programs start slowly none would, otherwise.
        if kill % 2 == 1 {
            listener.connected(1).await;
        }
        tokio::time::sleep(after).await;
        listener.kill().await;
        listener.prove();
        let lines = listener.lines();
        if !path.exists() {
            assert!(lines.is_empty(), "seed {seed}, kill {kill} after {after:?}");
            continue;
        }
        let verified = match verify(&path, None) {
            // Killed while it made the file. The next one goes on with it, or fails here.
            Err(JournalError::NotAJournal { .. }) if end == 0 => {
                assert!(lines.is_empty(), "seed {seed}, kill {kill} after {after:?}");
                continue;
            }
            verified => verified.expect("it can be read"),
        };
        assert_eq!(verified.problems, [], "seed {seed}, kill {kill} after {after:?}");
        let records = records(&path);
        kept += records.len() - end;
        end = holds(&records, end, &lines);
        printed += lines.len();
        heard += lines.iter().filter(|line| line.is("event")).count();
    }
    println!("{KILLS} kills: {printed} lines printed, {heard} of them events, all of them among {kept} records");
    assert!(heard > 100, "it was killed too early to have heard anything");
}
