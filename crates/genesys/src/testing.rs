//! An HTTP transport for the tests of this crate: answers from a list, and remembers what it was asked.
#![allow(clippy::unwrap_used)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::transport::{HttpRequest, HttpResponse, HttpTransport, TransportError};

#[derive(Default)]
pub(crate) struct Scripted {
    answers: Mutex<VecDeque<Result<HttpResponse, TransportError>>>,
    pub(crate) asked: Mutex<Vec<HttpRequest>>,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Result<HttpResponse, TransportError>>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() })
    }
}

#[allow(clippy::unnecessary_wraps)] // an element of the list, where failures stand too
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Result<HttpResponse, TransportError> {
    let headers: HeaderMap = headers
        .iter()
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap()))
        .collect();
    Ok(HttpResponse { status, headers, body: Bytes::copy_from_slice(body.as_bytes()) })
}

#[async_trait]
impl HttpTransport for Scripted {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.asked.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop_front().expect("one more request than answers")
    }
}
