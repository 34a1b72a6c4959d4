//! A bound on how many objects one text may hold. For whoever reads something from the network.

/// Objects in one frame or answer. Busy conversations have some hundreds, a list of a hundred of them some ten thousand.
/// An object of three bytes becomes one of a kilobyte in memory, so the size of the text alone bounds nothing.
pub(crate) const MOST_OBJECTS: usize = 200_000;

/// Whether there are more objects in `json` than anybody honest sends. Braces in texts count too: it errs by few.
pub(crate) fn overcrowded(json: &[u8]) -> bool {
    // A shorter text has no room for them, and most are shorter.
    json.len() > MOST_OBJECTS && json.iter().filter(|byte| **byte == b'{').nth(MOST_OBJECTS).is_some()
}
