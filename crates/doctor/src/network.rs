//! The way there: both addresses, who issued their certificates, the clock, and whether the OAuth client is known.

use std::sync::Arc;
use std::time::SystemTime;

use earshot_engine::sign_in::{SignInError, could_begin};
use earshot_engine::trouble;
use earshot_genesys::error::ApiError;
use earshot_genesys::net::{Reach, Stage, look};
use earshot_genesys::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError, TransportKind};
use http::header::{ACCEPT, CONTENT_TYPE, DATE};
use http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use url::Url;

use crate::issuer::{Issuer, issuer};
use crate::report::{Check, Examination, Row};
use crate::time::{EACH, Watch};
use crate::{Browser, Subject};

/// Beyond this somebody should look at the clock: times of offers are shown wrongly …
const ODD: i64 = 30;
/// … and beyond this sign-ins and certificates are refused.
const WRONG: i64 = 5 * 60;

/// What can be reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reached {
    pub(crate) login: bool,
    pub(crate) api: bool,
}

/// What one address came to.
struct Visit {
    row: Row,
    reach: Reach,
    /// Seconds by which the host's clock is ahead of ours.
    ahead: Option<i64>,
}

impl Visit {
    fn ok(&self) -> bool {
        self.row.cure.is_none()
    }
}

/// Looks at both addresses.
pub(crate) async fn reach(
    subject: &Subject,
    http: &Arc<dyn HttpTransport>,
    examination: &mut Examination<'_>,
    watch: &Watch,
) -> Reached {
    let (login, api) = tokio::join!(
        visit(subject, http, Check::SignInAddress, subject.environment.login(), watch),
        visit(subject, http, Check::ApiAddress, subject.environment.api(), watch),
    );
    examination.add(login.row.clone());
    examination.add(api.row.clone());
    issuers(subject, &login, &api, examination);
    clock(&login, &api, examination);
    Reached { login: login.ok(), api: api.ok() }
}

async fn visit(subject: &Subject, http: &Arc<dyn HttpTransport>, check: Check, address: &Url, watch: &Watch) -> Visit {
    let reach = look(&subject.network, address, watch.left()).await;
    let host = host(address);
    if let Some((stage, error)) = &reach.failed {
        let (found, cure) = unreachable(&host, *stage, error, &reach);
        return Visit { row: Row::failed(check, found, cure), reach, ahead: None };
    }
    let (path, accept) = match check {
        Check::SignInAddress => (&["oauth", "authorize"][..], "text/html"),
        // Without a token: Genesys Cloud answers 401, in its own words.
        _ => (&["api", "v2", "tokens", "me"][..], "application/json"),
    };
    let mut url = address.clone();
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.pop_if_empty().extend(path);
    }
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static(accept));
    let before = SystemTime::now();
    let request = HttpRequest { method: Method::GET, url, headers, body: None, timeout: EACH };
    let answer = watch.within(http.send(request)).await;
    let answer = answer.unwrap_or_else(|| {
        Err(TransportError { kind: TransportKind::Timeout, detail: "no answer in time".to_owned() })
    });
    match answer {
        Ok(answer) => {
            let ahead = ahead(&answer, before, SystemTime::now());
            Visit { row: answered(check, &host, &reach, &answer), reach, ahead }
        }
        Err(error) => {
            let told = trouble::of_api_error(&ApiError::Transport(error.clone()));
            let found = format!("{host} was reached, but gave no answer: {} ({}).", error.kind, short(&error.detail));
            let cure = told.cure.unwrap_or_else(|| "Check firewalls and proxies on the way.".to_owned());
            Visit { row: Row::failed(check, found, cure), reach, ahead: None }
        }
    }
}

/// What an answer says about who answers.
fn answered(check: Check, host: &str, reach: &Reach, answer: &HttpResponse) -> Row {
    let status = answer.status;
    let kind = answer.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let json = kind.contains("json");
    let region = "Check the region, or the addresses in the settings.";
    if status >= 500 {
        let found = format!("{host} answers with HTTP {status}: a problem of its own, or of a proxy.");
        return Row::failed(
            check,
            found,
            "Try again in a few minutes. Genesys Cloud tells of its own at status.mypurecloud.com.",
        );
    }
    if check == Check::ApiAddress {
        match (status, json) {
            (404 | 300..=399, _) => {
                return Row::failed(check, format!("{host} has no Genesys Cloud API (HTTP {status})."), region);
            }
            (_, false) => {
                let found = format!(
                    "{host} answers with a web page or text where Genesys Cloud would send JSON (HTTP {status})."
                );
                let cure = "A proxy or the network's own sign-in page stands in between. Open a browser on this computer and look.";
                return Row::failed(check, found, cure);
            }
            _ => {}
        }
    } else if status == 404 {
        return Row::failed(check, format!("{host} has no Genesys Cloud sign-in (HTTP 404)."), region);
    }
    let way = match (&reach.proxy, reach.addresses.first()) {
        (Some(proxy), _) => format!(" through the proxy {proxy}"),
        (None, Some(address)) if !host.contains(&address.to_string()) => format!(" ({address})"),
        (None, _) => String::new(),
    };
    let tls = match reach.tls_version.as_deref() {
        Some(version) => format!(", {}", version.replace("TLSv1_", "TLS 1.")),
        None => String::new(),
    };
    Row::ok(check, format!("{host}{way}: connected in {} ms{tls}; HTTP answers.", reach.took.as_millis()))
}

/// Which step failed, and what to do.
fn unreachable(host: &str, stage: Stage, error: &TransportError, reach: &Reach) -> (String, String) {
    let detail = short(&error.detail);
    let proxy = reach.proxy.as_deref().unwrap_or("?");
    let firewall = "Let this computer connect to that host and port: a firewall, a wrong region or address.";
    match (stage, error.kind) {
        (_, TransportKind::Offline) => {
            ("This computer has no network.".to_owned(), "Check the cable or the Wi-Fi.".to_owned())
        }
        (Stage::Name, TransportKind::Timeout) => {
            (format!("Looking up the name {host} took too long."), "Check the name servers (DNS).".to_owned())
        }
        (Stage::Name, _) => (
            format!("The name {host} was not found ({detail})."),
            "Check the region or address, and the name servers (DNS).".to_owned(),
        ),
        (Stage::Proxy, _) => (
            format!("The proxy {proxy} does not let us through to {host}: {detail}."),
            "Check the proxy settings of this computer, and that the proxy allows the host.".to_owned(),
        ),
        (Stage::Connection, TransportKind::Timeout) => {
            (format!("{host} does not accept a connection: it took too long."), firewall.to_owned())
        }
        (Stage::Connection, _) => (format!("{host} does not accept a connection ({detail})."), firewall.to_owned()),
        (Stage::Certificate, _) => {
            let shown = match issuer(&reach.certificates) {
                Some(Issuer { name, public: false }) => format!(
                    " Its certificate is issued by {name}, which is no public authority: a proxy that looks inside secure connections, as a rule"
                ),
                Some(Issuer { name, public: true }) => format!(" Its certificate is issued by {name}"),
                None => " It has shown no certificate".to_owned(),
            };
            (
                format!("No secure connection to {host} can be made ({detail}).{shown}."),
                "Install the proxy's certificate authority in this computer's trust store, or exempt the Genesys Cloud hosts from inspection. Check the clock too.".to_owned(),
            )
        }
    }
}

fn issuers(subject: &Subject, login: &Visit, api: &Visit, examination: &mut Examination<'_>) {
    let check = Check::CertificateIssuer;
    let secure = |url: &Url| url.scheme() == "https";
    let hosts = [(subject.environment.login(), login), (subject.environment.api(), api)];
    if hosts.iter().all(|(url, _)| !secure(url)) {
        return examination.add(Row::ok(check, "None: plain http, inside this computer only."));
    }
    let (mut said, mut private): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for (url, visit) in hosts.into_iter().filter(|(url, visit)| secure(url) && visit.reach.failed.is_none()) {
        match issuer(&visit.reach.certificates) {
            Some(Issuer { name, public: true }) if !said.contains(&name) => said.push(name),
            Some(Issuer { public: true, .. }) => {}
            Some(Issuer { name, public: false }) => private.push(format!("{} by {name}", host(url))),
            None => private.push(format!("{} by an authority that cannot be read", host(url))),
        }
    }
    examination.add(if !private.is_empty() {
        Row::warning(
            check,
            format!("Not a public authority: {}. A proxy looks inside secure connections.", private.join(", ")),
            "This works while the proxy lets WebSockets pass. Exempting the Genesys Cloud hosts from inspection is safer.",
        )
    } else if said.is_empty() {
        Row::not_checked(check, "No secure connection was made.")
    } else {
        Row::ok(check, format!("{}.", said.join(", ")))
    });
}

/// By how many seconds the host's clock is ahead of ours. An HTTP date has whole seconds: on average half of one is cut off.
fn ahead(answer: &HttpResponse, before: SystemTime, after: SystemTime) -> Option<i64> {
    let said = answer.headers.get(DATE)?.to_str().ok()?;
    let said = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(said).ok()?.as_millisecond() + 500;
    let ours = |time| Timestamp::try_from(time).ok().map(Timestamp::as_millisecond);
    let middle = i64::midpoint(ours(before)?, ours(after)?);
    Some((said - middle) / 1000)
}

fn clock(login: &Visit, api: &Visit, examination: &mut Examination<'_>) {
    let check = Check::Clock;
    let known: Vec<_> = [("the sign-in address", login.ahead), ("the API address", api.ahead)]
        .into_iter()
        .filter_map(|(who, ahead)| ahead.map(|ahead| (who, ahead)))
        .collect();
    let Some((who, worst)) = known.iter().copied().max_by_key(|(_, ahead)| ahead.abs()) else {
        return examination.add(Row::not_checked(check, "No answer has told the time."));
    };
    let direction = if worst > 0 { "behind" } else { "ahead of" };
    let found = format!("This computer's clock is {} s {direction} that of {who}.", worst.abs());
    let cure = "Set this computer's clock by the network (NTP).";
    let by = worst.abs();
    examination.add(if by <= ODD {
        Row::ok(check, format!("Within {} s of Genesys Cloud's.", by.max(1)))
    } else if by <= WRONG {
        Row::warning(check, found, cure)
    } else {
        Row::failed(check, found, cure)
    });
}

/// Whether the OAuth client is known, with each of its return addresses. Whether a sign-in can be tried.
pub(crate) async fn client(
    subject: &Subject,
    browser: &Browser,
    http: &Arc<dyn HttpTransport>,
    examination: &mut Examination<'_>,
    watch: &Watch,
) -> bool {
    let mut unknown = None;
    let mut missing: Vec<String> = Vec::new();
    let mut slow = false;
    for port in &browser.ports {
        match watch.within(could_begin(&subject.environment, &browser.client_id, *port, http)).await {
            Some(Ok(())) => {}
            Some(Err(SignInError::RedirectNotRegistered { redirect_uri })) => missing.push(redirect_uri),
            Some(Err(error)) => {
                unknown = Some(error);
                break;
            }
            None => slow = true,
        }
    }
    if let Some(error) = unknown {
        let told = error.trouble();
        let cure = told.cure.unwrap_or_else(|| "Check the OAuth client in Genesys Cloud.".to_owned());
        examination.add(Row::failed(Check::OAuthClient, told.message, cure));
        examination.skip(Check::ReturnAddresses, "the OAuth client is not accepted");
        return false;
    }
    if slow {
        examination.skip(Check::OAuthClient, "the sign-in page took too long");
        examination.skip(Check::ReturnAddresses, "the sign-in page took too long");
        return true;
    }
    examination.add(Row::ok(Check::OAuthClient, format!("{} is known.", browser.client_id)));
    let all = missing.len() == browser.ports.len();
    let found = format!("Not registered with the OAuth client: {}.", missing.join(", "));
    let cure = "Add them to the OAuth client's authorised redirect URIs, exactly as they are here.";
    examination.add(match (missing.is_empty(), all) {
        (true, _) => {
            let ports: Vec<_> = browser.ports.iter().map(u16::to_string).collect();
            Row::ok(
                Check::ReturnAddresses,
                format!("Nothing wrong with http://localhost:{}/callback.", ports.join("|")),
            )
        }
        (false, true) => Row::failed(Check::ReturnAddresses, found, cure),
        (false, false) => Row::warning(Check::ReturnAddresses, found, cure),
    });
    !all
}

/// As a person writes it.
pub(crate) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn short(detail: &str) -> String {
    let detail: String = detail.chars().filter(|c| !c.is_control()).take(160).collect();
    detail.trim_end_matches('.').to_owned()
}
