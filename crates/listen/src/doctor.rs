//! `earshot-listen doctor`: checks all that listening with these options would meet, and names what is wrong. For whoever
//! sets a listener up, and for their help desk. The checks are those of `earshot-doctor`; here is how a listener signs in.

use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use earshot_doctor::{Check, Entered, Examination, Needs, NotIn, Row, Subject, Wanted, Watch, examine};
use earshot_engine::trouble;
use earshot_engine::verdict::Signal;
use earshot_engine::world::CredentialStore as _;
use earshot_genesys::error::{ApiError, StatusError};
use earshot_genesys::net::Network;
use earshot_genesys::oauth::{self, ClientCredentials, TokenGrant};
use earshot_genesys::transport::HttpTransport;
use secrecy::ExposeSecret as _;
use tokio::runtime::Runtime;
use tokio::time::timeout;

use crate::arguments::{AGENTS_TOPICS, GrantType, Job};
use crate::exit;
use crate::secrets::{FileSecret, FileStore};

/// For getting a token: a secret may have to be tried after another.
const SIGN_IN: Duration = Duration::from_secs(10);

/// Examines, prints, and returns the exit code.
pub fn run(job: &Job, json: bool) -> u8 {
    let Ok(runtime) = Runtime::new() else { return exit::SYSTEM };
    let mut examination = Examination::new(move |row| {
        if !json {
            print(&row.lines());
        }
    });
    runtime.block_on(look(job, &mut examination));
    runtime.shutdown_timeout(Duration::from_millis(100));
    let (code, whole) = (examination.exit_code(), examination.json("earshot-listen", env!("CARGO_PKG_VERSION")));
    print(&if json { format!("{whole}\n") } else { format!("\n{}\n", examination.sum()) });
    if code == 0 { exit::OK } else { exit::NOT_WELL }
}

/// A reader that is gone needs no rows.
fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

async fn look(job: &Job, examination: &mut Examination<'_>) {
    let (environment, mut watch) = (&job.environment, Watch::start());
    examination.add(Row::ok(
        Check::Settings,
        format!("Sign-in at {}, API at {}, grant {}.", environment.login(), environment.api(), name(job.grant)),
    ));
    // Asked for by name, a topic is there for a reason; of those an agent has anyhow, one is.
    let usual = job.topics == AGENTS_TOPICS;
    let wanted = |topic: &String| Wanted { topic: topic.clone(), essential: !usual || *topic == AGENTS_TOPICS[0] };
    let subject = Subject {
        environment: environment.clone(),
        network: Network::system(),
        browser: None,
        topics: job.topics.iter().map(wanted).collect(),
        socket_auth: job.socket_auth,
        needs: Needs::Hearing,
    };
    let enter = |http: Arc<dyn HttpTransport>| async move {
        timeout(SIGN_IN, enter(job, &http)).await.unwrap_or_else(|_| {
            let found = "Genesys Cloud did not answer the sign-in in time.".to_owned();
            Err(NotIn::Failed(found, "Try again in a few minutes.".to_owned()))
        })
    };
    examine(&subject, examination, &mut watch, enter).await;
    if let Some(path) = &job.journal {
        examination.add(journal(path));
    }
}

const fn name(grant: GrantType) -> &'static str {
    match grant {
        GrantType::ClientCredentials => "client-credentials",
        GrantType::RefreshToken => "refresh-token",
        GrantType::AccessToken => "access-token",
    }
}

fn unreadable(error: &crate::secrets::Unreadable) -> NotIn {
    NotIn::Failed(
        format!("The file {error}."),
        "Put the secret into the file, and nothing else (mode 0600).".to_owned(),
    )
}

async fn enter(job: &Job, http: &Arc<dyn HttpTransport>) -> Result<Entered, NotIn> {
    let secrets = job.secrets.iter().map(|path| FileSecret::open(path)).collect::<Result<Vec<_>, _>>();
    let secrets = secrets.map_err(|error| unreadable(&error))?;
    let token = job.token.as_deref().map(FileSecret::open).transpose().map_err(|error| unreadable(&error))?;
    let entered = |grant: TokenGrant, how: &str, revoke, warning| Entered {
        token: grant.access_token,
        expires_in: Some(grant.expires_in),
        renewable: true,
        revoke,
        how: how.to_owned(),
        warning,
    };
    match (job.grant, token) {
        (GrantType::AccessToken, Some(token)) => {
            let now = token.now().await;
            Ok(Entered {
                token: now.into(),
                expires_in: None,
                renewable: true,
                revoke: false,
                how: "with the access token in its file".to_owned(),
                warning: None,
            })
        }
        (GrantType::RefreshToken, Some(file)) => {
            let store = FileStore(file);
            let (grant, warning) = refresh(job, http, &secrets, &store).await?;
            Ok(entered(grant, "with the refresh token in its file", false, warning))
        }
        _ => {
            let (grant, refused) = each_secret(job, &secrets, async |client: ClientCredentials<'_>| {
                oauth::client_credentials(http, &job.environment, &client).await
            })
            .await
            .map_err(|error| failed(&error))?;
            Ok(entered(grant, "with client credentials", true, worn(job, refused)))
        }
    }
}

/// With the refresh token of the file. What Genesys Cloud gives instead is stored before it is used; where the token was
/// renewed by a listener meanwhile, the file has the newer one.
async fn refresh(
    job: &Job,
    http: &Arc<dyn HttpTransport>,
    secrets: &[FileSecret],
    store: &FileStore,
) -> Result<(TokenGrant, Option<(String, String)>), NotIn> {
    let mut token = store.0.now().await;
    let mut again = true;
    let (grant, refused) = loop {
        let asked = each_secret(job, secrets, async |client: ClientCredentials<'_>| {
            oauth::refresh(http, &job.environment, &client, &token).await
        });
        match asked.await {
            Ok(granted) => break granted,
            Err(error) if again && code(&error) == Some("invalid_grant") => {
                again = false;
                let now = store.0.now().await;
                if now.expose_secret() == token.expose_secret() {
                    return Err(failed(&error));
                }
                token = now;
            }
            Err(error) => return Err(failed(&error)),
        }
    };
    if let Some(new) = &grant.refresh_token
        && let Err(error) = store.save(new).await
    {
        let found =
            format!("The new refresh token could not be stored ({error}): the one in the file may be void now.");
        return Ok((grant, Some((found, "Make the file writable, and put a new refresh token into it.".to_owned()))));
    }
    Ok((grant, worn(job, refused)))
}

/// Tries the client's secrets in their order; how many were refused before one worked.
async fn each_secret(
    job: &Job,
    secrets: &[FileSecret],
    ask: impl AsyncFn(ClientCredentials<'_>) -> Result<TokenGrant, ApiError>,
) -> Result<(TokenGrant, usize), ApiError> {
    if secrets.is_empty() {
        return ask(ClientCredentials { id: &job.client_id, secret: None }).await.map(|grant| (grant, 0));
    }
    let mut refused = 0;
    loop {
        let secret = secrets[refused].now().await;
        match ask(ClientCredentials { id: &job.client_id, secret: Some(&secret) }).await {
            Ok(grant) => return Ok((grant, refused)),
            Err(error) if code(&error) == Some("invalid_client") && refused + 1 < secrets.len() => refused += 1,
            Err(error) => return Err(error),
        }
    }
}

fn worn(job: &Job, refused: usize) -> Option<(String, String)> {
    let names: Vec<_> = job.secrets.iter().take(refused).map(|path| path.display().to_string()).collect();
    (!names.is_empty()).then(|| {
        let found = format!("Genesys Cloud does not accept the secret in {}.", names.join(", "));
        (found, "Put the current secret there.".to_owned())
    })
}

fn code(error: &ApiError) -> Option<&str> {
    match error {
        ApiError::Status(StatusError { code, .. }) => code.as_deref(),
        _ => None,
    }
}

fn failed(error: &ApiError) -> NotIn {
    let told = trouble::of_signal(&Signal::TokenEndpoint(error.clone()));
    NotIn::Failed(told.message, told.cure.unwrap_or_else(|| "Try again in a few minutes.".to_owned()))
}

/// Whether a journal could be kept there; one that is in use is left alone.
fn journal(path: &Path) -> Row {
    let folder = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let probe = folder.join(format!(".earshot-doctor-{}", std::process::id()));
    let written = fs::write(&probe, "probe").and_then(|()| fs::remove_file(&probe));
    let held = fs::metadata(path).map(|file| format!(" It has {} KiB.", file.len().div_ceil(1024))).unwrap_or_default();
    match written {
        Ok(()) => Row::ok(Check::Journal, format!("{} can be written.{held}", path.display())),
        Err(error) => Row::failed(
            Check::Journal,
            format!("No journal can be kept in {} ({}).", folder.display(), error.kind()),
            "Create the folder, and let the listener's user write to it.",
        ),
    }
}
