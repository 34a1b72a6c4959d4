//! Sign-in: clients, codes, tokens. The pages and the token endpoint are in the modules below.

pub(crate) mod authorize;
pub(crate) mod pkce;
pub(crate) mod token;

use crate::channels::TokenEnd;
use crate::clock::Ms;
use crate::ids::Words;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::{BTreeSet, HashMap};
use subtle::ConstantTimeEq as _;

/// OAuth client for desktop apps: PKCE, no secret.
pub const PUBLIC_CLIENT_ID: &str = "0a7b1c52-5d7e-4c1a-9a55-ea25b0700001";
/// OAuth client with a secret: authorization code, refresh tokens.
pub const CONFIDENTIAL_CLIENT_ID: &str = "0a7b1c52-5d7e-4c1a-9a55-ea25b0700002";
/// Both are valid, so that one can be rotated.
pub const CONFIDENTIAL_SECRETS: [&str; 2] = ["first-simulator-secret", "second-simulator-secret"];
/// OAuth client for client credentials: no user.
pub const SERVICE_CLIENT_ID: &str = "0a7b1c52-5d7e-4c1a-9a55-ea25b0700003";
/// Both are valid, so that one can be rotated.
pub const SERVICE_SECRETS: [&str; 2] = ["first-service-secret", "second-service-secret"];

/// What the clients are registered with.
pub(crate) const REDIRECT_URIS: [&str; 3] =
    ["http://localhost:8085/callback", "http://localhost:8086/callback", "http://localhost:8087/callback"];

const SCOPES: &[&str] =
    &["conversations", "notifications", "organization:readonly", "presence", "routing", "stations", "users"];

/// What a client may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Public,
    Confidential,
    Service,
}

/// A registered client.
#[derive(Debug)]
pub(crate) struct Client {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    pub(crate) secrets: &'static [&'static str],
}

pub(crate) const CLIENTS: [Client; 3] = [
    Client { id: PUBLIC_CLIENT_ID, name: "Earshot", kind: Kind::Public, secrets: &[] },
    Client {
        id: CONFIDENTIAL_CLIENT_ID,
        name: "Earshot (confidential)",
        kind: Kind::Confidential,
        secrets: &CONFIDENTIAL_SECRETS,
    },
    Client { id: SERVICE_CLIENT_ID, name: "Wallboard", kind: Kind::Service, secrets: &SERVICE_SECRETS },
];

/// The client with this id or of this kind: `confidential`, `service`.
pub(crate) fn client_by_word(word: &str) -> Option<&'static Client> {
    let kind = |c: &&Client| match c.kind {
        Kind::Public => word == "public",
        Kind::Confidential => word == "confidential",
        Kind::Service => word == "service",
    };
    client(word).or_else(|| CLIENTS.iter().find(kind))
}

/// The client with this id.
pub(crate) fn client(id: &str) -> Option<&'static Client> {
    CLIENTS.iter().find(|c| c.id == id)
}

/// An authorization code on its way.
#[derive(Debug)]
pub(crate) struct Code {
    pub(crate) client: &'static Client,
    pub(crate) user: usize,
    pub(crate) redirect_uri: String,
    pub(crate) challenge: Option<String>,
    pub(crate) expires: Ms,
}

/// An access token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) serial: u64,
    pub(crate) client: &'static Client,
    pub(crate) user: Option<usize>,
    pub(crate) expires: Ms,
    pub(crate) last_used: Ms,
    /// It ends so much before the time that was promised.
    early: Ms,
}

#[derive(Debug, Clone)]
struct Refresh {
    client: &'static Client,
    user: usize,
}

/// The rules that options set.
#[derive(Debug, Clone)]
pub(crate) struct OauthRules {
    pub(crate) lifetime: Ms,
    pub(crate) idle: Option<Ms>,
    pub(crate) refresh_for_pkce: bool,
    pub(crate) rotate: bool,
    pub(crate) auto_consent: bool,
    pub(crate) consent_user: usize,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) early: Option<Early>,
}

/// Tokens that end before their time, and how.
#[derive(Debug, Clone)]
pub(crate) struct Early {
    pub(crate) by: Ms,
    /// Each so-manieth token.
    pub(crate) every: u64,
    /// What happens to the channels of a token that ends, early or not.
    pub(crate) how: TokenEnd,
}

/// Tokens whose time was over, and those nobody used.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) old: Vec<u64>,
    pub(crate) idle: Vec<u64>,
}

/// Codes and tokens. It prints no secret: only counts reach the report.
pub(crate) struct Oauth {
    pub(crate) rules: OauthRules,
    pub(crate) scopes: BTreeSet<String>,
    codes: HashMap<String, Code>,
    tokens: HashMap<String, Token>,
    refreshes: HashMap<String, Refresh>,
    serial: u64,
    words: Words,
    secrets: HashMap<&'static str, Vec<SecretString>>,
    pub(crate) refreshed: u64,
    pub(crate) revoked: u64,
}

/// What the token endpoint answers with.
pub(crate) struct Issued {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    pub(crate) expires_in: i64,
}

impl Oauth {
    pub(crate) fn new(rules: OauthRules, seed: Option<u64>) -> Self {
        let secrets = |c: &Client| c.secrets.iter().map(|s| SecretString::from(*s)).collect();
        Self {
            rules,
            scopes: SCOPES.iter().map(|s| (*s).to_owned()).collect(),
            codes: HashMap::new(),
            tokens: HashMap::new(),
            refreshes: HashMap::new(),
            serial: 0,
            words: Words::new(seed, 0x6f61_7574),
            secrets: CLIENTS.iter().map(|c| (c.id, secrets(c))).collect(),
            refreshed: 0,
            revoked: 0,
        }
    }

    /// A code that is good for a minute and once.
    pub(crate) fn issue_code(&mut self, code: Code) -> String {
        let word = self.words.next();
        self.codes.insert(word.clone(), code);
        word
    }

    /// Takes a code; it cannot be used again.
    pub(crate) fn take_code(&mut self, now: Ms, word: &str) -> Option<Code> {
        self.codes.remove(word).filter(|c| c.expires > now)
    }

    /// New tokens.
    pub(crate) fn issue(&mut self, now: Ms, client: &'static Client, user: Option<usize>) -> Issued {
        self.serial += 1;
        let access = self.words.next();
        let early = (self.rules.early.as_ref()).filter(|e| self.serial.is_multiple_of(e.every)).map_or(0, |e| e.by);
        let expires = now + self.rules.lifetime;
        let token = Token { serial: self.serial, client, user, expires, last_used: now, early };
        self.tokens.insert(access.clone(), token);
        let wants = match client.kind {
            Kind::Public => self.rules.refresh_for_pkce,
            Kind::Confidential => true,
            Kind::Service => false,
        };
        let refresh = user.filter(|_| wants).map(|user| {
            let word = self.words.next();
            self.refreshes.insert(word.clone(), Refresh { client, user });
            word
        });
        Issued { access, refresh, expires_in: self.rules.lifetime / 1000 }
    }

    /// Renews; the old refresh token dies if they rotate, and comes back unchanged if not.
    pub(crate) fn refresh(&mut self, now: Ms, client: &'static Client, word: &str) -> Option<Issued> {
        let refresh = self.refreshes.get(word).filter(|r| r.client.id == client.id)?.clone();
        let mut issued = self.issue(now, client, Some(refresh.user));
        self.refreshed += 1;
        if let Some(new) = issued.refresh.take() {
            if self.rules.rotate {
                self.refreshes.remove(word);
                issued.refresh = Some(new);
            } else {
                self.refreshes.remove(&new);
                issued.refresh = Some(word.to_owned());
            }
        }
        Some(issued)
    }

    /// The live token behind a word; using it resets its idle clock.
    pub(crate) fn check(&mut self, now: Ms, word: &str) -> Option<Token> {
        let idle = self.rules.idle;
        let token = self.tokens.get_mut(word)?;
        if token.ends(idle) <= now {
            return None;
        }
        token.last_used = now;
        Some(token.clone())
    }

    /// Whose token this is, without using it.
    pub(crate) fn owner(&self, word: &str) -> Option<usize> {
        self.tokens.get(word).and_then(|t| t.user)
    }

    /// Tokens whose time is over; each is reported once.
    pub(crate) fn take_ended(&mut self, now: Ms) -> Ended {
        let idle = self.rules.idle;
        let mut ended = Ended::default();
        self.tokens.retain(|_, token| {
            let end = token.ends(idle);
            if end <= now {
                let list = if end < token.expires - token.early { &mut ended.idle } else { &mut ended.old };
                list.push(token.serial);
            }
            end > now
        });
        // The map has no order; what happens must have one.
        ended.old.sort_unstable();
        ended.idle.sort_unstable();
        ended
    }

    /// Is this one of the client's secrets?
    pub(crate) fn knows_secret(&self, client: &Client, secret: &str) -> bool {
        let known = self.secrets.get(client.id).map(Vec::as_slice).unwrap_or_default();
        known.iter().any(|s| s.expose_secret().as_bytes().ct_eq(secret.as_bytes()).into())
    }

    /// Rotates a client's secrets; tokens that were issued with the old ones live on.
    pub(crate) fn set_secrets(&mut self, client: &'static Client, secrets: Vec<SecretString>) {
        self.secrets.insert(client.id, secrets);
    }

    /// The live token behind a word, without using it.
    pub(crate) fn peek(&self, now: Ms, word: &str) -> Option<&Token> {
        self.tokens.get(word).filter(|token| token.ends(self.rules.idle) > now)
    }

    /// When the next token ends.
    pub(crate) fn next_due(&self) -> Option<Ms> {
        self.tokens.values().map(|t| t.ends(self.rules.idle)).min()
    }

    /// Ends access tokens now.
    pub(crate) fn expire(&mut self, whose: Option<usize>) -> Vec<u64> {
        let mut ended = Vec::new();
        self.tokens.retain(|_, token| {
            let hit = whose.is_none() || token.user == whose;
            if hit {
                ended.push(token.serial);
            }
            !hit
        });
        ended.sort_unstable();
        ended
    }

    /// Ends access and refresh tokens.
    pub(crate) fn revoke(&mut self, whose: Option<usize>) -> Vec<u64> {
        self.refreshes.retain(|_, r| whose.is_some_and(|w| r.user != w));
        let ended = self.expire(whose);
        self.revoked += ended.len() as u64;
        ended
    }

    /// Ends one token and the refresh tokens of its user and client, as signing out does.
    pub(crate) fn sign_out(&mut self, serial: u64) {
        let Some(token) = self.tokens.values().find(|t| t.serial == serial).cloned() else { return };
        self.tokens.retain(|_, t| t.serial != serial);
        self.refreshes.retain(|_, r| !(r.client.id == token.client.id && Some(r.user) == token.user));
        self.revoked += 1;
    }

    /// Is one of these registered?
    pub(crate) fn redirect_registered(&self, uri: &str) -> bool {
        REDIRECT_URIS.contains(&uri) || self.rules.redirect_uris.iter().any(|u| u == uri)
    }

    /// For the report.
    pub(crate) fn counts(&self) -> (usize, u64) {
        (self.tokens.len(), self.serial)
    }
}

impl Token {
    /// When it ends, by age or by idleness.
    pub(crate) fn ends(&self, idle: Option<Ms>) -> Ms {
        let old = self.expires - self.early;
        idle.map_or(old, |idle| old.min(self.last_used + idle))
    }
}

impl std::fmt::Debug for Oauth {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Oauth").field("live_tokens", &self.tokens.len()).finish_non_exhaustive()
    }
}
