//! Obeys commands that make requests fail.

use super::command::{Fail, FailTokenEndpoint, RefuseUpgrades, Skew};
use super::run::{Answer, done, invalid};
use crate::clock::seconds;
use crate::faults::{Failure, PathFault, Span};
use crate::rest::errors::usual_code;
use crate::state::State;

impl State {
    fn span(&self, count: Option<u32>, secs: Option<f64>) -> Span {
        Span::new(count, secs.map(|s| self.now() + seconds(s)))
    }

    pub(super) fn refuse_upgrades(&mut self, body: &RefuseUpgrades) {
        let status = body.status.unwrap_or(503);
        let failure = Failure {
            status,
            code: usual_code(status).to_owned(),
            message: "The connection was refused.".to_owned(),
            body: body.body,
            retry_after: body.retry_after,
            delay: 0,
            hang: false,
        };
        self.faults.upgrades = Some((failure, self.span(body.count, body.seconds)));
    }

    pub(super) fn fail_token_endpoint(&mut self, body: FailTokenEndpoint) {
        let error = body.error.unwrap_or_else(|| "server_error".to_owned());
        let usual = match error.as_str() {
            "invalid_client" => 401,
            "server_error" => 500,
            "temporarily_unavailable" => 503,
            _ => 400,
        };
        let failure = Failure {
            status: body.status.unwrap_or(usual),
            message: error.replace('_', " "),
            code: format!("oauth:{error}"),
            body: body.body,
            retry_after: body.retry_after,
            delay: body.delay_ms.max(0),
            hang: false,
        };
        self.faults.token_endpoint = Some((failure, self.span(body.count, body.seconds)));
    }

    pub(super) fn skew(&mut self, body: Skew) {
        let by = if body.seconds < 0.0 { -seconds(-body.seconds) } else { seconds(body.seconds) };
        self.faults.skews.push((body.path.unwrap_or_else(|| "/".to_owned()), by));
    }

    pub(super) fn fail(&mut self, body: Fail) -> Answer {
        if !body.path.starts_with(['/', '*']) {
            return Err(invalid("say which `path`, such as `/api/v2/users/me`"));
        }
        let status = body.status.unwrap_or(500);
        if status != 0 && !(200..=599).contains(&status) {
            return Err(invalid("`status` must be 0 or an HTTP status from 200 to 599"));
        }
        let failure = Failure {
            status,
            code: body.code.unwrap_or_else(|| usual_code(status).to_owned()),
            message: body.message.unwrap_or_else(|| "The simulator was told to fail here.".to_owned()),
            body: body.body,
            retry_after: body.retry_after,
            delay: body.delay_ms.max(0),
            hang: body.hang,
        };
        let span = self.span(body.count, body.seconds);
        self.faults.paths.push(PathFault { path: body.path, method: body.method, failure, span });
        Ok(done())
    }
}
