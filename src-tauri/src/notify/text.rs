//! Strangers' words, made fit to stand in a notification: text and nothing else, on one line, of bounded length.

/// Beyond this many marks on one letter it is no writing any more, but something that grows over the other lines.
const MARKS: usize = 3;

/// The text without what is not text (controls, invisible characters, characters that turn the direction of what follows),
/// and with no more than `most` characters.
pub(super) fn plain(text: &str, most: usize) -> String {
    let mut out = String::new();
    let mut marks = 0;
    for character in text.chars() {
        let character = if character.is_whitespace() { ' ' } else { character };
        marks = if is_mark(character) { marks + 1 } else { 0 };
        let blank = character == ' ' && (out.is_empty() || out.ends_with(' '));
        if !blank && !is_invisible(character) && marks <= MARKS {
            out.push(character);
        }
    }
    let out = out.trim_end();
    if out.chars().count() <= most {
        return out.to_owned();
    }
    let mut cut: String = out.chars().take(most.saturating_sub(1)).collect();
    cut.truncate(cut.trim_end().len());
    cut.push('…');
    cut
}

/// For servers that read markup in the body: nothing in the text is any.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

/// Controls, and what is drawn as nothing or turns the writing direction.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// Marks that are drawn onto the letter before them.
fn is_mark(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_text_is_cut() {
        let table = [
            ("Maria Keller", "Maria Keller"),
            ("  Maria\n\tKeller \r\n", "Maria Keller"),
            ("Mar\u{0}ia\u{1b}[31m", "Maria[31m"),
            // Would show as "Support" with the rest turned round.
            ("\u{202e}troppuS\u{202c}", "troppuS"),
            ("a\u{2066}b\u{2069}\u{200f}c\u{feff}", "abc"),
            ("Zoë Łukasz 王 עדה", "Zoë Łukasz 王 עדה"),
            ("👩\u{1f3fd}‍💻", "👩\u{1f3fd}💻"),
            ("e\u{301}t\u{301}\u{302}\u{303}\u{304}\u{305}!", "e\u{301}t\u{301}\u{302}\u{303}!"),
            ("\u{200b}\u{202e}", ""),
        ];
        for (text, wanted) in table {
            assert_eq!(plain(text, 80), wanted, "{text:?}");
        }
    }

    #[test]
    fn length_is_counted_in_characters_and_said_to_be_cut() {
        assert_eq!(plain("áéíóú", 5), "áéíóú");
        assert_eq!(plain("áéíóú", 4), "áéí…");
        assert_eq!(plain("one two three", 5), "one…");
        assert_eq!(plain(&"x".repeat(1_000_000), 80).chars().count(), 80);
    }

    #[test]
    fn no_markup_is_left() {
        assert_eq!(escaped("<b>Bob</b> & \"co\" 'x'"), "&lt;b&gt;Bob&lt;/b&gt; &amp; &quot;co&quot; &#39;x&#39;");
    }
}
