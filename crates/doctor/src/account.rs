//! Who the token belongs to, how long it lives, and what it may do.

use std::time::Duration;

use earshot_engine::trouble;
use earshot_engine::verdict::{Block, Call};
use earshot_genesys::api::Api;
use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::wire::Me;

use crate::features::{PERMISSIONS, Right, SCOPES, Weight, missing};
use crate::report::{Check, Examination, Row};
use crate::time::Watch;
use crate::{Entered, Needs, Subject};

/// A working day: a token that ends before asks the agent to sign in during it.
const SHIFT: Duration = Duration::from_secs(8 * 60 * 60);

/// What the checks after this one go by.
#[derive(Debug, Default)]
pub(crate) struct Account {
    /// The user's id, where there is a user.
    pub(crate) user: Option<String>,
    /// Scopes the token has; `None` where that was not told.
    pub(crate) scopes: Option<Vec<String>>,
}

/// Asks who the token belongs to.
pub(crate) async fn look(
    subject: &Subject,
    api: &Api,
    entered: &Entered,
    examination: &mut Examination<'_>,
    watch: &Watch,
) -> Account {
    let me = match watch.within(api.me(&entered.token)).await {
        Some(Ok(me)) => me,
        Some(Err(ApiError::Status(status))) if status.code.as_deref() == Some("not.a.user") => {
            return service(api, entered, examination, watch).await;
        }
        other => {
            examination.add(refused(Check::Token, Call::Me, other.map(Result::err).unwrap_or_default()));
            examination.skip_after(Check::Token, Check::Permissions, "the user is not known");
            return Account::default();
        }
    };
    let idle = watch.within(api.token_timeout(&entered.token)).await.and_then(Result::ok);
    let idle = idle.filter(|idle| idle.enable_idle_token_timeout == Some(true));
    let idle = idle.and_then(|idle| idle.idle_token_timeout_seconds).and_then(|seconds| u64::try_from(seconds).ok());
    examination.add(token(&me, entered, idle.map(Duration::from_secs), subject.needs));
    let scopes = me.token.as_ref().map(|token| token.authorized_scope.clone()).filter(|scopes| !scopes.is_empty());
    let client = "Grant them to the OAuth client (Admin, Integrations, OAuth), then sign in again";
    rights(Check::Scopes, SCOPES, scopes.as_deref(), subject.needs, client, examination);
    let permissions = me.authorization.as_ref().map(|authorization| authorization.permissions.clone());
    let role = "Grant them to one of the agent's roles (Admin, Roles / Permissions)";
    rights(Check::Permissions, PERMISSIONS, permissions.as_deref(), subject.needs, role, examination);
    Account { user: Some(me.id), scopes }
}

/// A token without a user: what it may do, the roles of its OAuth client say.
async fn service(api: &Api, entered: &Entered, examination: &mut Examination<'_>, watch: &Watch) -> Account {
    match watch.within(api.token_info(&entered.token)).await {
        Some(Ok(info)) => {
            let organisation = info.organization.and_then(|organisation| organisation.name);
            let organisation = organisation.map(|name| format!(", in {name}")).unwrap_or_default();
            let ends = entered.expires_in.map(|life| format!("; ends in {}", long(life))).unwrap_or_default();
            examination.add(Row::ok(Check::Token, format!("The OAuth client itself, no user{organisation}{ends}.")));
        }
        other => examination.add(refused(Check::Token, Call::Me, other.map(Result::err).unwrap_or_default())),
    }
    let why = "a sign-in without a user goes by the roles of its OAuth client; see the subscription";
    examination.skip(Check::Scopes, why);
    examination.skip(Check::Permissions, why);
    Account::default()
}

fn token(me: &Me, entered: &Entered, idle: Option<Duration>, needs: Needs) -> Row {
    let name = me.name.as_deref().unwrap_or("A user without a name");
    let organisation = me.organization.as_ref().and_then(|organisation| organisation.name.as_deref());
    let organisation = organisation.map(|name| format!(", {name}")).unwrap_or_default();
    let ends = match entered.expires_in {
        Some(life) => format!("; ends in {}", long(life)),
        None => String::new(),
    };
    let idle = match idle {
        Some(idle) => format!("; lapses when unused for {}", long(idle)),
        None => "; does not lapse when unused".to_owned(),
    };
    let found = format!("{name}{organisation}{ends}{idle}.");
    let short = entered.expires_in.is_some_and(|life| life < SHIFT) && !entered.renewable;
    if short && needs == Needs::Desk {
        let cure =
            "Set the token duration of the OAuth client to 64800 seconds (18 hours), so that it outlives a shift.";
        return Row::warning(
            Check::Token,
            format!("{found} That is shorter than a shift, and only a person can renew it."),
            cure,
        );
    }
    Row::ok(Check::Token, found)
}

fn rights(
    check: Check,
    rights: &[Right],
    granted: Option<&[String]>,
    needs: Needs,
    who: &str,
    examination: &mut Examination<'_>,
) {
    let Some(granted) = granted else {
        return examination.skip(check, "Genesys Cloud does not say what was granted");
    };
    let missing = missing(rights, granted, needs);
    let told = |right: &&&Right| format!("{} (without it {})", right.any_of[0], right.lost);
    let of = |wanted: &[Weight]| {
        let told: Vec<_> =
            missing.iter().filter(|right| wanted.contains(&right.weight)).map(|right| told(&right)).collect();
        told.join("; ")
    };
    let needed = of(&[Weight::Essential, Weight::Wanted]);
    if needed.is_empty() {
        let extra = of(&[Weight::Extra]);
        let extra = if extra.is_empty() { extra } else { format!(" Not granted, and seldom missed: {extra}.") };
        return examination.add(Row::ok(check, format!("All that is needed.{extra}")));
    }
    let found = format!("Missing: {needed}.");
    let cure = format!("{who}.");
    let fatal = missing.iter().any(|right| right.weight == Weight::Essential);
    examination.add(if fatal { Row::failed(check, found, cure) } else { Row::warning(check, found, cure) });
}

/// What a call that failed is called; `None` for one that took too long.
pub(crate) fn refused(check: Check, call: Call, error: Option<ApiError>) -> Row {
    let told = match &error {
        None => return Row::failed(check, "Genesys Cloud did not answer in time.", "Try again in a few minutes."),
        Some(ApiError::Status(status @ StatusError { status: 401, html: false, .. })) => {
            trouble::of_block(Block::WrongRegion, Some(status))
        }
        Some(ApiError::Status(status @ StatusError { status: 403, html: false, .. })) => {
            trouble::of_blocked_call(Block::Forbidden, call, status)
        }
        Some(error) => trouble::of_api_error(error),
    };
    let context = match error {
        Some(ApiError::Status(StatusError { context_id: Some(id), .. })) => format!(" (correlation id {id})"),
        _ => String::new(),
    };
    let cure = told.cure.unwrap_or_else(|| "Try again in a few minutes.".to_owned());
    Row::failed(check, format!("{}{context}", told.message), cure)
}

fn long(time: Duration) -> String {
    let minutes = time.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, 0) => format!("{} s", time.as_secs()),
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_people_say_them() {
        let written = [59, 60, 3600, 64_799].map(|seconds| long(Duration::from_secs(seconds)));
        assert_eq!(written, ["59 s", "1 min", "1 h", "17 h 59 min"]);
    }
}
