//! From a few random bytes to a hostile input: a text of the corpus, damaged. Damage is done to the JSON first, so that it
//! reaches the readers behind the syntax, and then to the bytes.

use serde_json::{Value, json};

/// The random bytes, read one after the other; zero when they are used up.
pub(crate) struct Program<'a> {
    bytes: &'a [u8],
}

impl<'a> Program<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(crate) fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.bytes.split_first() else { return 0 };
        self.bytes = rest;
        *first
    }

    /// A number below `end`, which is at least 1.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        (usize::from(self.byte()) << 8 | usize::from(self.byte())) % end.max(1)
    }

    pub(crate) fn pick<'b, T>(&mut self, of: &'b [T]) -> &'b T {
        &of[self.below(of.len())]
    }

    /// All that is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }
}

/// One text of the corpus, damaged; seldom not at all, and seldom nothing but the random bytes themselves.
pub(crate) fn text(program: &mut Program<'_>, corpus: &[Vec<u8>]) -> Vec<u8> {
    let how = program.byte();
    if how < 8 {
        return program.rest().to_vec();
    }
    let mut text = program.pick(corpus).clone();
    let times = usize::from(how) % 6;
    if let Ok(mut value) = serde_json::from_slice::<Value>(&text) {
        for _ in 0..times {
            damage_value(program, &mut value, corpus);
        }
        text = value.to_string().into_bytes();
    }
    // Most stay well-formed: what is not is soon rejected.
    if program.byte() < 80 {
        for _ in 0..=program.below(3) {
            damage_bytes(program, &mut text, corpus);
        }
    }
    text
}

/// Goes down to some place in `value` and puts something else there.
fn damage_value(program: &mut Program<'_>, value: &mut Value, corpus: &[Vec<u8>]) {
    if program.byte() < 50 {
        return damage_here(program, value, corpus);
    }
    match value {
        Value::Array(list) if !list.is_empty() => {
            let at = program.below(list.len());
            damage_value(program, &mut list[at], corpus);
        }
        Value::Object(fields) if !fields.is_empty() => {
            let at = program.below(fields.len());
            if let Some((_, field)) = fields.iter_mut().nth(at) {
                damage_value(program, field, corpus);
            }
        }
        _ => damage_here(program, value, corpus),
    }
}

fn damage_here(program: &mut Program<'_>, place: &mut Value, corpus: &[Vec<u8>]) {
    match (program.below(7), &mut *place) {
        (0, Value::Array(list)) if !list.is_empty() => {
            let again = program.pick(list).clone();
            let times = 1 << program.below(9);
            list.extend(std::iter::repeat_n(again, times));
        }
        (1, Value::Object(fields)) if !fields.is_empty() => {
            let at = program.below(fields.len());
            let Some(name) = fields.keys().nth(at).cloned() else { return };
            let field = fields.remove(&name);
            let new = match program.below(3) {
                0 => return,
                1 => name.to_uppercase(),
                _ => format!("{name}\u{0}"),
            };
            fields.insert(new, field.unwrap_or_default());
        }
        (2, _) => {
            let other = program.pick(corpus);
            *place = serde_json::from_slice(other).unwrap_or_default();
        }
        (3, _) => {
            let deep = program.below(300);
            let (open, close) = if program.byte() < 128 { ("[", "]") } else { ("{\"id\":", "}") };
            let nested = format!("{}1{}", open.repeat(deep), close.repeat(deep));
            *place = serde_json::from_str(&nested).unwrap_or_default();
        }
        (4, Value::String(word)) => *word = word.repeat(1 << program.below(10)),
        _ => *place = scalar(program),
    }
}

fn scalar(program: &mut Program<'_>) -> Value {
    match program.below(16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(u64::MAX),
        4 => json!(i64::MIN),
        5 => json!(1e308),
        6 => json!(-0.0),
        7 => json!(""),
        8 => json!([]),
        9 => json!({}),
        10 => json!("\u{0}\u{202e}\u{1f9d1}"),
        11 => json!("9999-12-31T23:59:59.999999999Z"),
        12 => json!("-009999-01-01T00:00:00Z"),
        13 => json!(super::CANARY),
        14 => json!("disconnected"),
        _ => json!("alerting"),
    }
}

fn damage_bytes(program: &mut Program<'_>, text: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let at = program.below(text.len() + 1);
    match program.below(6) {
        0 => text.truncate(at),
        1 => {
            let byte = program.byte();
            if let Some(place) = text.get_mut(at) {
                *place = byte;
            }
        }
        2 => text.insert(at, program.byte()),
        3 => {
            let until = (at + program.below(64)).min(text.len());
            text.drain(at..until);
        }
        4 => {
            let other = program.pick(corpus);
            let from = program.below(other.len() + 1);
            text.truncate(at);
            text.extend_from_slice(&other[from..]);
        }
        _ => {
            let until = (at + program.below(64)).min(text.len());
            let again = text[at..until].to_vec();
            for _ in 0..program.below(64) {
                text.splice(at..at, again.iter().copied());
            }
        }
    }
}
