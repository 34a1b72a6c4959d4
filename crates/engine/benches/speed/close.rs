//! A lone close until all is caught up, against the simulator on loopback; and how many round trips that takes, from a
//! network that is slow enough to count them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use criterion::{Criterion, SamplingMode};
use earshot_engine::event::Event;
use earshot_engine::world::World;
use earshot_genesys::transport::{
    DialError, Dialer, HttpRequest, HttpResponse, HttpTransport, Socket, SocketRequest, TransportError,
};
use tokio::runtime::Runtime;
use tokio::time::{sleep, timeout};

#[allow(dead_code)]
#[path = "../../tests/simulator/bench.rs"]
mod bench;

use bench::{Bench, options};

/// Each request and each upgrade takes so much longer.
const ROUND_TRIP: Duration = Duration::from_millis(200);
/// Channel, then subscription beside socket, then the list beside the user.
const LEAST: u32 = 3;

/// A network that is far away.
struct Slow<T: ?Sized>(Arc<T>);

#[async_trait]
impl HttpTransport for Slow<dyn HttpTransport> {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        sleep(ROUND_TRIP).await;
        self.0.send(request).await
    }
}

#[async_trait]
impl Dialer for Slow<dyn Dialer> {
    async fn dial(&self, request: SocketRequest) -> Result<Socket, DialError> {
        sleep(ROUND_TRIP).await;
        self.0.dial(request).await
    }
}

/// How long it takes from the close until the gap is looked up.
async fn once(world: World) -> Duration {
    let mut bench = Bench::with_world(options(), world).await;
    bench.sign_in().await;
    bench.caught_up().await;
    // Attempts have a floor between them, and this is not about that.
    sleep(Duration::from_millis(500)).await;
    let mut events = bench.engine.events();
    let begun = Instant::now();
    bench.control.close_sockets(1006, "");
    let closed = async { while !matches!(events.recv().await.expect("the engine goes on"), Event::GapClosed(_)) {} };
    timeout(Duration::from_secs(30), closed).await.expect("caught up again");
    begun.elapsed()
}

/// Until caught up, and the round trips on the way.
pub(crate) fn bench(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("a runtime");
    let mut group = criterion.benchmark_group("lone close");
    // Each has a simulator and an engine of its own: one that was closed just now would wait longer, on purpose.
    group.sample_size(20).sampling_mode(SamplingMode::Flat).warm_up_time(Duration::from_millis(1));
    group.measurement_time(Duration::from_millis(1));
    group.bench_function("until caught up", |bencher| {
        bencher.iter_custom(|times| {
            let run = async {
                let mut all = Duration::ZERO;
                for _ in 0..times {
                    all += once(World::system().expect("a world")).await;
                }
                all
            };
            runtime.block_on(run)
        });
    });
    group.finish();

    let mut far = World::system().expect("a world");
    far.http = Arc::new(Slow(Arc::clone(&far.http)));
    far.dialer = Arc::new(Slow(Arc::clone(&far.dialer)));
    let took = runtime.block_on(once(far));
    let trips = took.as_secs_f64() / ROUND_TRIP.as_secs_f64();
    println!(
        "lone close: {trips:.1} round trips of {ROUND_TRIP:?} until caught up, {LEAST} are the least ({took:.2?})"
    );
    assert!(trips < f64::from(LEAST) + 1.9, "more round trips than the least and one");
}
