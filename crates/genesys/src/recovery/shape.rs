//! The shape of an event's part, as an allow-list of fields, and the conversion of a REST answer into it. For recovery.

use serde_json::{Map, Value, json};

/// Which fields an event has, and of which type. What an allow-list lacks is dropped; so is a field of another type.
pub(super) struct Shape {
    /// A shape whose fields this one has too.
    pub(super) base: Option<&'static Shape>,
    /// Names of texts and instants, between spaces.
    pub(super) text: &'static str,
    /// Names of numbers.
    pub(super) number: &'static str,
    /// Names of flags.
    pub(super) flag: &'static str,
    /// Names of lists of texts.
    pub(super) texts: &'static str,
    /// Names of objects with names of anybody's choice, and texts.
    pub(super) dictionaries: &'static str,
    /// Objects.
    pub(super) objects: &'static [(&'static str, &'static Shape)],
    /// Lists of objects.
    pub(super) lists: &'static [(&'static str, &'static Shape)],
    /// Fields that REST spells in another way.
    pub(super) special: &'static [(&'static str, How)],
}

/// How a field is made that REST spells in another way. The name is that of REST.
pub(super) enum How {
    /// A word: capitals there, small letters here.
    Lower(&'static str),
    /// A system presence: `OnQueue` there, `ON_QUEUE` here.
    SystemPresence(&'static str),
    /// A reason for an end: REST spells two of them out.
    DisconnectType(&'static str),
    /// A text of another name.
    Text(&'static str),
    /// A number of another name.
    Number(&'static str),
    /// An object with an id there, the id alone here.
    IdOf(&'static str),
    /// An id there, an object with it here.
    ReferenceTo(&'static str),
}

/// Whether a value is of the type that the event has, once what does not belong is taken out of it.
type Fits = fn(&mut Value) -> bool;

/// The reason for an end, which every leg has.
pub(super) const DISCONNECT_TYPE: (&str, How) = ("disconnectType", How::DisconnectType("disconnectType"));

impl Shape {
    /// No field at all.
    pub(super) const NONE: Self = Self {
        base: None,
        text: "",
        number: "",
        flag: "",
        texts: "",
        dictionaries: "",
        objects: &[],
        lists: &[],
        special: &[],
    };

    /// Nothing but texts.
    pub(super) const fn text(names: &'static str) -> Self {
        Self { text: names, ..Self::NONE }
    }

    /// What of `rest` the event has. Takes the values out of it.
    pub(super) fn of(&self, mut rest: Map<String, Value>) -> Map<String, Value> {
        let mut event = Map::new();
        self.move_fields(&mut rest, &mut event);
        event
    }

    fn move_fields(&self, rest: &mut Map<String, Value>, event: &mut Map<String, Value>) {
        if let Some(base) = self.base {
            base.move_fields(rest, event);
        }
        let kinds: [(&str, Fits); 5] = [
            (self.text, |value| value.is_string()),
            (self.number, |value| value.is_number()),
            (self.flag, |value| value.is_boolean()),
            (self.texts, only_texts),
            (self.dictionaries, only_entries_of_text),
        ];
        for (names, fits) in kinds {
            for name in names.split_ascii_whitespace() {
                if let Some(mut value) = rest.remove(name).filter(|value| !value.is_null())
                    && fits(&mut value)
                {
                    event.insert(name.to_owned(), value);
                }
            }
        }
        for (name, shape) in self.objects {
            if let Some(Value::Object(part)) = rest.remove(*name) {
                let empty = part.is_empty();
                let part = shape.of(part);
                // An object of which nothing is left would say something that the event would not have said.
                if empty || !part.is_empty() {
                    event.insert((*name).to_owned(), part.into());
                }
            }
        }
        for (name, shape) in self.lists {
            if let Some(Value::Array(parts)) = rest.remove(*name) {
                let parts = parts.into_iter().filter_map(|part| match part {
                    Value::Object(part) => Some(Value::Object(shape.of(part))),
                    _ => None,
                });
                event.insert((*name).to_owned(), parts.collect());
            }
        }
        for (name, how) in self.special {
            if let Some(value) = how.make(rest) {
                event.insert((*name).to_owned(), value);
            }
        }
    }
}

impl How {
    fn make(&self, rest: &mut Map<String, Value>) -> Option<Value> {
        match *self {
            Self::Lower(name) => text(rest, name).map(|word| word.to_ascii_lowercase().into()),
            Self::SystemPresence(name) => text(rest, name).map(|word| event_system_presence(&word).into()),
            Self::DisconnectType(name) => text(rest, name).map(|word| match word.as_str() {
                "endpoint.donotdisturb" => "endpoint.dnd".into(),
                "transfer.donotdisturb" => "transfer.dnd".into(),
                _ => word.into(),
            }),
            Self::Text(name) => text(rest, name).map(Value::String),
            Self::Number(name) => rest.remove(name).filter(Value::is_number),
            Self::IdOf(name) => match rest.remove(name)? {
                Value::Object(mut object) => text(&mut object, "id").map(Value::String),
                _ => None,
            },
            Self::ReferenceTo(name) => text(rest, name).map(|id| json!({ "id": id })),
        }
    }
}

fn text(rest: &mut Map<String, Value>, name: &str) -> Option<String> {
    match rest.remove(name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn only_texts(value: &mut Value) -> bool {
    let Value::Array(list) = value else { return false };
    list.retain(Value::is_string);
    true
}

fn only_entries_of_text(value: &mut Value) -> bool {
    let Value::Object(entries) = value else { return false };
    entries.retain(|_, entry| entry.is_string());
    true
}

/// A system presence as events spell it: `OnQueue` becomes `ON_QUEUE`, `Available` `AVAILABLE`.
pub(super) fn event_system_presence(word: &str) -> String {
    let mut spelled = String::with_capacity(word.len() + 2);
    let mut after_small = false;
    for letter in word.chars() {
        if letter.is_ascii_uppercase() && after_small {
            spelled.push('_');
        }
        after_small = letter.is_ascii_lowercase();
        spelled.push(letter.to_ascii_uppercase());
    }
    spelled
}
