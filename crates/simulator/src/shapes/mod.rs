//! How Genesys writes things down: conversations in the generic and the media form, for events and for REST; users.

pub(crate) mod analytics;
pub(crate) mod generic;
pub(crate) mod leg;
pub(crate) mod media;
pub(crate) mod summary;
pub(crate) mod users;

use serde_json::{Map, Value};

/// Builds a JSON object; absent values leave no trace, as in Genesys' answers.
#[derive(Debug, Default)]
pub(crate) struct Obj(Map<String, Value>);

impl Obj {
    /// An empty one.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A value that is always there.
    pub(crate) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// A value that may be absent.
    pub(crate) fn opt(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    /// Everything of another one too.
    pub(crate) fn with(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Done.
    pub(crate) fn json(self) -> Value {
        Value::Object(self.0)
    }
}

impl From<Obj> for Value {
    fn from(obj: Obj) -> Self {
        obj.json()
    }
}

/// Who reads it: the socket or REST. The two differ in names, dates and references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Event,
    Rest,
}
