//! S2: placeholder.
