//! One connection to the loopback port: reads a request head within bounds, and tells whether it is the answer we wait for.
//! Anybody on this computer can connect, so nothing here trusts, waits or holds without a limit.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::page::Page;
use super::question::{PATH, Question, Reply};

/// Largest head taken in. Codes and states are short; cookies of other programs on `localhost` are not.
const LONGEST_HEAD: usize = 16 * 1024;

/// For a head to arrive. Browsers send it in one piece; some open a connection ahead and leave it silent.
const HEAD_TIMEOUT: Duration = Duration::from_secs(5);

/// For an answer to be taken.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection that has brought the answer, and waits to be told how it went.
pub(super) struct Visitor(TcpStream);

impl Visitor {
    /// Shows a page and ends the connection. A browser that has gone is no trouble.
    pub(super) async fn show(mut self, page: &Page) {
        let answer = page.answer();
        let show = async {
            self.0.write_all(&answer).await?;
            self.0.shutdown().await
        };
        let _ = tokio::time::timeout(ANSWER_TIMEOUT, show).await;
    }
}

/// Reads one request. Whatever is not the answer to `question` is shown a page and forgotten.
pub(super) async fn receive(mut stream: TcpStream, question: &Question) -> Option<(Visitor, Reply)> {
    let page = match tokio::time::timeout(HEAD_TIMEOUT, head(&mut stream)).await {
        Ok(Head::Line(line)) => match understand(&line, question) {
            Ok(reply) => return Some((Visitor(stream), reply)),
            Err(page) => page,
        },
        Ok(Head::Garbage) => Page::bad_request(),
        Ok(Head::Gone) | Err(_) => return None,
    };
    let answer = page.answer();
    let polite = async {
        stream.write_all(&answer).await?;
        stream.shutdown().await?;
        // Closing with unread input would reset the connection and with it the page just sent.
        let mut rest = [0; 1024];
        while stream.read(&mut rest).await? > 0 {}
        Ok::<_, std::io::Error>(())
    };
    let _ = tokio::time::timeout(ANSWER_TIMEOUT, polite).await;
    None
}

enum Head {
    /// The request line of a complete head.
    Line(String),
    /// Too long, or not text.
    Garbage,
    /// The other side has gone before the end of the head.
    Gone,
}

async fn head(stream: &mut TcpStream) -> Head {
    let mut head = Vec::with_capacity(1024);
    let mut chunk = [0; 1024];
    loop {
        let read = match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return Head::Gone,
            Ok(read) => read,
        };
        // The end may lie across two pieces.
        let seen = head.len().saturating_sub(3);
        head.extend_from_slice(chunk.get(..read).unwrap_or_default());
        let fresh = head.get(seen..).unwrap_or_default();
        if fresh.windows(4).any(|window| window == b"\r\n\r\n") {
            break;
        }
        if head.len() > LONGEST_HEAD {
            return Head::Garbage;
        }
    }
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    match std::str::from_utf8(line) {
        Ok(line) => Head::Line(line.to_owned()),
        Err(_) => Head::Garbage,
    }
}

fn understand(line: &str, question: &Question) -> Result<Reply, Page> {
    let mut words = line.split(' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Page::bad_request());
    };
    if !version.starts_with("HTTP/1.") {
        return Err(Page::bad_request());
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    if path != PATH {
        return Err(Page::not_found());
    }
    if method != "GET" {
        return Err(Page::wrong_method());
    }
    match question.reply(query) {
        Reply::Stranger => Err(Page::stranger()),
        reply => Ok(reply),
    }
}
