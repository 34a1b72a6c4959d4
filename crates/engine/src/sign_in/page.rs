//! What the browser shows when it comes back: a small page of our own, without script, and without a word of what was sent.

use super::SignInError;

const STYLE: &str = "\
:root{color-scheme:light dark}\
body{margin:0;min-height:100vh;display:grid;place-items:center;font:16px/1.5 system-ui,sans-serif;\
background:#f4f6f8;color:#1b2733}\
main{max-width:26rem;margin:1rem;padding:2rem 2.25rem;border-radius:.75rem;background:#fff;\
box-shadow:0 1px 3px #0003}\
h1{margin:0 0 .5rem;font-size:1.35rem}p{margin:.5rem 0 0}\
@media(prefers-color-scheme:dark){body{background:#10161c;color:#e6edf3}main{background:#1b242d}}";

/// A page: its status line, title and paragraphs. The texts may come from us only.
pub(super) struct Page {
    status: &'static str,
    title: &'static str,
    text: String,
    cure: Option<String>,
}

impl Page {
    /// The sign-in has worked.
    pub(super) fn signed_in() -> Self {
        Self::new("200 OK", "You are signed in", "Earshot is listening. You can close this window.")
    }

    /// The sign-in has not worked.
    pub(super) fn failed(error: &SignInError) -> Self {
        let trouble = error.trouble();
        // 200, because some browsers hide the page of any other status behind one of their own.
        Self { text: trouble.message, cure: trouble.cure, ..Self::new("200 OK", "Earshot is not signed in", "") }
    }

    /// The request has nothing to do with this sign-in.
    pub(super) fn stranger() -> Self {
        let text = "This answer does not belong to the sign-in that Earshot is waiting for. Start again in Earshot.";
        Self::new("400 Bad Request", "That did not work", text)
    }

    /// Another path.
    pub(super) fn not_found() -> Self {
        Self::new("404 Not Found", "Nothing here", "Earshot waits here for a sign-in only.")
    }

    /// Another method.
    pub(super) fn wrong_method() -> Self {
        Self::new("405 Method Not Allowed", "Nothing here", "Earshot waits here for a sign-in only.")
    }

    /// Not HTTP, or far too much of it.
    pub(super) fn bad_request() -> Self {
        Self::new("400 Bad Request", "That did not work", "Earshot could not read this request.")
    }

    fn new(status: &'static str, title: &'static str, text: &str) -> Self {
        Self { status, title, text: text.to_owned(), cure: None }
    }

    /// The whole answer, as it goes over the wire.
    pub(super) fn answer(&self) -> Vec<u8> {
        let cure = self.cure.as_deref().map(|cure| format!("<p>{}</p>", escaped(cure))).unwrap_or_default();
        let body = format!(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width\"><title>{title} · Earshot</title>\
             <style>{STYLE}</style><main><h1>{title}</h1><p>{text}</p>{cure}</main></html>",
            title = self.title,
            text = escaped(&self.text),
        );
        format!(
            "HTTP/1.1 {}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\nConnection: close\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
             Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'\r\n\r\n{body}",
            self.status,
            body.len(),
        )
        .into_bytes()
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
