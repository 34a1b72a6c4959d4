//! Looks at the sign-in address while the browser does, because a browser that shows an error (wrong client id, wrong host)
//! never comes back to tell us: without this the agent would wait five minutes for a sentence.

use std::sync::Arc;
use std::time::Duration;

use earshot_genesys::transport::{HttpRequest, HttpResponse, HttpTransport, TransportKind};
use http::header::{ACCEPT, LOCATION};
use http::{HeaderMap, HeaderValue, Method};
use url::{Url, form_urlencoded};

use super::SignInError;
use super::question::Question;

/// For one page; the person has not even found the browser window by then.
const TIMEOUT: Duration = Duration::from_secs(15);

/// Asks for the page the browser is sent to. `Err` only for what no browser could get past; all else is the browser's.
pub(super) async fn probe(question: &Question, http: &Arc<dyn HttpTransport>) -> Result<(), SignInError> {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_static("text/html"));
    let url = question.authorize_url();
    let request = HttpRequest { method: Method::GET, url, headers, body: None, timeout: TIMEOUT };
    match http.send(request).await {
        Ok(response) => judge(question, &response),
        Err(error) => match error.kind {
            TransportKind::Offline
            | TransportKind::Dns
            | TransportKind::Refused
            | TransportKind::Tls
            | TransportKind::Proxy => Err(SignInError::Unreachable(error)),
            // Passing, or a page of a size that is no business of ours.
            TransportKind::Timeout | TransportKind::TooLarge | TransportKind::Broken | TransportKind::Secret => Ok(()),
        },
    }
}

fn judge(question: &Question, response: &HttpResponse) -> Result<(), SignInError> {
    match response.status {
        300..=399 => match location_error(response) {
            Some(code) if matches!(code.as_str(), "invalid_client" | "unauthorized_client") => {
                Err(SignInError::WrongClient)
            }
            _ => Ok(()),
        },
        status @ (400 | 401 | 403 | 404 | 405 | 410) => {
            let page = String::from_utf8_lossy(&response.body).to_ascii_lowercase();
            if page.contains("invalid_client") || page.contains("unauthorized_client") {
                Err(SignInError::WrongClient)
            } else if status == 400 && page.contains("redirect") {
                Err(question.redirect_not_registered())
            } else if matches!(status, 404 | 405 | 410) {
                Err(SignInError::NotGenesys { status })
            } else {
                Ok(())
            }
        }
        _ => Ok(()),
    }
}

/// The error that a redirect to an error page carries, in its query or (pages that are programs) in its fragment.
fn location_error(response: &HttpResponse) -> Option<String> {
    let location = response.headers.get(LOCATION)?.to_str().ok()?;
    // Relative ones are as good.
    let url = Url::parse("https://relative.invalid/").ok()?.join(location).ok()?;
    let fragment = url.fragment().and_then(|fragment| fragment.split_once('?')).map(|(_, query)| query);
    [url.query(), fragment].into_iter().flatten().find_map(|query| {
        form_urlencoded::parse(query.as_bytes())
            .find(|(name, _)| matches!(&**name, "error" | "errorCode" | "error_code"))
            .map(|(_, value)| value.into_owned())
    })
}
