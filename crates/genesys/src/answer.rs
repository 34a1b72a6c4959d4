//! Reads HTTP answers: success or [`StatusError`], HTML or JSON, `Retry-After`. For the API, OAuth and the socket's upgrade.

use std::time::Duration;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::error::{ApiError, StatusError};
use crate::transport::HttpResponse;
use crate::wire::overcrowded;

/// Genesys speaks of minutes to hours; more than a day is a mistake of somebody's and would overflow clocks.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Genesys' codes and correlation ids are half as long.
const LONGEST_NAME: usize = 80;
/// Texts of an error body are shown to a person; a longer one is not a sentence any more.
const LONGEST_MESSAGE: usize = 1000;

/// Genesys' `ErrorBody`, and the error of an OAuth token endpoint.
#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ErrorBody {
    code: Option<serde_json::Value>,
    message: Option<serde_json::Value>,
    message_with_params: Option<serde_json::Value>,
    context_id: Option<serde_json::Value>,
    error: Option<serde_json::Value>,
    #[serde(rename = "error_description")]
    error_description: Option<serde_json::Value>,
    description: Option<serde_json::Value>,
}

/// The answer itself if its status is a success, else what it says.
pub(crate) fn success(response: HttpResponse) -> Result<HttpResponse, StatusError> {
    if (200..300).contains(&response.status) { Ok(response) } else { Err(status_error(&response)) }
}

/// What an answer that is no success says.
pub(crate) fn status_error(response: &HttpResponse) -> StatusError {
    let html = is_html(response);
    let body: ErrorBody = if html { ErrorBody::default() } else { error_body(without_mark(&response.body)) };
    let header = |name| response.headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    StatusError {
        status: response.status,
        code: words(body.code).or(words(body.error)).and_then(name),
        message: words(body.error_description)
            .or(words(body.description))
            .or(words(body.message))
            .or(words(body.message_with_params))
            .map(|text| text.chars().take(LONGEST_MESSAGE).collect()),
        context_id: words(body.context_id).or_else(|| header("inin-correlation-id")).and_then(name),
        retry_after: retry_after(&response.headers),
        html,
    }
}

fn error_body(body: &[u8]) -> ErrorBody {
    if overcrowded(body) { ErrorBody::default() } else { serde_json::from_slice(body).unwrap_or_default() }
}

/// A code or an id, which may stand in a log. Anything else in its place is somebody's text, and may not.
fn name(text: String) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
    (text.len() <= LONGEST_NAME && text.chars().all(plain)).then_some(text)
}

fn words(value: Option<serde_json::Value>) -> Option<String> {
    match value? {
        serde_json::Value::String(text) if !text.trim().is_empty() => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The body as JSON.
pub(crate) fn json<T: DeserializeOwned>(call: &'static str, response: &HttpResponse) -> Result<T, ApiError> {
    let malformed = || ApiError::Malformed { call, html: is_html(response) };
    // A list or a scalar is never an answer of Genesys, but many a derive accepts a list in place of an object.
    let body = without_mark(&response.body);
    if first_letter(body) != Some(b'{') || overcrowded(body) {
        return Err(malformed());
    }
    serde_json::from_slice(body).map_err(|_| malformed())
}

fn first_letter(body: &[u8]) -> Option<u8> {
    without_mark(body).iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

/// Without the byte order mark that some proxies and servers put first.
fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body)
}

/// Whether the body is a web page: by what it says it is, or by how it begins.
pub(crate) fn is_html(response: &HttpResponse) -> bool {
    let says = response.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let says = says.trim_start().to_ascii_lowercase();
    says.starts_with("text/html") || says.starts_with("application/xhtml") || first_letter(&response.body) == Some(b'<')
}

/// `Retry-After`, in seconds or as a date. A date is compared with the server's own `Date`, so that a wrong clock here
/// does no harm.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        let usable = seconds.is_finite() && seconds >= 0.0;
        return usable.then(|| Duration::from_secs_f64(seconds.min(LONGEST_RETRY_AFTER.as_secs_f64())));
    }
    let until = http_date(value)?;
    let now = headers.get(DATE).and_then(|date| date.to_str().ok()).and_then(http_date).unwrap_or_else(Timestamp::now);
    let wait = until.duration_since(now);
    Some(Duration::try_from(wait).unwrap_or_default().min(LONGEST_RETRY_AFTER))
}

fn http_date(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use bytes::Bytes;
    use http::{HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    fn response(status: u16, headers: &[(&str, &str)], body: &str) -> HttpResponse {
        let headers = headers
            .iter()
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
            .collect();
        HttpResponse { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    #[rstest]
    #[case(&[("retry-after", "7")], Some(7.0))]
    #[case(&[("retry-after", " 0 ")], Some(0.0))]
    #[case(&[("retry-after", "1.5")], Some(1.5))]
    #[case(&[("retry-after", "99999999999999999999")], Some(86400.0))]
    #[case(&[("retry-after", "1e400")], None)]
    #[case(&[("retry-after", "-3")], None)]
    #[case(&[("retry-after", "NaN")], None)]
    #[case(&[("retry-after", "soon")], None)]
    #[case(&[("retry-after", "")], None)]
    #[case(&[], None)]
    #[case(&[("date", "Wed, 21 Oct 2015 07:28:00 GMT"), ("retry-after", "Wed, 21 Oct 2015 07:28:30 GMT")], Some(30.0))]
    #[case(&[("date", "Wed, 21 Oct 2015 07:28:00 GMT"), ("retry-after", "Wed, 21 Oct 2015 07:27:00 GMT")], Some(0.0))]
    #[case(&[("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT")], Some(0.0))]
    fn retry_after_in_all_its_forms(#[case] headers: &[(&str, &str)], #[case] want: Option<f64>) {
        let got = retry_after(&response(429, headers, "").headers);
        assert_eq!(got, want.map(Duration::from_secs_f64));
    }

    #[test]
    fn a_genesys_error_keeps_what_matters() {
        let body = r#"{"message":"Missing the following permission(s): a:b:c","code":"missing.permissions","status":403,
            "messageParams":{},"contextId":"ctx-1","details":[],"errors":[]}"#;
        let error = success(response(403, &[("content-type", "application/json"), ("retry-after", "2")], body));
        let error = error.unwrap_err();
        assert_eq!(
            error,
            StatusError {
                status: 403,
                code: Some("missing.permissions".into()),
                message: Some("Missing the following permission(s): a:b:c".into()),
                context_id: Some("ctx-1".into()),
                retry_after: Some(Duration::from_secs(2)),
                html: false,
            }
        );
    }

    #[rstest]
    #[case(r#"{"error":"invalid_grant","error_description":"expired"}"#, Some("invalid_grant"), Some("expired"))]
    #[case(
        r#"{"error":"invalid_client","description":"no such client"}"#,
        Some("invalid_client"),
        Some("no such client")
    )]
    #[case("", None, None)]
    #[case("{", None, None)]
    #[case("null", None, None)]
    #[case(r#"{"code":{"deep":1},"message":null}"#, None, None)]
    #[case(r#"{"code":17,"message":"  "}"#, Some("17"), None)]
    #[case("upstream connect error", None, None)]
    #[case(r#"{"code":"GET /x Authorization: Bearer canary"}"#, None, None)]
    fn error_bodies_of_every_make(#[case] body: &str, #[case] code: Option<&str>, #[case] message: Option<&str>) {
        let error = status_error(&response(400, &[("ININ-Correlation-Id", "from-header")], body));
        assert_eq!(error.code.as_deref(), code);
        assert_eq!(error.message.as_deref(), message);
        assert_eq!(error.context_id.as_deref(), Some("from-header"));
        assert!(!error.html);
    }

    #[rstest]
    #[case(&[("content-type", "Text/HTML; charset=utf-8")], "Bad gateway", true)]
    #[case(&[], " \n<!DOCTYPE html><title>Sign in to the hotel", true)]
    #[case(&[("content-type", "application/json")], "{}", false)]
    fn web_pages_are_recognised(#[case] headers: &[(&str, &str)], #[case] body: &str, #[case] html: bool) {
        assert_eq!(status_error(&response(502, headers, body)).html, html);
    }

    #[test]
    fn an_answer_with_a_byte_order_mark_is_read() {
        let got = json::<crate::wire::Me>("GET /users/me", &response(200, &[], "\u{FEFF}{\"id\":\"u\"}"));
        assert_eq!(got.unwrap().id, "u");
        let error = status_error(&response(400, &[], "\u{FEFF}{\"code\":\"bad.request\"}"));
        assert_eq!(error.code.as_deref(), Some("bad.request"));
    }

    #[test]
    fn an_answer_of_objects_without_end_is_none() {
        let many = format!(r#"{{"id":"u","presenceDefinitions":[{}{{}}]}}"#, "{},".repeat(crate::wire::MOST_OBJECTS));
        let got = json::<crate::wire::Me>("GET /users/me", &response(200, &[], &many));
        assert_eq!(got.unwrap_err(), ApiError::Malformed { call: "GET /users/me", html: false });
        assert_eq!(status_error(&response(400, &[], &many.replace("id", "code"))).code, None);
    }

    #[rstest]
    #[case("<html>", true)]
    #[case("{\"id\":", false)]
    #[case("[]", false)]
    #[case("", false)]
    fn a_success_that_is_not_the_answer(#[case] body: &str, #[case] html: bool) {
        let got = json::<crate::wire::Me>("GET /users/me", &response(200, &[], body));
        assert_eq!(got.unwrap_err(), ApiError::Malformed { call: "GET /users/me", html });
    }
}
