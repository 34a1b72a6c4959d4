//! That the record is not being kept is told, whenever that begins.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use earshot_engine::Engine;
use earshot_engine::record::{Record, Recorder};
use earshot_engine::snapshot::Trouble;
use earshot_engine::world::World;
use earshot_genesys::hosts::Environment;
use tokio::sync::oneshot;

#[derive(Default)]
struct Full {
    mended: AtomicBool,
}

impl Recorder for Full {
    fn record(&self, _: Vec<Record>) -> oneshot::Receiver<Result<(), Trouble>> {
        let (done, safe) = oneshot::channel();
        let full = Trouble::passing("journal.full", "The disk is full.");
        let _ = done.send(if self.mended.load(Ordering::Relaxed) { Ok(()) } else { Err(full) });
        safe
    }
}

#[tokio::test]
async fn a_record_that_fails_from_its_very_beginning_is_told() {
    let nowhere = "http://127.0.0.1:9";
    let recorder = Arc::new(Full::default());
    let engine = Engine::builder(Environment::custom(nowhere, nowhere).expect("loopback"))
        .world(World::system().expect("a world"))
        .recorder(Arc::clone(&recorder) as Arc<dyn Recorder>)
        .spawn()
        .expect("an engine");
    let mut snapshots = engine.snapshots();
    let told = |full: bool| {
        move |snapshot: &Arc<earshot_engine::snapshot::Snapshot>| {
            snapshot.notices.iter().any(|notice| notice.trouble.code == "journal.full") == full
        }
    };
    let patience = Duration::from_secs(20);
    tokio::time::timeout(patience, snapshots.wait_for(told(true))).await.expect("in time").expect("an engine");
    recorder.mended.store(true, Ordering::Relaxed);
    // Anything that is put on record tells.
    engine.sign_out().await;
    engine.close().await;
}
