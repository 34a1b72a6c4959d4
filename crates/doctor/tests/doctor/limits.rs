//! It ends by itself, and takes nothing from an Earshot that runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use earshot_doctor::{Check, Outcome, Watch};
use earshot_genesys::api::Api;
use earshot_genesys::net::HttpClient;
use earshot_genesys::transport::HttpTransport;
use earshot_simulator::Fail;

use crate::stage::{Stage, options};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_never_answers_is_named_in_time() {
    for (path, check) in [
        ("/oauth/authorize", Check::SignInAddress),
        ("/api/v2/users/me", Check::Token),
        ("/api/v2/notifications/channels", Check::Channel),
        ("/channels", Check::Socket),
    ] {
        let stage = Stage::new(options()).await;
        stage.control.fail(Fail { path: path.into(), hang: true, ..Fail::default() }).unwrap();
        let begin = Instant::now();
        // Far more than an answer on loopback takes, on the busiest machine.
        let result =
            stage.examine_within(&mut Watch::with(Duration::from_millis(2_500), Duration::from_secs(40))).await;
        assert_eq!(result.wrong(), [(check, Outcome::Failed)], "{path}:\n{result}");
        assert!(begin.elapsed() < Duration::from_secs(30), "{path} took {:?}", begin.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_time_is_over_the_rest_is_quick() {
    let stage = Stage::new(options()).await;
    stage.control.fail(Fail { path: "/api".into(), hang: true, ..Fail::default() }).unwrap();
    let begin = Instant::now();
    stage.examine_within(&mut Watch::with(Duration::from_secs(60), Duration::from_millis(500))).await;
    assert!(begin.elapsed() < Duration::from_secs(40), "it took {:?}", begin.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_channel_that_would_take_anothers_place_is_not_made() {
    let stage = Stage::new(options()).await;
    let http: Arc<dyn HttpTransport> = Arc::new(HttpClient::new(&stage.subject.network).unwrap());
    let entered = stage.enter(&http).await.unwrap_or_else(|_| panic!("no consent"));
    let api = Api::new(stage.subject.environment.clone(), http);
    for _ in 0..19 {
        api.create_channel(&entered.token).await.unwrap();
    }
    let evicted = || stage.control.state()["channels"]["evicted"].clone();
    let result = stage.examine().await;
    assert_eq!((result.wrong(), evicted()), (vec![], 0.into()), "{result}");
    assert!(result.row(Check::Channel).found.contains("19 of 20"), "{result}");

    api.create_channel(&entered.token).await.unwrap();
    let result = stage.examine().await;
    assert_eq!((result.wrong(), evicted()), (vec![], 0.into()), "{result}");
    for check in [Check::Channel, Check::Subscription, Check::Socket] {
        assert_eq!(result.row(check).result, Outcome::NotChecked, "{result}");
    }
}
