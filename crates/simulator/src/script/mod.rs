//! Scripts: a small TOML format for "a busy half hour", with errors that name the line and the cure.

pub(crate) mod player;
mod time;

use crate::world::catalogue;
use crate::world::conversation::{IfMissed, Medium};
use crate::world::offer::named_agent;
use serde::Deserialize;
use std::path::Path;
use time::{Draw, Time};

/// The script that ships for practice.
const PRACTICE: &str = include_str!("../../scripts/practice.toml");

/// What happens by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    name: String,
    pub(crate) starts: Starts,
    pub(crate) length: Option<Time>,
    pub(crate) defaults: Defaults,
    pub(crate) offers: Vec<ScriptOffer>,
    pub(crate) troubles: Vec<Trouble>,
}

/// A script that cannot be played.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The file could not be read.
    #[error("cannot read the script {file}: {why}. Check the path and its permissions.")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system said.
        why: String,
    },
    /// The content is wrong.
    #[error("{file}, line {line}: {what}")]
    Wrong {
        /// The file.
        file: String,
        /// Line, from 1.
        line: usize,
        /// What is wrong, and what to write instead.
        what: String,
    },
}

/// When the script's clock begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Starts {
    #[default]
    AtOnce,
    WhenHeard,
}

/// Values for offers that do not say their own.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Defaults {
    pub(crate) alerting: Option<Draw>,
    pub(crate) wrapup: Option<Draw>,
    pub(crate) patience: Option<Draw>,
    pub(crate) talks: Option<Draw>,
}

/// One line of customers.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ScriptOffer {
    pub(crate) at: Option<Draw>,
    pub(crate) every: Option<Draw>,
    pub(crate) times: Option<u32>,
    pub(crate) medium: Medium,
    pub(crate) caller: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) queue: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) direct: bool,
    pub(crate) from: Option<String>,
    pub(crate) message_type: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) auto_answer: bool,
    pub(crate) if_missed: IfMissed,
    pub(crate) alerting: Option<Draw>,
    pub(crate) wrapup: Option<Draw>,
    pub(crate) patience: Option<Draw>,
    pub(crate) talks: Option<Draw>,
}

/// What goes wrong on purpose.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trouble {
    pub(crate) at: Draw,
    pub(crate) kind: TroubleKind,
    pub(crate) seconds: Option<Time>,
    pub(crate) code: Option<u16>,
}

/// Kinds of trouble.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TroubleKind {
    Drop,
    Close,
    HalfOpen,
    DeafSpell,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default)]
    starts: Starts,
    length: Option<Time>,
    #[serde(default)]
    repeat: bool,
    #[serde(default)]
    defaults: Defaults,
    #[serde(default)]
    offer: Vec<toml::Spanned<ScriptOffer>>,
    #[serde(default)]
    trouble: Vec<toml::Spanned<Trouble>>,
}

impl Script {
    /// Reads a file.
    pub fn from_file(path: &Path) -> Result<Self, ScriptError> {
        let file = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|e| ScriptError::Unreadable { file: file.clone(), why: e.to_string() })?;
        Self::parse(&file, &text)
    }

    /// The practice script.
    pub fn practice() -> Self {
        // It ships inside the program, and a test reads it; an empty script is the worst that could come of a slip.
        Self::parse("practice.toml", PRACTICE).unwrap_or_else(|_| Self {
            name: String::new(),
            starts: Starts::AtOnce,
            length: None,
            defaults: Defaults::default(),
            offers: Vec::new(),
            troubles: Vec::new(),
        })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it holds, in a sentence.
    pub fn summary(&self) -> String {
        let offers: u32 = self.offers.iter().map(|o| o.times.unwrap_or(1).max(1)).sum();
        let again = if self.length.is_some() { ", then again" } else { "" };
        format!("\"{}\": {offers} offers and {} troubles{again}", self.name, self.troubles.len())
    }

    /// Reads a text; `file` is only for messages.
    pub fn parse(file: &str, text: &str) -> Result<Self, ScriptError> {
        let wrong = |at: usize, what: String| ScriptError::Wrong { file: file.to_owned(), line: line(text, at), what };
        let read: File = toml::from_str(text)
            .map_err(|e| wrong(e.span().map_or(0, |s| s.start), e.message().replace('\n', "; ")))?;
        if read.repeat && read.length.is_none_or(|l| l.0 < 1_000) {
            let what = "`repeat = true` needs a `length` of at least a second, such as `length = \"10:00\"`";
            return Err(wrong(text.find("repeat").unwrap_or(0), what.to_owned()));
        }
        for offer in &read.offer {
            check(offer.get_ref()).map_err(|what| wrong(offer.span().start, what))?;
        }
        for trouble in &read.trouble {
            if trouble.get_ref().kind == TroubleKind::DeafSpell && trouble.get_ref().seconds.is_none() {
                return Err(wrong(
                    trouble.span().start,
                    "a deaf-spell needs `seconds`, such as `seconds = 6`".to_owned(),
                ));
            }
        }
        Ok(Self {
            name: read.name,
            starts: read.starts,
            length: read.length.filter(|_| read.repeat),
            defaults: read.defaults,
            offers: read.offer.into_iter().map(toml::Spanned::into_inner).collect(),
            troubles: read.trouble.into_iter().map(toml::Spanned::into_inner).collect(),
        })
    }
}

fn check(offer: &ScriptOffer) -> Result<(), String> {
    if offer.at.is_none() {
        return Err("an offer needs `at`, the seconds after the script's start".to_owned());
    }
    if offer.times.is_some_and(|t| t > 1) && offer.every.is_none() {
        return Err("`times` needs `every`, the seconds between one and the next".to_owned());
    }
    if offer.times.is_some_and(|t| t > 10_000) {
        return Err("`times` can be 10000 at most".to_owned());
    }
    if let Some(queue) = &offer.queue
        && catalogue::queue(queue).is_none()
    {
        let names: Vec<_> = catalogue::QUEUES.iter().map(|q| q.name).collect();
        return Err(format!("there is no queue `{queue}`; write one of: {}", names.join(", ")));
    }
    named_agent(offer.agent.as_deref())?;
    named_agent(offer.from.as_deref())?;
    Ok(())
}

fn line(text: &str, at: usize) -> usize {
    text.get(..at.min(text.len())).unwrap_or(text).matches('\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (usize, String) {
        match Script::parse("busy.toml", text) {
            Err(ScriptError::Wrong { line, what, .. }) => (line, what),
            other => panic!("expected an error, got {other:?}"),
        }
    }

    #[test]
    fn the_practice_script_can_be_read() {
        let script = Script::parse("practice.toml", PRACTICE).expect("practice.toml is valid");
        for medium in Medium::ALL {
            assert!(script.offers.iter().any(|o| o.medium == medium), "no {medium:?}");
        }
        assert!(script.troubles.iter().any(|t| t.kind == TroubleKind::DeafSpell));
        assert!(script.length.is_some());
        assert_eq!(Script::practice(), script);
    }

    #[test]
    fn errors_name_the_line_and_the_cure() {
        let (line, what) = wrong("name = \"x\"\n\n[[offer]]\nat = 4\nqueue = \"Nowhere\"\n");
        assert_eq!(line, 3);
        assert!(what.contains("Billing"), "{what}");
        let (line, what) = wrong("name = \"x\"\n[[offer]]\nat = 4\ncolour = 1\n");
        assert_eq!(line, 4);
        assert!(what.contains("colour") && what.contains("caller"), "{what}");
        let (line, what) = wrong("name = \"x\"\n[[offer]]\nat = \"soon\"\n");
        assert_eq!(line, 3);
        assert!(what.contains("m:ss"), "{what}");
        let (line, _) = wrong("name = \"x\"\nlength = [\n");
        assert!(line >= 2);
        let (line, what) = wrong("name = \"x\"\nrepeat = true\n");
        assert_eq!(line, 2);
        assert!(what.contains("length"), "{what}");
        let (_, what) = wrong("name = \"x\"\n[[offer]]\nmedium = \"call\"\n");
        assert!(what.contains("`at`"), "{what}");
    }
}
