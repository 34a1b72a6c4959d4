//! The exit codes, as the manual page lists them.

/// Ended as asked: by a signal, or because nobody reads any more.
pub const OK: u8 = 0;
/// A journal that was asked about is not what was written.
pub const NOT_SOUND: u8 = 1;
/// Something that was checked does not work.
pub const NOT_WELL: u8 = 1;
/// Signing in is impossible.
pub const SIGN_IN: u8 = 2;
/// The arguments make no sense (`EX_USAGE`).
pub const USAGE: u8 = 64;
/// A file that was asked about cannot be read (`EX_NOINPUT`).
pub const NO_INPUT: u8 = 66;
/// This computer does not let us work (`EX_OSERR`).
pub const SYSTEM: u8 = 71;
/// The journal cannot be kept (`EX_CANTCREAT`).
pub const JOURNAL: u8 = 73;
