//! Frames that are not what they should be. Guarantee 10 throws them at the machine.

use earshot_genesys::transport::Frame;

use crate::centre::{AGENT, Centre};
use crate::chance::Chance;
use crate::steps::Junk;

/// Pieces of what Genesys says, to build nonsense from.
const PIECES: [&str; 24] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "null",
    "-0",
    "1e999",
    "\"topicName\"",
    "\"eventBody\"",
    "\"id\"",
    "\"participants\"",
    "\"calls\"",
    "\"state\"",
    "\"alerting\"",
    "\"userId\"",
    "\"ada\"",
    "\"v2.users.ada.conversations\"",
    "\"v2.system.token_revoked\"x",
    "\u{0}",
    "\u{1F980}",
];

/// The frame.
pub fn frame(junk: Junk, centre: &Centre) -> Frame {
    match junk {
        Junk::Bytes(seed) => {
            let mut chance = Chance::new(seed);
            let length = chance.below(200);
            let bytes: Vec<u8> = (0..length).map(|_| chance.next().to_le_bytes()[0]).collect();
            Frame::Binary(bytes.into())
        }
        Junk::Text(seed) => {
            let mut chance = Chance::new(seed);
            let pieces = chance.below(40);
            let piece = |_| PIECES[usize::try_from(chance.below(PIECES.len() as u64)).unwrap_or(0)];
            Frame::Text((0..pieces).map(piece).collect())
        }
        Junk::Bent(seed) => {
            let body = if centre.conversations.is_empty() { centre.me() } else { centre.body(0, false) };
            // Somebody else's: a changed id in one of the agent's own would be an offer that nobody can tell from a real one.
            Frame::Text(bent(&event(&body.replace(AGENT, "eve")), seed))
        }
        Junk::Unknown => {
            Frame::Text(r#"{"topicName":"v2.users.ada.tomorrow","eventBody":{"a":[1,{"b":null}]}}"#.into())
        }
        Junk::InBand(result) => Frame::Text(format!(r#"{{"result":{result},"message":"x"}}"#)),
    }
}

/// An event of the agent's conversations.
pub fn event(body: &str) -> String {
    format!(r#"{{"topicName":"v2.users.{AGENT}.conversations","version":"2","eventBody":{body}}}"#)
}

/// The same text with one to three bytes changed, removed, or all after them cut off.
pub fn bent(text: &str, seed: u64) -> String {
    let mut chance = Chance::new(seed);
    let mut text = text.as_bytes().to_vec();
    for _ in 0..=chance.below(3) {
        let place = usize::try_from(chance.below(text.len() as u64)).unwrap_or(0);
        match chance.below(3) {
            _ if text.is_empty() => break,
            0 => text[place] = chance.next().to_le_bytes()[0],
            1 => text.truncate(place),
            _ => {
                text.remove(place);
            }
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}
