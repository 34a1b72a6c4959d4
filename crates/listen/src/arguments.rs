//! What can be written on the command line, and what it amounts to. No secret can: they are in files.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};
use earshot_engine::plan::ME;
use earshot_genesys::hosts::Environment;
use earshot_genesys::socket_auth::SocketAuth;

use crate::audit::Question;

/// What a user's sign-in listens to unless told otherwise: what an agent's desktop needs.
pub(crate) const AGENTS_TOPICS: [&str; 4] = [
    "v2.users.{me}.conversations",
    "v2.users.{me}.presence",
    "v2.users.{me}.routingStatus",
    "v2.users.{me}.conversationsummary",
];
/// Genesys: topics for each channel.
const MOST_TOPICS: usize = 1000;
/// Genesys: length of a topic's name.
const LONGEST_TOPIC: usize = 199;

const AFTER: &str = "\
Standard output has one JSON object a line, of four types:
  {\"type\":\"link\",\"state\":\"connecting|connected|reconnecting|sign_in_needed|blocked|offline|closed\",\"at\":…,\"reason\":…}
  {\"type\":\"event\",\"source\":\"live|recovered\",\"at\":…,\"topic\":…,\"body\":{…}}
  {\"type\":\"gap\",\"from\":…,\"to\":…,\"cause\":…,\"recovered\":0,\"missed\":0,\"settled\":true}
  {\"type\":\"topic\",\"topic\":…,\"state\":\"permitted|rejected\",\"reason\":…}
More keys may come. Times are RFC 3339. A gap is told when it closes, and again when it is settled, with the same `from`.

Secrets are never given on the command line, where every user of the computer could read them: no option takes one.
A secret's file holds the secret and nothing else; make it readable to yourself alone (mode 0600).

\"earshot-listen doctor\" with the same options checks everything from the addresses to the socket, and names what is wrong.

A journal is asked with \"earshot-listen journal verify|export|report FILE\", also while it is written.

Exit codes: 0 ended by SIGINT or SIGTERM, or nobody reads any more; 1 (journal verify) the journal is not sound,
(doctor) something failed;
2 signing in is impossible; 64 bad arguments; 66 a journal cannot be read; 71 this computer does not let us work;
73 the journal cannot be kept.

EARSHOT_LOG sets what is logged on standard error: error, warn (the default), info, debug, trace, or a filter.";

/// Listens to Genesys Cloud notifications and never goes deaf without saying so: one JSON object a line.
#[derive(Debug, Parser)]
#[command(name = "earshot-listen", version, after_help = AFTER)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(flatten)]
    listen: Listen,
    /// Something else than listening.
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Args)]
struct Listen {
    /// Region, by its domain: mypurecloud.de, usw2.pure.cloud, …
    #[arg(long, value_name = "DOMAIN", conflicts_with_all = ["login_url", "api_url"], required_unless_present = "login_url")]
    region: Option<String>,
    /// Address of the sign-in, instead of a region
    #[arg(long, value_name = "URL", requires = "api_url")]
    login_url: Option<String>,
    /// Address of the REST API, instead of a region
    #[arg(long, value_name = "URL", requires = "login_url")]
    api_url: Option<String>,
    /// How a token is had
    #[arg(long, value_name = "GRANT", required = true)]
    grant: Option<GrantType>,
    /// OAuth client
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// File with the client's secret, read again at every renewal; give several to rotate one without a break: they are
    /// tried in order
    #[arg(long, value_name = "FILE")]
    client_secret_file: Vec<PathBuf>,
    /// File with the refresh token; it is replaced when Genesys Cloud gives another one
    #[arg(long, value_name = "FILE")]
    refresh_token_file: Option<PathBuf>,
    /// File with an access token that somebody else renews; it is read again every minute, and when it is refused
    #[arg(long, value_name = "FILE")]
    access_token_file: Option<PathBuf>,
    /// Topic to listen to, as often as needed; {me} stands for the user's id. A user's sign-in without any listens to the
    /// user's own conversations, presence, routing status and conversation summary
    #[arg(long, value_name = "TOPIC")]
    topic: Vec<String>,
    /// Whether the socket is opened with the access token. Genesys Cloud wants none; some gateways do. It is sent to no
    /// server outside the API's domain, and never unencrypted except on this computer
    #[arg(long, value_name = "WHERE", default_value = "none")]
    socket_auth: Where,
    /// Keeps a journal in this file: events, gaps, renewals, each with the hash of the one before. What is printed is in it
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Keeps the bodies of events in the journal too; without this only their length and hash
    #[arg(long, requires = "journal")]
    journal_bodies: bool,
    /// How much may wait on disk for a slow reader; what comes after that is counted and left out
    #[arg(long, value_name = "MIB", default_value_t = 1024)]
    spill_limit: u64,
}

/// How a token is had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GrantType {
    /// As the OAuth client itself, without a user
    ClientCredentials,
    /// With a refresh token of a user
    RefreshToken,
    /// Somebody else makes it and writes it to a file
    AccessToken,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Where {
    None,
    Header,
    Query,
}

/// Something else than listening.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Asks a journal; it may be in use
    #[command(subcommand)]
    Journal(Question),
    /// Checks addresses, sign-in, rights, subscription and socket, as listening with the same options would meet them
    Doctor(Examine),
    /// Prints the manual page
    Man,
}

/// A self-check.
#[derive(Debug, Args)]
pub struct Examine {
    #[command(flatten)]
    listen: Listen,
    /// Prints one JSON object instead of a table
    #[arg(long)]
    pub json: bool,
}

impl Examine {
    /// What listening with these options would be, or the sentence that says what is wrong with them.
    pub fn job(self) -> Result<Job, clap::Error> {
        self.listen.job().map_err(|sentence| Arguments::command().error(ErrorKind::ValueValidation, sentence))
    }
}

/// What to do, and with which files.
#[derive(Debug)]
pub struct Job {
    /// Where.
    pub environment: Environment,
    /// How a token is had.
    pub grant: GrantType,
    /// OAuth client; empty for an access token, which needs none.
    pub client_id: String,
    /// Files with its secrets.
    pub secrets: Vec<PathBuf>,
    /// File with the refresh or the access token.
    pub token: Option<PathBuf>,
    /// What to listen to.
    pub topics: Vec<String>,
    /// How the socket is opened.
    pub socket_auth: SocketAuth,
    /// The journal.
    pub journal: Option<PathBuf>,
    /// With bodies.
    pub journal_bodies: bool,
    /// Bytes that may wait on disk for a slow reader.
    pub spill_limit: u64,
}

impl Arguments {
    /// What the options amount to, or the sentence that says what is wrong with them.
    pub fn job(self) -> Result<Job, clap::Error> {
        self.listen.job().map_err(|sentence| Self::command().error(ErrorKind::ValueValidation, sentence))
    }
}

/// What is wrong with the arguments, always with the usage.
pub fn complaint(error: &clap::Error) -> String {
    let mut text = error.to_string();
    if !text.contains("Usage:") {
        text = format!("{}\n\n{}\n", text.trim_end(), Arguments::command().render_usage());
    }
    text
}

impl Listen {
    fn job(self) -> Result<Job, String> {
        let environment = match (&self.region, &self.login_url, &self.api_url) {
            (Some(region), None, None) => Environment::region(region),
            (None, Some(login), Some(api)) => Environment::custom(login, api),
            _ => return Err("Give --region, or --login-url and --api-url.".into()),
        };
        let environment = environment.map_err(|error| error.to_string())?;
        let grant = self.grant.ok_or("Give --grant.")?;
        let token = self.token_file(grant)?;
        let client_id = self.client_id.unwrap_or_default().trim().to_owned();
        if grant != GrantType::AccessToken && client_id.is_empty() {
            return Err("This grant needs --client-id.".into());
        }
        match (grant, self.client_secret_file.is_empty()) {
            (GrantType::ClientCredentials, true) => {
                return Err("The grant client-credentials needs --client-secret-file.".into());
            }
            (GrantType::AccessToken, false) => {
                return Err("The grant access-token uses no --client-secret-file.".into());
            }
            _ => {}
        }
        let topics = match (self.topic.is_empty(), grant) {
            (false, _) => self.topic,
            (true, GrantType::ClientCredentials) => {
                return Err(
                    "The grant client-credentials belongs to no user: say with --topic what to listen to.".into()
                );
            }
            (true, _) => AGENTS_TOPICS.map(str::to_owned).into(),
        };
        check_topics(&topics)?;
        let socket_auth = match self.socket_auth {
            Where::None => SocketAuth::None,
            Where::Header => SocketAuth::Header,
            Where::Query => SocketAuth::Query,
        };
        Ok(Job {
            environment,
            grant,
            client_id,
            secrets: self.client_secret_file,
            token,
            topics,
            socket_auth,
            journal: self.journal,
            journal_bodies: self.journal_bodies,
            spill_limit: self.spill_limit.saturating_mul(1024 * 1024),
        })
    }

    fn token_file(&self, grant: GrantType) -> Result<Option<PathBuf>, String> {
        match (grant, &self.refresh_token_file, &self.access_token_file) {
            (GrantType::ClientCredentials, None, None) => Ok(None),
            (GrantType::RefreshToken, Some(file), None) | (GrantType::AccessToken, None, Some(file)) => {
                Ok(Some(file.clone()))
            }
            (GrantType::RefreshToken, None, _) => Err("The grant refresh-token needs --refresh-token-file.".into()),
            (GrantType::AccessToken, _, None) => Err("The grant access-token needs --access-token-file.".into()),
            (_, Some(_), _) => Err("Only the grant refresh-token uses --refresh-token-file.".into()),
            (_, None, Some(_)) => Err("Only the grant access-token uses --access-token-file.".into()),
        }
    }
}

fn check_topics(topics: &[String]) -> Result<(), String> {
    for topic in topics {
        let name = topic.replace(ME, "");
        if name.trim().is_empty() || topic.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(format!("\u{201c}{}\u{201d} is no topic.", topic.escape_debug()));
        }
        if topic.starts_with("v2.system.") || topic.starts_with("channel.metadata") {
            return Err(format!("{topic} comes by itself and cannot be asked for."));
        }
        if topic.len() > LONGEST_TOPIC {
            return Err(format!("A topic is too long: Genesys Cloud allows {LONGEST_TOPIC} characters."));
        }
    }
    if topics.len() > MOST_TOPICS {
        return Err(format!("{} topics are too many: Genesys Cloud allows {MOST_TOPICS}.", topics.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const WHERE: [&str; 3] = ["earshot-listen", "--region", "mypurecloud.de"];
    const SERVICE: [&str; 6] = ["--grant", "client-credentials", "--client-id", "c", "--client-secret-file", "secret"];

    fn job(arguments: &[&str]) -> Result<Job, String> {
        let all = WHERE.iter().chain(arguments);
        Arguments::try_parse_from(all).and_then(Arguments::job).map_err(|error| complaint(&error))
    }

    fn service(arguments: &[&str]) -> Result<Job, String> {
        job(&[&SERVICE, arguments].concat())
    }

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_service_says_what_to_listen_to() {
        assert!(service(&[]).unwrap_err().contains("--topic"));
        let job = service(&["--topic", "v2.users.u.presence", "--topic", "v2.routing.queues.q.users"]).unwrap();
        assert_eq!(job.topics.len(), 2);
        assert_eq!(job.environment.api().as_str(), "https://api.mypurecloud.de/");
    }

    #[test]
    fn a_user_need_not() {
        let job = job(&["--grant", "access-token", "--access-token-file", "t"]).unwrap();
        assert_eq!(job.topics, AGENTS_TOPICS);
        assert_eq!(job.token, Some("t".into()));
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_a_sentence() {
        for (arguments, says) in [
            (&["--grant", "refresh-token", "--client-id", "c"][..], "--refresh-token-file"),
            (&["--grant", "refresh-token", "--refresh-token-file", "r"], "--client-id"),
            (&["--grant", "access-token", "--refresh-token-file", "r"], "--access-token-file"),
            (&["--grant", "access-token", "--access-token-file", "t", "--client-secret-file", "s"], "uses no"),
            (&["--grant", "access-token", "--access-token-file", "t", "--topic", "a b"], "is no topic"),
            (&["--grant", "access-token", "--access-token-file", "t", "--topic", "v2.system.x"], "by itself"),
            (&["--grant", "access-token", "--access-token-file", "t", "--journal-bodies"], "--journal"),
            (&["--grant", "implicit"], "invalid value"),
            (&["--login-url", "https://login.example", "--grant", "access-token"], "cannot be used"),
        ] {
            let error = job(arguments).unwrap_err();
            assert!(error.contains(says), "{arguments:?}: {error}");
            assert!(error.contains("Usage"), "{arguments:?}: {error}");
        }
        let many: Vec<String> = (0..=MOST_TOPICS).map(|n| format!("v2.users.{n}.presence")).collect();
        assert!(check_topics(&many).unwrap_err().contains("too many"));
    }

    #[test]
    fn no_option_takes_a_secret() {
        for argument in Arguments::command().get_arguments() {
            let name = argument.get_id().as_str();
            let secret = name.contains("secret") || name.contains("token");
            assert!(!secret || name.ends_with("_file"), "{name}");
        }
    }
}
