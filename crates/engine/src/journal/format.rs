//! One record as it stands in the file, and its hash. For the writer, and for whoever checks it.

use sha2::{Digest as _, Sha256};

use crate::snapshot::Millis;

/// Version of the hashed form: the byte after [`DOMAIN`], and SQLite's `user_version`.
pub(super) const VERSION: u8 = 1;
/// SQLite's `application_id`: "Ears".
pub(super) const APPLICATION: i32 = 0x4561_7273;
/// What the hashed bytes begin with, so that they cannot be mistaken for anything else's.
const DOMAIN: &[u8] = b"earshot-journal\0";

/// SHA-256.
pub(super) type Hash = [u8; 32];

/// One row of the table `record`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) seq: u64,
    pub(super) at: Millis,
    /// Milliseconds from handing it over to writing it, where that took longer than the engine waits; else 0.
    pub(super) late: u32,
    pub(super) kind: String,
    pub(super) payload: String,
    pub(super) previous: Hash,
    pub(super) hash: Hash,
}

impl Row {
    /// The hash that the other fields should have.
    pub(super) fn expected(&self) -> Hash {
        hash(self.seq, self.at, self.late, &self.kind, &self.payload, &self.previous)
    }
}

/// The hash of a record, as the head of this room describes it.
pub(super) fn hash(seq: u64, at: Millis, late: u32, kind: &str, payload: &str, previous: &Hash) -> Hash {
    let mut digest = Sha256::new();
    digest.update(DOMAIN);
    digest.update([VERSION]);
    digest.update(seq.to_be_bytes());
    digest.update(at.to_be_bytes());
    digest.update(late.to_be_bytes());
    for text in [kind, payload] {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text.as_bytes());
    }
    digest.update(previous);
    digest.finalize().into()
}

/// A hash in small hexadecimal letters.
pub(super) fn hex(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::with_capacity(hash.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// SHA-256 of a body, in letters.
pub(super) fn digest(body: &[u8]) -> String {
    hex(&Sha256::digest(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_what_the_head_of_this_room_says() {
        // Made with: printf 'earshot-journal\0\x01' …  | sha256sum, field by field as documented.
        let mut bytes = b"earshot-journal\0\x01".to_vec();
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 7]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 9]);
        bytes.extend([0, 0, 0, 3]);
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 4]);
        bytes.extend(b"link");
        bytes.extend([0, 0, 0, 0, 0, 0, 0, 2]);
        bytes.extend(b"{}");
        bytes.extend([5; 32]);
        assert_eq!(hex(&hash(7, 9, 3, "link", "{}", &[5; 32])), digest(&bytes));
    }
}
