//! Every reader that meets the network, against hostile input: it never panics, takes no longer and no more memory than
//! the input warrants, and what it says about it repeats nothing of it.
//!
//! Inputs are texts of `tests/corpus`, damaged at random. A failure prints the seed that replays it; CONTRIBUTING.md says
//! how, and how to run this for longer.
#![allow(clippy::unwrap_used)]

mod mutate;
mod readers;

use std::path::Path;
use std::time::{Duration, Instant};

use self::mutate::Program;

/// Stands in the corpus in place of a customer. No error may repeat it.
pub(crate) const CANARY: &str = "canary maria keller";

/// A whole input may take this long, even on a busy machine without optimisation.
const LONGEST: Duration = Duration::from_secs(5);

/// Enough for a run with all other tests; `make fuzz` goes on for longer.
const ITERATIONS: usize = 600;

/// All texts of one folder of the corpus, in the order of their names.
fn corpus(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

/// Gives the texts of `folder` to `reader`, first as they are and then damaged.
macro_rules! fuzz {
    ($name:ident, $folder:expr, $reader:path) => {
        #[test]
        fn $name() {
            let corpus = corpus($folder);
            for text in &corpus {
                $reader(text, &mut Program::new(&[]));
            }
            bolero::check!().with_iterations(ITERATIONS).with_max_len(256).for_each(|bytes: &[u8]| {
                let mut program = Program::new(bytes);
                let choices = [program.byte(), program.byte(), program.byte(), program.byte()];
                let text = mutate::text(&mut program, &corpus);
                let begin = Instant::now();
                $reader(&text, &mut Program::new(&choices));
                assert!(begin.elapsed() < LONGEST, "took {:?}", begin.elapsed());
            });
        }
    };
}

fuzz!(frames_and_events, "frames", readers::frame);
fuzz!(bodies_of_every_topic, "bodies", readers::body);
fuzz!(answers_of_every_call, "answers", readers::answer);
fuzz!(refusals_of_every_make, "refusals", readers::refusal);
fuzz!(tokens, "tokens", readers::token);
fuzz!(recovery_of_every_topic, "answers", readers::recover);
fuzz!(addresses, "addresses", readers::address);
fuzz!(names_of_topics, "addresses", readers::topic);
