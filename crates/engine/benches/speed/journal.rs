//! Records into the journal: handed over in one go, and one by one, each safe before the next is made.

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput};
use earshot_engine::event::Source;
use earshot_engine::journal::{Journal, Options};
use earshot_engine::record::{EventRecord, Fact, Record, Recorder as _};
use serde_json::value::RawValue;
use tempfile::TempDir;

/// The body of an event, 3.5 kB.
const BODY: &str = include_str!("../../../genesys/tests/corpus/frames/conversations.json");
const MANY: u32 = 10_000;

fn record(n: u32) -> Record {
    let body = RawValue::from_string(BODY.trim().to_owned()).expect("JSON");
    let event = EventRecord {
        topic: "v2.users.3d0f6a52-8c1e-4a57-9a0b-ada000000001.conversations".into(),
        subject: format!("e8529846-2fe5-4198-a40d-{n:012}"),
        body: Arc::from(body),
        source: Source::Live,
    };
    Record { at: 1_795_274_711_000 + i64::from(n), fact: Fact::Event(event) }
}

struct Kept {
    journal: Journal,
    _directory: TempDir,
}

fn journal() -> Kept {
    let directory = tempfile::tempdir().expect("a directory");
    let journal = Journal::open(directory.path().join("journal.db"), Options::default()).expect("a journal");
    Kept { journal, _directory: directory }
}

fn keep(journal: &Journal, records: Vec<Record>) {
    journal.record(records).blocking_recv().expect("an answer").expect("safe");
}

/// Appends in a second, each safe from a crash of the process.
pub(crate) fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("journal");
    group.sample_size(10);
    group.throughput(Throughput::Elements(u64::from(MANY)));
    group.bench_function("in one go", |bencher| {
        bencher.iter_batched(
            || (journal(), (0..MANY).map(record).collect::<Vec<_>>()),
            |(kept, records)| {
                keep(&kept.journal, records);
                kept
            },
            BatchSize::PerIteration,
        );
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("one by one", |bencher| {
        let kept = journal();
        let mut n = 0;
        bencher.iter_batched(
            || {
                n += 1;
                vec![record(n)]
            },
            |records| keep(&kept.journal, records),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}
