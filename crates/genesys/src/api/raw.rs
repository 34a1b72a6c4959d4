//! Answers kept as Genesys sent them, beside what was understood of them. For recovery: what a missed event would have
//! said is made from these, and must not lose a field only because no type of this crate knows it.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A value, and the JSON it was read from. Its `Debug` shows neither: both may hold customer data.
#[derive(Clone)]
pub struct Unabridged<T> {
    /// As understood.
    pub value: T,
    /// As sent.
    pub raw: Arc<RawValue>,
}

impl<T> fmt::Debug for Unabridged<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unabridged({} bytes)", self.raw.get().len())
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Unabridged<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        // The words of the library could quote the text.
        let value = serde_json::from_str(raw.get()).map_err(|_| D::Error::custom("another shape than expected"))?;
        Ok(Self { value, raw: raw.into() })
    }
}

/// A list as Genesys wraps it, each entry kept as sent. As forgiving as the listing of the typed calls: `entities` must
/// be there, and what in it is no object is left out.
#[derive(Deserialize)]
pub(super) struct RawListing<T: DeserializeOwned> {
    #[serde(deserialize_with = "entries")]
    pub(super) entities: Vec<Unabridged<T>>,
}

fn entries<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<Unabridged<T>>, D::Error> {
    let whole = Box::<RawValue>::deserialize(deserializer)?;
    let entries: Vec<Box<RawValue>> = serde_json::from_str(whole.get()).unwrap_or_default();
    let objects = entries.into_iter().filter(|entry| entry.get().starts_with('{'));
    objects
        .map(|raw| serde_json::from_str(raw.get()).map_err(|_| D::Error::custom("an entry of another shape")))
        .collect()
}
