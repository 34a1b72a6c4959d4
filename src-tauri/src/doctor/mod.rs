//! `earshot --doctor`: checks all that Earshot needs on this computer and at Genesys Cloud, and names what is wrong. For an
//! administrator at a terminal, also over ssh: what needs a desktop is then not checked, and says so.
//!
//! The network and the account are examined by `earshot-doctor`; here are the settings, the sign-in, and the desktop's own
//! rows. Nothing is changed: no setting, no record; a sign-in that is renewed on the way is stored again.

mod desktop;
mod disk;
#[cfg(test)]
mod guide_tests;
mod settings;
mod sign_in;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use earshot_doctor::{Browser, Check, EACH, Examination, Needs, Row, Subject, Wanted, Watch, examine};
use earshot_genesys::net::Network;
use earshot_genesys::socket_auth::SocketAuth;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::arguments::Arguments;
use crate::backend::Target;
use crate::logging;

/// The topics of an agent's desk; without the first there is no point in being connected.
const TOPICS: [&str; 4] = [
    "v2.users.{me}.conversations",
    "v2.users.{me}.presence",
    "v2.users.{me}.routingStatus",
    "v2.users.{me}.conversationsummary",
];

/// Examines, prints, and ends with 0 (all well, or warnings only) or 1 (something failed).
pub(crate) fn run(arguments: &Arguments, display: bool) -> ExitCode {
    let Ok(runtime) = Runtime::new() else { return ExitCode::FAILURE };
    let json = arguments.json;
    let mut examination = Examination::new(move |row| {
        if !json {
            print(&row.lines());
        }
    });
    runtime.block_on(look(arguments, display, &mut examination));
    // A thread that waits for a sound device or a key store is not waited for.
    runtime.shutdown_timeout(Duration::from_millis(100));
    print(&if json {
        format!("{}\n", examination.json("earshot", env!("CARGO_PKG_VERSION")))
    } else {
        format!("\n{}\n", examination.sum())
    });
    ExitCode::from(examination.exit_code())
}

/// A reader that is gone needs no rows.
fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

async fn look(arguments: &Arguments, display: bool, examination: &mut Examination<'_>) {
    // The desktop's rows stand last, and take their time beside everything else.
    let desktop = tokio::spawn(desktop::rows(display));
    let mut watch = Watch::start();
    let data = disk::data();
    let settings = settings::read(data.as_deref());
    examination.add(settings.row);
    if let Some(target) = settings.target {
        online(arguments, display, target, examination, &mut watch).await;
    } else {
        for check in Check::ALL.into_iter().filter(|check| *check > Check::Settings && *check <= Check::Socket) {
            examination.skip(check, "the settings lead nowhere");
        }
    }
    let rows = desktop.await.unwrap_or_default();
    let logs = logging::folder(|name| std::env::var(name).ok());
    for row in rows.into_iter().chain(disk::rows(logs, data.as_deref())) {
        examination.add(row);
    }
}

async fn online(
    arguments: &Arguments,
    display: bool,
    target: Target,
    examination: &mut Examination<'_>,
    watch: &mut Watch,
) {
    let free = free(&target.ports).await;
    examination.add(ports(&target.ports, &free));
    let subject = Subject {
        environment: target.environment.clone(),
        network: Network::system(),
        browser: Some(Browser { client_id: target.client_id.clone(), ports: target.ports.clone() }),
        topics: TOPICS.map(|topic| Wanted { topic: topic.to_owned(), essential: topic == TOPICS[0] }).into(),
        socket_auth: SocketAuth::None,
        needs: Needs::Desk,
    };
    let may_browse = match (arguments.no_sign_in, free.is_empty(), display) {
        (true, ..) => Err("--no-sign-in was given"),
        (_, true, _) => Err("no return port is free"),
        (.., false) => Err("there is no display for a browser"),
        _ => Ok(()),
    };
    examine(&subject, examination, watch, |http| sign_in::enter(target, http, may_browse)).await;
}

/// Which of the ports the browser could come back to.
async fn free(ports: &[u16]) -> Vec<u16> {
    let mut free = Vec::new();
    for port in ports {
        let taken = |result: io::Result<TcpListener>| {
            result
                .is_err_and(|error| matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied))
        };
        // A computer without IPv6 has one of the two only.
        let v4 = taken(TcpListener::bind(("127.0.0.1", *port)).await);
        let v6 = taken(TcpListener::bind(("::1", *port)).await);
        if !v4 && !v6 {
            free.push(*port);
        }
    }
    free
}

fn ports(all: &[u16], free: &[u16]) -> Row {
    let words = |ports: &[u16]| ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
    let taken: Vec<u16> = all.iter().copied().filter(|port| !free.contains(port)).collect();
    let cure = "End the program that listens there. Earshot itself does while somebody signs in.";
    let check = Check::ReturnPorts;
    if free.is_empty() {
        return Row::failed(
            check,
            format!("Other programs have {}: no browser can bring a sign-in back.", words(all)),
            cure,
        );
    }
    if taken.is_empty() {
        return Row::ok(check, format!("{} on this computer are free.", words(all)));
    }
    Row::warning(check, format!("Other programs have {}; {} can be used.", words(&taken), words(free)), cure)
}

/// What a check comes to within its limit; else this row.
async fn limited(row: impl Future<Output = Row>, late: Row) -> Row {
    timeout(EACH, row).await.unwrap_or(late)
}

/// The same for a call that blocks, which goes on in a thread of its own.
async fn blocking<T: Send + 'static>(name: &str, call: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let thread = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let _ = tell.send(call());
    });
    match thread {
        Ok(_) => timeout(EACH, told).await.ok()?.ok(),
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::expect_used)]

    use earshot_doctor::Outcome;

    use super::*;

    #[test]
    fn ports_that_others_have_are_named() {
        let all = [8085, 8086, 8087];
        assert_eq!(ports(&all, &all).result, Outcome::Ok);
        let some = ports(&all, &[8087]);
        assert_eq!(some.result, Outcome::Warning);
        assert!(some.found.contains("have 8085, 8086; 8087 can"), "{}", some.found);
        assert_eq!(ports(&all, &[]).result, Outcome::Failed);
    }

    #[tokio::test]
    async fn a_port_that_is_listened_on_is_not_free() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        assert_eq!(free(&[port]).await, Vec::<u16>::new());
        drop(listener);
        assert_eq!(free(&[port]).await, [port]);
    }
}
